import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createHeaders } from "./headers.ts";
import type { HttpRequest } from "./http.ts";
import { Failure } from "./failure.ts";
import { backoffDelay, repeatsAfterFailure, repeatsAfterStatus, retryAfter } from "./retry.ts";

const request = (method: HttpRequest["method"], more: Partial<HttpRequest> = {}): HttpRequest => ({
  method,
  url: new URL("https://registry.test/v2/"),
  ...more,
});
const unsent = new Failure("CONNECTION_FAILED", "connection refused", { unsent: true });
const lost = new Failure("CONNECTION_FAILED", "connection reset");

test("what is idempotent is repeated after any failure, the rest only where it never arrived", () => {
  for (const method of ["GET", "HEAD", "PUT", "DELETE"] as const) {
    assert(repeatsAfterFailure(request(method), lost, false), method);
  }
  for (const method of ["POST", "PATCH"] as const) {
    assert(!repeatsAfterFailure(request(method), lost, false), method);
    assert(repeatsAfterFailure(request(method), unsent, false), method);
  }
  assert(!repeatsAfterFailure(request("PUT", { repeat: "unsent" }), lost, false));
  assert(!repeatsAfterFailure(request("GET", { repeat: "never" }), unsent, false));
});

test("of the statuses, POST and PATCH are repeated after 429 and 503 alone", () => {
  const statuses = [200, 400, 401, 404, 408, 429, 500, 501, 502, 503, 504];
  const repeated = (method: HttpRequest["method"]) =>
    statuses.filter((status) => repeatsAfterStatus(request(method), status, false));
  assert.deepEqual(repeated("GET"), [408, 429, 500, 502, 503, 504]);
  assert.deepEqual(repeated("PATCH"), [429, 503]);
  assert(!repeatsAfterStatus(request("GET", { noRetry: [429] }), 429, false));
});

test("a body that is spent is never sent twice", () => {
  assert(!repeatsAfterFailure(request("PUT"), unsent, true));
  assert(!repeatsAfterStatus(request("PUT"), 503, true));
});

test("waits grow to the cap, and are anything between nothing and that", () => {
  const backoff = { base: 500, cap: 10_000 };
  const longest = [0, 1, 2, 3, 4, 5, 50].map((attempt) => backoffDelay(attempt, backoff, () => 1));
  assert.deepEqual(longest, [500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
  assert.equal(
    backoffDelay(3, backoff, () => 0),
    0,
  );
});

test("Retry-After is seconds or a date", () => {
  const now = Date.parse("2026-11-21T10:00:00Z");
  const read = (value: string) => retryAfter(createHeaders([["Retry-After", value]]), now);
  assert.equal(read("120"), 120_000);
  assert.equal(read("0"), 0);
  assert.equal(read("1.5"), 1500);
  assert.equal(read("Sat, 21 Nov 2026 10:00:30 GMT"), 30_000);
  assert.equal(read("Saturday, 21-Nov-26 10:00:30 GMT"), 30_000);
  assert.equal(read("Sat, 21 Nov 2026 09:00:00 GMT"), 0);
  for (const value of ["", "soon", "-5", "1e9", "2026-11-21", "NaN"]) {
    assert.equal(read(value), undefined, value);
  }
  assert.equal(retryAfter(createHeaders([]), now), undefined);
});

test("no Retry-After makes a wait that is negative or no number", () => {
  fc.assert(
    fc.property(fc.string(), (value) => {
      const wait = retryAfter(createHeaders([["retry-after", value]]), Date.now());
      assert(wait === undefined || wait >= 0);
    }),
  );
});
