import assert from "node:assert/strict";
import { test } from "node:test";

import { WharfError } from "../errors.ts";
import { mediaTypes } from "../reference/descriptor.ts";
import { digestOf } from "../reference/digest.ts";
import type { RegistryOptions } from "./exchange.ts";
import { Refusal, refusalOf } from "./refusal.ts";
import { imageManifest, startTestRegistry, type TestAnswer } from "./testing/registry.ts";

const absent = digestOf(Buffer.from("absent"));
const upload = "/v2/a/blobs/uploads/";
const config = { mediaType: mediaTypes.ociConfig, digest: absent, size: 6 };

/** How each code is met: method, path, body, and what else it takes. */
const codes: Readonly<
  Record<string, readonly [status: number, method: string, path: string, more?: Provocation]>
> = {
  BLOB_UNKNOWN: [404, "GET", `/v2/a/blobs/${absent}`],
  BLOB_UPLOAD_INVALID: [416, "PATCH", upload, { range: "5-9", body: "piece" }],
  BLOB_UPLOAD_UNKNOWN: [404, "GET", `${upload}unknown`],
  DIGEST_INVALID: [400, "POST", `${upload}?digest=${absent}`, { body: "other bytes" }],
  MANIFEST_BLOB_UNKNOWN: [404, "PUT", "/v2/a/manifests/v1", { body: imageManifest({ config }) }],
  MANIFEST_INVALID: [400, "PUT", "/v2/a/manifests/v1", { body: "{" }],
  MANIFEST_UNKNOWN: [404, "GET", "/v2/a/manifests/v1"],
  NAME_INVALID: [400, "GET", "/v2/UPPER/tags/list"],
  NAME_UNKNOWN: [404, "GET", "/v2/never/pushed/tags/list"],
  SIZE_INVALID: [400, "PATCH", upload, { range: "0-9", body: "piece" }],
  UNAUTHORIZED: [401, "GET", "/v2/", { refusal: new Refusal("UNAUTHORIZED", "who are you?") }],
  DENIED: [403, "GET", "/v2/", { refusal: new WharfError("FORBIDDEN", "not you") }],
  UNSUPPORTED: [405, "DELETE", "/v2/a/tags/list"],
  TOOMANYREQUESTS: [429, "GET", "/v2/", { refusal: new WharfError("RATE_LIMITED", "slower") }],
};

interface Provocation {
  readonly range?: string;
  readonly body?: string;
  readonly refusal?: Error;
}

for (const [code, [status, method, path, more = {}]] of Object.entries(codes))
  test(`${code} comes in the envelope, with ${status}`, async (t) => {
    const { range, body, refusal } = more;
    const options: RegistryOptions = refusal
      ? {
          authorize() {
            throw refusal;
          },
        }
      : {};
    const registry = await startTestRegistry(t, options);
    let target = path;
    if (range !== undefined) {
      const started = await registry.request("POST", upload);
      target = started.headers.location!;
    }
    const answer: TestAnswer = await registry.request(method, target, {
      headers: {
        "content-type": mediaTypes.ociManifest,
        ...(range !== undefined && { "content-range": range }),
      },
      ...(body !== undefined && { body }),
    });
    assert.equal(answer.status, status);
    assert.equal(answer.headers["content-type"], "application/json");
    const [error, ...others] = answer.json.errors;
    assert.deepEqual([error!.code, others], [code, []]);
    assert.equal(typeof error!.message, "string");
  });

test("a failure of ours tells the client nothing of it", () => {
  const refusal = refusalOf(new WharfError("FILE_FAILED", "/var/lib/secret cannot be read"));
  assert.equal(refusal.status, 500);
  assert.doesNotMatch(refusal.envelope().toString(), /secret/);
});

test("who is busy or full says so, and when to come again", () => {
  assert.deepEqual(
    [refusalOf(new WharfError("LOCKED", "x")), refusalOf(new WharfError("DISK_FULL", "x"))].map(
      ({ code, status, headers }) => [code, status, headers["retry-after"]],
    ),
    [
      ["UNAVAILABLE", 503, "1"],
      ["UNAVAILABLE", 507, undefined],
    ],
  );
});
