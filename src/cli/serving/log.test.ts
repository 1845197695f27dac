import assert from "node:assert/strict";
import { test } from "node:test";

import { WharfError } from "../../errors.ts";
import { failureLine } from "./log.ts";

const request = { method: "PUT", url: "/v2/a/blobs/uploads/1?digest=sha256:0&_state=abcdefgh" };

test("a failure is one line: when, which request, and why, from the outermost cause to the innermost", () => {
  const error = new WharfError("FILE_FAILED", "/data/x: cannot be written", {
    cause: new Error("EIO: i/o error\n  at the disk"),
  });
  const line = failureLine(error, request, false).replace(/^\S+Z /, "");
  assert.equal(
    line,
    "failed: PUT /v2/a/blobs/uploads/1?digest=sha256:0&_state=***: FILE_FAILED: /data/x: cannot be written: EIO: i/o error at the disk",
  );
});

test("a defect of ours is told too, and so is what is no error at all", () => {
  assert.match(
    failureLine(new TypeError("x is undefined"), {}, false),
    /INTERNAL: x is undefined$/,
  );
  assert.match(failureLine("oops", {}, false), /INTERNAL: oops$/);
});

test("for programs it is a line of JSON", () => {
  const { failure } = JSON.parse(failureLine(new Error("no"), request, true));
  assert.deepEqual([failure.code, failure.message, failure.method], ["INTERNAL", "no", "PUT"]);
});
