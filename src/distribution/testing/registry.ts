/** A registry on a free port, and a client of it. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";

import { type Descriptor, mediaTypes } from "../../reference/descriptor.ts";
import { digestOf } from "../../reference/digest.ts";
import { createMemoryCollection } from "../../store/memory.ts";
import type { RepositoryCollection } from "../../store/store.ts";
import type { RegistryOptions } from "../exchange.ts";
import { createRegistryHandler } from "../handler.ts";
import { createClient, type TestClient } from "./client.ts";

export type { TestAnswer } from "./client.ts";

export interface TestRegistry extends Pick<TestClient, "request"> {
  readonly port: number;
  readonly collection: RepositoryCollection;
  /** Waits until nobody is connected. */
  idle(): Promise<void>;
  /** Pushes a blob and gives its descriptor. */
  pushBlob(name: string, content: string | Uint8Array): Promise<Descriptor>;
  /** Pushes an image without layers, made different by `label`, and gives its digest. */
  pushImage(name: string, reference: string, label?: string): Promise<string>;
}

/** Ends with the test. */
export async function startTestRegistry(
  context: TestContext,
  options: RegistryOptions & { collection?: RepositoryCollection } = {},
): Promise<TestRegistry> {
  const { collection = createMemoryCollection() } = options;
  const handler = createRegistryHandler(collection, options);
  const server = createServer(handler).on("checkContinue", handler);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  context.after(async () => {
    client.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await collection.close();
  });
  const { port } = server.address() as AddressInfo;
  const client = createClient(port);
  const { request } = client;
  let connected = 0;
  let onIdle = () => {};
  server.on("connection", (socket) => {
    connected += 1;
    socket.once("close", () => {
      connected -= 1;
      if (connected === 0) onIdle();
    });
  });

  const registry: TestRegistry = {
    port,
    collection,
    request,
    idle: () => new Promise((resolve) => (onIdle = resolve)),
    async pushBlob(name, content) {
      const bytes = Buffer.from(content);
      const digest = digestOf(bytes);
      const answer = await request("POST", `/v2/${name}/blobs/uploads/?digest=${digest}`, {
        body: bytes,
      });
      assert.equal(answer.status, 201, answer.body.toString());
      return { mediaType: "application/octet-stream", digest, size: bytes.byteLength };
    },
    async pushImage(name, reference, label = "") {
      const config = await registry.pushBlob(name, "{}");
      const answer = await request("PUT", `/v2/${name}/manifests/${reference}`, {
        headers: { "content-type": mediaTypes.ociManifest },
        body: imageManifest({ config, annotations: { label } }),
      });
      assert.equal(answer.status, 201, answer.body.toString());
      return answer.headers["docker-content-digest"] as string;
    },
  };
  return registry;
}

/** The bytes of an image manifest; `fields` replace or add. */
export function imageManifest(fields: object): string {
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    layers: [],
    ...fields,
  });
}
