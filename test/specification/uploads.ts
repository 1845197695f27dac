/** Pushing blobs: distribution-spec 1.1, "Pushing blobs"; cancelling from its main branch. */
import assert from "node:assert/strict";

import { digestOf } from "../../src/reference/digest.ts";
import { has, locationOf, missing, refused, type Registry, withQuery } from "./registry.ts";
import type { Chapter } from "./scenario.ts";

const content = Buffer.from("a blob on its way, of no great length");
const digest = digestOf(content);

/** Insists that the blob is there, whole. */
async function isThere(registry: Registry, name: string): Promise<void> {
  const answer = await registry.request("GET", `/v2/${name}/blobs/${digest}`);
  has(answer, 200);
  assert.deepEqual(answer.body, content);
}

export const uploads: Chapter = {
  title: "uploads",
  scenarios: {
    "POST tells where to go on": async (registry, name) => {
      const answer = await registry.request("POST", `/v2/${name}/blobs/uploads/`, { body: "" });
      has(answer, 202);
      assert.match(locationOf(answer), new RegExp(`^/v2/${name}/blobs/uploads/.`));
      assert.match(answer.headers.range ?? "", /^0-0$/);
    },
    "POST and PUT": async (registry, name) => {
      const location = await registry.startUpload(name);
      const answer = await registry.request("PUT", withQuery(location, { digest }), {
        headers: { "content-type": "application/octet-stream" },
        body: content,
      });
      has(answer, 201);
      assert.equal(locationOf(answer), `/v2/${name}/blobs/${digest}`);
      assert.equal(answer.headers["docker-content-digest"], digest);
      await isThere(registry, name);
    },
    "POST alone, or as the beginning": async (registry, name) => {
      const path = `/v2/${name}/blobs/uploads/?digest=${digest}`;
      const headers = { "content-type": "application/octet-stream" };
      const answer = await registry.request("POST", path, { headers, body: content });
      has(answer, 201, 202);
      const location = locationOf(answer);
      if (answer.status === 202)
        has(await registry.request("PUT", withQuery(location, { digest }), { body: content }), 201);
      else assert.equal(location, `/v2/${name}/blobs/${digest}`);
      await isThere(registry, name);
    },
    "POST alone takes the whole blob": async (registry, name) => {
      const path = `/v2/${name}/blobs/uploads/?digest=${digest}`;
      has(await registry.request("POST", path, { body: content }), 201);
    },
    "a stream, then PUT without a body": async (registry, name) => {
      const location = await registry.startUpload(name);
      const headers = { "transfer-encoding": "chunked" };
      const streamed = await registry.request("PATCH", location, { headers, body: content });
      has(streamed, 202);
      assert.equal(streamed.headers.range, `0-${content.byteLength - 1}`);
      const last = withQuery(locationOf(streamed), { digest });
      has(await registry.request("PUT", last, { body: "" }), 201);
      await isThere(registry, name);
    },
    "a stream as the body of PUT": async (registry, name) => {
      const location = withQuery(await registry.startUpload(name), { digest });
      const headers = { "transfer-encoding": "chunked" };
      has(await registry.request("PUT", location, { headers, body: content }), 201);
      await isThere(registry, name);
    },
    "a blob that is there already may be pushed again": async (registry, name) => {
      await registry.pushBlob(name, content);
      await registry.pushBlob(name, content);
      await isThere(registry, name);
    },
    "one blob twice at the same time": async (registry, name) => {
      await Promise.all([registry.pushBlob(name, content), registry.pushBlob(name, content)]);
      await isThere(registry, name);
    },
    "bytes of another digest are refused, and not kept": async (registry, name) => {
      for (const streamed of [true, false]) {
        let location = await registry.startUpload(name);
        if (streamed)
          location = locationOf(await registry.request("PATCH", location, { body: "other bytes" }));
        const last = withQuery(location, { digest });
        const body = streamed ? "" : "other bytes";
        refused(await registry.request("PUT", last, { body }), 400, "DIGEST_INVALID");
        has(await registry.request("HEAD", `/v2/${name}/blobs/${digest}`), 404);
      }
    },
    "POST alone with bytes of another digest is refused": async (registry, name) => {
      const path = `/v2/${name}/blobs/uploads/?digest=${digest}`;
      refused(await registry.request("POST", path, { body: "other" }), 400, "DIGEST_INVALID");
      has(await registry.request("HEAD", `/v2/${name}/blobs/${digest}`), 404);
    },
    "PUT must name the digest": async (registry, name) => {
      const location = await registry.startUpload(name);
      refused(await registry.request("PUT", location, { body: content }), 400, "DIGEST_INVALID");
      const wrong = withQuery(location, { digest: "sha256:none" });
      refused(await registry.request("PUT", wrong, { body: content }), 400, "DIGEST_INVALID");
    },
    "GET tells how far an upload is": async (registry, name) => {
      const location = await registry.startUpload(name);
      has(await registry.request("GET", location), 204);
      const patched = await registry.request("PATCH", location, { body: content.subarray(0, 10) });
      const answer = await registry.request("GET", locationOf(patched));
      has(answer, 204);
      assert.equal(answer.headers.range, "0-9");
      assert(locationOf(answer));
    },
    "an upload that is cancelled is gone": async (registry, name) => {
      const location = await registry.startUpload(name);
      const patched = await registry.request("PATCH", location, { body: content.subarray(0, 10) });
      const last = locationOf(patched);
      has(await registry.request("DELETE", last), 204);
      for (const method of ["GET", "PATCH", "PUT", "DELETE"]) {
        const path = withQuery(last, { digest });
        refused(await registry.request(method, path), 404, "BLOB_UPLOAD_UNKNOWN");
      }
    },
    "an upload that never was is unknown": async (registry, name) => {
      const path = `/v2/${name}/blobs/uploads/4c6d2c6e-6f3c-4bb9-9d52-3c8f4f1a7a55?digest=${missing}`;
      for (const method of ["GET", "PATCH", "PUT", "DELETE"])
        refused(await registry.request(method, path), 404, "BLOB_UPLOAD_UNKNOWN");
    },
    "an upload belongs to its repository": async (registry, name) => {
      const location = await registry.startUpload(name);
      const other = location.replace(`/${name}/`, `/${name}/other/`);
      has(await registry.request("GET", other), 404);
    },
    "an upload goes on after a restart of the server": async (registry, name) => {
      const location = await registry.startUpload(name);
      const patched = await registry.request("PATCH", location, { body: content.subarray(0, 10) });
      await registry.restart();
      const status = await registry.request("GET", locationOf(patched));
      has(status, 204);
      assert.equal(status.headers.range, "0-9");
      const rest = await registry.request("PATCH", locationOf(status), {
        headers: { "content-range": `10-${content.byteLength - 1}` },
        body: content.subarray(10),
      });
      has(rest, 202);
      has(await registry.request("PUT", withQuery(locationOf(rest), { digest }), {}), 201);
      await isThere(registry, name);
    },
    "an upload goes on after its connection broke": async (registry, name) => {
      const location = await registry.startUpload(name);
      const { byteLength } = content;
      await registry.breakOff("PATCH", location, content.subarray(0, 10), byteLength);
      // What it says may be old when the rest arrives: then it says so, and is asked again.
      let answer = await registry.request("GET", location);
      for (let attempt = 0; answer.status !== 202 && attempt < 100; attempt += 1) {
        const status = await registry.request("GET", location);
        has(status, 204);
        const [, end] = /^0-(\d+)$/.exec(status.headers.range ?? "")!;
        const from = end === "0" ? 0 : Number(end) + 1;
        answer = await registry.request("PATCH", locationOf(status), {
          headers: { "content-range": `${from}-${byteLength - 1}` },
          body: content.subarray(from),
        });
      }
      has(await registry.request("PUT", withQuery(locationOf(answer), { digest }), {}), 201);
      await isThere(registry, name);
    },
  },
};
