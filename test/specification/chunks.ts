/** Blobs in pieces: distribution-spec 1.1, "Pushing a blob in chunks". */
import assert from "node:assert/strict";

import type { TestAnswer } from "../../src/distribution/testing/client.ts";
import { digestOf } from "../../src/reference/digest.ts";
import { has, locationOf, refused, type Registry, withQuery } from "./registry.ts";
import type { Chapter } from "./scenario.ts";

const content = Buffer.from("in pieces of ten bytes, but the last one");
const { byteLength: size } = content;
const digest = digestOf(content);

/** Sends the bytes from `start` to `end`, which is not among them. */
function piece(
  registry: Registry,
  method: "PATCH" | "PUT",
  location: string,
  [start, end]: readonly [number, number],
): Promise<TestAnswer> {
  return registry.request(method, location, {
    headers: {
      "content-range": `${start}-${end - 1}`,
      "content-type": "application/octet-stream",
    },
    body: content.subarray(start, end),
  });
}

async function isThere(registry: Registry, name: string): Promise<void> {
  const answer = await registry.request("GET", `/v2/${name}/blobs/${digest}`);
  has(answer, 200);
  assert.deepEqual(answer.body, content);
}

export const chunks: Chapter = {
  title: "pieces",
  scenarios: {
    "pieces in order make the blob": async (registry, name) => {
      let location = await registry.startUpload(name);
      for (let start = 0; start < size; start += 10) {
        const end = Math.min(start + 10, size);
        const answer = await piece(registry, "PATCH", location, [start, end]);
        has(answer, 202);
        assert.equal(answer.headers.range, `0-${end - 1}`);
        location = locationOf(answer);
      }
      has(await registry.request("PUT", withQuery(location, { digest }), { body: "" }), 201);
      await isThere(registry, name);
    },
    "one piece is enough": async (registry, name) => {
      const answer = await piece(registry, "PATCH", await registry.startUpload(name), [0, size]);
      has(answer, 202);
      const last = withQuery(locationOf(answer), { digest });
      has(await registry.request("PUT", last, { body: "" }), 201);
      await isThere(registry, name);
    },
    "the last piece may come with PUT": async (registry, name) => {
      const location = await registry.startUpload(name);
      const first = await piece(registry, "PATCH", location, [0, 10]);
      has(first, 202);
      const last = withQuery(locationOf(first), { digest });
      has(await piece(registry, "PUT", last, [10, size]), 201);
      await isThere(registry, name);
    },
    "a piece that begins too late is refused, and the upload goes on": async (registry, name) => {
      const location = await registry.startUpload(name);
      const first = await piece(registry, "PATCH", location, [0, 10]);
      const late = await piece(registry, "PATCH", locationOf(first), [20, 30]);
      has(late, 416);
      const status = await registry.request("GET", locationOf(first));
      assert.equal(status.headers.range, "0-9");
      const last = withQuery(locationOf(status), { digest });
      has(await piece(registry, "PUT", last, [10, size]), 201);
      await isThere(registry, name);
    },
    "a piece that came already is refused": async (registry, name) => {
      const location = await registry.startUpload(name);
      const first = await piece(registry, "PATCH", location, [0, 10]);
      has(await piece(registry, "PATCH", locationOf(first), [0, 10]), 416);
    },
    "a first piece that is not the first is refused": async (registry, name) => {
      has(await piece(registry, "PATCH", await registry.startUpload(name), [10, 20]), 416);
    },
    "a last piece out of order is refused": async (registry, name) => {
      const location = await registry.startUpload(name);
      const first = await piece(registry, "PATCH", location, [0, 10]);
      const last = withQuery(locationOf(first), { digest });
      has(await piece(registry, "PUT", last, [20, size]), 416);
      has(await registry.request("HEAD", `/v2/${name}/blobs/${digest}`), 404);
    },
    "a refusal of a piece says where to go on": async (registry, name) => {
      const location = await registry.startUpload(name);
      const first = await piece(registry, "PATCH", location, [0, 10]);
      const late = await piece(registry, "PATCH", locationOf(first), [20, 30]);
      assert.equal(late.headers.range, "0-9");
      const last = withQuery(locationOf(late), { digest });
      has(await piece(registry, "PUT", last, [10, size]), 201);
    },
    "a place that cannot be read is refused": async (registry, name) => {
      const location = await registry.startUpload(name);
      for (const range of ["ten-twenty", "9", "9-3"]) {
        const headers = { "content-range": range };
        has(await registry.request("PATCH", location, { headers, body: content }), 400, 416);
      }
    },
    "a piece must be as long as it says": async (registry, name) => {
      const location = await registry.startUpload(name);
      const headers = { "content-range": "0-99" };
      const answer = await registry.request("PATCH", location, { headers, body: content });
      refused(answer, [400, 416], "SIZE_INVALID");
    },
    "a whole of pieces with another digest is refused": async (registry, name) => {
      const location = await registry.startUpload(name);
      const first = await piece(registry, "PATCH", location, [0, 10]);
      const last = withQuery(locationOf(first), { digest });
      refused(await registry.request("PUT", last, { body: "" }), 400, "DIGEST_INVALID");
    },
  },
};
