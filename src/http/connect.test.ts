import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { networkInterfaces } from "node:os";
import { test } from "node:test";
import { createHttpClient } from "./client.ts";

const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
const hasIpv6 = addresses.some(({ address }) => address === "::1");

for (const address of hasIpv6 ? ["127.0.0.1", "::1"] : ["127.0.0.1"])
  test(`localhost is found where it listens at ${address} only`, async () => {
    const server = createServer((_request, response) => response.end("here"));
    await new Promise<void>((resolve) => server.listen(0, address, resolve));
    const http = createHttpClient({ environment: {} });
    try {
      const { port } = server.address() as AddressInfo;
      for (const host of ["localhost", "registry.localhost"]) {
        const url = new URL(`http://${host}:${port}/`);
        const answer = await http.request({ method: "GET", url });
        assert.equal(answer.status, 200);
        await answer.discard();
      }
    } finally {
      await http.close();
      server.close();
    }
  });
