/** Every operation of the catalogue, called: what it sends and what it gives. */
import assert from "node:assert/strict";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, test } from "node:test";

import * as catalogue from "../../src/hub/catalogue.ts";
import { createHub, type Hub } from "../../src/hub/client/hub.ts";
import { entries } from "../../src/operation.ts";
import type { Fixture } from "./fixture.ts";
import { allFixtures } from "./fixtures/index.ts";

interface Arrived {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

describe("every operation", () => {
  let current: Fixture["answer"] = { status: 500 };
  let arrived: Arrived[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method = "", url: path = "", headers } = request;
    const asksForToken = arrived.length === 0 && path.startsWith("/token?");
    if (!asksForToken || current.body !== undefined)
      arrived.push({ method, path, headers, body: Buffer.concat(chunks) });
    // The pull limit is asked with a token of its own.
    const {
      status,
      body,
      headers: fields = {},
    } = asksForToken ? { status: 200, body: current.body ?? { token: "t" } } : current;
    const bytes = Buffer.isBuffer(body) || typeof body === "string";
    response.writeHead(status, {
      ...(body !== undefined && !bytes && { "content-type": "application/json" }),
      ...fields,
    });
    response.end(bytes ? body : body === undefined ? undefined : JSON.stringify(body));
  });
  let hub: Hub;

  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    hub = createHub({
      url,
      scoutUrl: url,
      authUrl: url,
      registryUrl: url,
      credentials: { kind: "jwt", token: "a.jwt.here" },
      scimToken: "the SCIM token",
      allowDestructive: true,
      environment: {},
    });
  });
  after(async () => {
    await hub.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  for (const { id, area, verb, operation } of entries(catalogue)) {
    test(id, async () => {
      const fixture = allFixtures[area]?.[verb];
      assert(fixture, `${id} has no fixture`);
      current = fixture.answer;
      arrived = [];
      const call = (hub as unknown as Record<string, Record<string, (input: object) => unknown>>)[
        area
      ]?.[verb];
      const output = await call?.(fixture.input);
      const [request, ...more] = arrived;
      assert(request && more.length === 0, `${arrived.length} requests in place of one`);
      const { method, path, body, headers = {} } = fixture.request;
      assert.equal(`${request.method} ${request.path}`, `${method} ${path}`);
      assert.deepEqual(bodyOf(request), body);
      for (const [name, value] of Object.entries(headers))
        assert.equal(request.headers[name], value);
      assert.equal(request.headers.authorization, authorizations[operation.auth ?? "required"]);
      const expected = "output" in fixture ? fixture.output : fixture.answer.body;
      if (operation.answer === "headers")
        for (const [name, value] of Object.entries(expected as object))
          assert.equal((output as Record<string, unknown>)[name], value);
      else assert.deepEqual(output, expected);
    });
  }
});

const authorizations: Readonly<Record<string, string | undefined>> = {
  none: undefined,
  optional: "Bearer a.jwt.here",
  required: "Bearer a.jwt.here",
  owner: "Bearer a.jwt.here",
  scim: "Bearer the SCIM token",
  registry: "Bearer t",
};

function bodyOf({ headers, body }: Arrived): unknown {
  if (body.length === 0) return undefined;
  return headers["content-type"]?.includes("json") ? JSON.parse(body.toString()) : body;
}
