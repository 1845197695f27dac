/** Pulling blobs: distribution-spec 1.1, "Pulling blobs", "Checking if content exists in the registry"; RFC 9110, 13 and 14. */
import assert from "node:assert/strict";

import { digestOf } from "../../src/reference/digest.ts";
import { has, missing, refused } from "./registry.ts";
import type { Chapter } from "./scenario.ts";

const content = Buffer.from("0123456789abcdef");
const digest = digestOf(content);
const path = (name: string, wanted = digest) => `/v2/${name}/blobs/${wanted}`;

export const blobs: Chapter = {
  title: "blobs",
  scenarios: {
    "what was pushed is pulled": async (registry, name) => {
      await registry.pushBlob(name, content);
      const answer = await registry.request("GET", path(name));
      has(answer, 200);
      assert.deepEqual(answer.body, content);
      assert.equal(answer.headers["content-length"], String(content.byteLength));
      assert.equal(answer.headers["docker-content-digest"], digest);
    },
    "HEAD gives the fields without the bytes": async (registry, name) => {
      await registry.pushBlob(name, content);
      const answer = await registry.request("HEAD", path(name));
      has(answer, 200);
      assert.equal(answer.body.byteLength, 0);
      assert.equal(answer.headers["content-length"], String(content.byteLength));
      assert.equal(answer.headers["docker-content-digest"], digest);
    },
    "a blob that is not there is unknown": async (registry, name) => {
      await registry.pushBlob(name, content);
      refused(await registry.request("GET", path(name, missing)), 404, "BLOB_UNKNOWN");
      const head = await registry.request("HEAD", path(name, missing));
      has(head, 404);
      assert.equal(head.body.byteLength, 0);
    },
    "a blob of another repository is not there": async (registry, name) => {
      await registry.pushBlob(name, content);
      for (const method of ["GET", "HEAD"])
        has(await registry.request(method, path(`${name}/other`)), 404);
    },
    "a blob without a byte is a blob": async (registry, name) => {
      const { digest: empty } = await registry.pushBlob(name, "");
      const answer = await registry.request("GET", path(name, empty));
      has(answer, 200);
      assert.equal(answer.headers["content-length"], "0");
    },
    "a digest that is none is refused": async (registry, name) => {
      await registry.pushBlob(name, content);
      for (const wrong of ["sha256:abc", "md5:d41d8cd98f00b204e9800998ecf8427e", "sha256:", "x"])
        has(await registry.request("GET", path(name, wrong as typeof digest)), 400, 404);
      refused(
        await registry.request("GET", path(name, `sha256:${"x".repeat(64)}`)),
        [400, 404],
        "DIGEST_INVALID",
      );
    },
  },
};

/** `Range`, what of the blob should come, and where it says that it lies. */
const parts = [
  ["bytes=0-3", "0123", "0-3"],
  ["bytes=10-", "abcdef", "10-15"],
  ["bytes=-4", "cdef", "12-15"],
  ["bytes=4-4", "4", "4-4"],
  ["bytes=12-99", "cdef", "12-15"],
  ["bytes=-99", "0123456789abcdef", "0-15"],
  ["bytes=0-15", "0123456789abcdef", "0-15"],
] as const;

export const ranges: Chapter = {
  title: "ranges and conditions",
  scenarios: {
    ...Object.fromEntries(
      parts.map(([range, part, place]): [string, Chapter["scenarios"][string]] => [
        `${range} of 16 bytes is ${part}`,
        async (registry, name) => {
          await registry.pushBlob(name, content);
          const answer = await registry.request("GET", path(name), { headers: { range } });
          has(answer, 206);
          assert.equal(answer.body.toString(), part);
          assert.equal(answer.headers["content-range"], `bytes ${place}/16`);
          assert.equal(answer.headers["content-length"], String(part.length));
        },
      ]),
    ),
    "a blob says that it has ranges": async (registry, name) => {
      await registry.pushBlob(name, content);
      for (const method of ["GET", "HEAD"]) {
        const { headers } = await registry.request(method, path(name));
        assert.equal(headers["accept-ranges"], "bytes", method);
      }
    },
    "a range beyond the end is refused, with the size": async (registry, name) => {
      await registry.pushBlob(name, content);
      for (const range of ["bytes=16-", "bytes=99-100", "bytes=-0"]) {
        const answer = await registry.request("GET", path(name), { headers: { range } });
        has(answer, 416);
        assert.equal(answer.headers["content-range"], "bytes */16", range);
      }
    },
    "a range of a blob without a byte is refused": async (registry, name) => {
      const { digest: empty } = await registry.pushBlob(name, "");
      const headers = { range: "bytes=0-3" };
      has(await registry.request("GET", path(name, empty), { headers }), 416);
    },
    "a range that is none is not heeded": async (registry, name) => {
      await registry.pushBlob(name, content);
      const answer = await registry.request("GET", path(name), { headers: { range: "lines=1-2" } });
      has(answer, 200);
      assert.deepEqual(answer.body, content);
    },
    "several ranges are sent as parts, or the whole is": async (registry, name) => {
      await registry.pushBlob(name, content);
      const headers = { range: "bytes=0-1,4-5" };
      const answer = await registry.request("GET", path(name), { headers });
      if (answer.status === 206)
        assert.match(answer.headers["content-type"] ?? "", /^multipart\/byteranges/);
      else {
        has(answer, 200);
        assert.deepEqual(answer.body, content);
      }
    },
    "HEAD does not heed a range": async (registry, name) => {
      await registry.pushBlob(name, content);
      const headers = { range: "bytes=0-3" };
      const answer = await registry.request("HEAD", path(name), { headers });
      has(answer, 200);
      assert.equal(answer.headers["content-length"], "16");
    },
    "who has the blob is told so": async (registry, name) => {
      await registry.pushBlob(name, content);
      const { etag } = (await registry.request("GET", path(name))).headers;
      assert(etag, "no ETag");
      for (const method of ["GET", "HEAD"])
        for (const tag of [etag, `W/${etag}`, `"another", ${etag}`, "*"]) {
          const headers = { "if-none-match": tag };
          const answer = await registry.request(method, path(name), { headers });
          has(answer, 304);
          assert.equal(answer.body.byteLength, 0);
        }
    },
    "who has another blob gets this one": async (registry, name) => {
      await registry.pushBlob(name, content);
      const headers = { "if-none-match": '"another"' };
      has(await registry.request("GET", path(name), { headers }), 200);
    },
    "a part goes to who has the rest of the same blob, else the whole": async (registry, name) => {
      await registry.pushBlob(name, content);
      const { etag } = (await registry.request("GET", path(name))).headers;
      for (const [condition, status] of [
        [etag!, 206],
        ['"another"', 200],
      ] as const) {
        const headers = { range: "bytes=8-", "if-range": condition };
        has(await registry.request("GET", path(name), { headers }), status);
      }
    },
  },
};
