import assert from "node:assert/strict";
import { test } from "node:test";

import { digestOf } from "../reference/digest.ts";
import { bytesSource } from "../store/sources.ts";
import { Refusal } from "./refusal.ts";
import { startTestRegistry } from "./testing/registry.ts";

test("a blob is mounted from the repository named, or from any", async (t) => {
  const registry = await startTestRegistry(t);
  const { digest } = await registry.pushBlob("source", "shared");
  for (const [name, query] of [
    ["named", `mount=${digest}&from=source`],
    ["any", `mount=${digest}`],
  ]) {
    const answer = await registry.request("POST", `/v2/${name}/blobs/uploads/?${query}`);
    assert.equal(answer.status, 201);
    assert.equal(answer.headers.location, `/v2/${name}/blobs/${digest}`);
    const got = await registry.request("GET", answer.headers.location);
    assert.equal(got.body.toString(), "shared");
  }
});

test("what cannot be mounted is to be uploaded", async (t) => {
  const registry = await startTestRegistry(t);
  const { digest } = await registry.pushBlob("source", "shared");
  const unknown = `sha256:${"0".repeat(64)}`;
  for (const query of [
    `mount=${digest}&from=elsewhere`,
    `mount=${unknown}&from=source`,
    `mount=${unknown}`,
  ]) {
    const answer = await registry.request("POST", `/v2/a/blobs/uploads/?${query}`);
    assert.equal(answer.status, 202, query);
    assert.match(answer.headers.location!, /^\/v2\/a\/blobs\/uploads\/./);
  }
  for (const query of ["mount=nonsense&from=source", `mount=${digest}&from=Not%20a%20name`])
    assert.equal((await registry.request("POST", `/v2/a/blobs/uploads/?${query}`)).status, 400);
});

test("nothing is mounted from where one may not pull", async (t) => {
  const registry = await startTestRegistry(t, {
    authorize({ headers }, access) {
      if (access?.name === "secret" && headers["x-user"] !== "owner")
        throw new Refusal("DENIED", "not yours");
    },
  });
  const bytes = Buffer.from("hidden");
  const descriptor = { mediaType: "text/plain", digest: digestOf(bytes), size: bytes.byteLength };
  await registry.collection.repository("secret").pushBlob(descriptor, bytesSource(bytes));
  const mount = (query: string, headers = {}) =>
    registry.request("POST", `/v2/a/blobs/uploads/?mount=${descriptor.digest}${query}`, {
      headers,
    });
  for (const query of ["&from=secret", ""]) assert.equal((await mount(query)).status, 202, query);
  assert.equal((await mount("", { "x-user": "owner" })).status, 201);
});
