import assert from "node:assert/strict";
import { test } from "node:test";
import { type ErrorCode, type ErrorDetails, WharfError } from "../../errors.ts";
import { explained, statusOf } from "./failure.ts";

const failure = (code: ErrorCode, details: ErrorDetails = {}) =>
  new WharfError(code, "it failed", details);

test("exit statuses are dxf's", () => {
  const status = (code: ErrorCode, details?: ErrorDetails) => statusOf(failure(code, details));
  assert.equal(status("UNAUTHORIZED", { status: 401 }), 13);
  assert.equal(status("MANIFEST_NOT_FOUND", { status: 404 }), 2);
  assert.equal(status("BLOB_NOT_FOUND"), 2);
  assert.equal(status("REGISTRY_ERROR", { status: 404 }), 2);
  assert.equal(status("USAGE"), 2);
  assert.equal(status("FORBIDDEN", { status: 403 }), 1);
  assert.equal(status("CREDENTIALS_NOT_SENT"), 1);
  assert.equal(status("FILE_NOT_FOUND"), 1);
  assert.equal(status("PLATFORM_NOT_FOUND"), 1);
  assert.equal(status("DIGEST_MISMATCH"), 1);
  assert.equal(status("CONFIG_INVALID"), 1);
});

test("what is not there is said with the words that programs look for", () => {
  assert.match(explained(failure("MANIFEST_NOT_FOUND", { status: 404 })).message, /^Not Found: /);
  assert.equal(explained(failure("SERVER_ERROR", { status: 500 })).message, "it failed");
});

test("hints name dxf's variables", () => {
  assert.match(explained(failure("UNAUTHORIZED")).hint, /DXF_PASSWORD/);
  assert.match(
    explained(failure("TLS_UNTRUSTED", { hint: "say --insecure" })).hint,
    /DXF_TLSVERIFY/,
  );
  const named = failure("CREDENTIALS_NOT_SENT", { hint: "If so, name it as `authHost`." });
  assert.equal(explained(named).hint, "If so, set DXF_AUTH_HOST to it.");
});
