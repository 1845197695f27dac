import assert from "node:assert/strict";
import { test } from "node:test";
import { redactHeaders, redactTarget, redactUrl } from "./redact.ts";

test("an address loses user, password and fragment, and what signs it", () => {
  const cases: [string, string][] = [
    ["https://u:p@h.test/v2/", "https://h.test/v2/"],
    ["https://h.test/v2/a/tags/list?n=10&last=b#x", "https://h.test/v2/a/tags/list?n=10&last=b"],
    ["https://h.test/?scope=repository:a/b:pull", "https://h.test/?scope=repository:a/b:pull"],
    ["https://h.test/?token=abc&n=1", "https://h.test/?token=***&n=1"],
    ["https://h.test/?X-Amz-Signature=abc", "https://h.test/?X-Amz-Signature=***"],
    ["https://h.test/?X%2DAmz%2DSignature=abc", "https://h.test/?X%2DAmz%2DSignature=***"],
    ["https://h.test/?se=2026&sig=abc", "https://h.test/?se=2026&sig=***"],
    ["https://h.test/?_state=abc&digest=sha256:0", "https://h.test/?_state=***&digest=sha256:0"],
    ["https://h.test/?password=a&password=b", "https://h.test/?password=***&password=***"],
    [`https://h.test/?odd=${"x".repeat(300)}`, "https://h.test/?odd=***"],
    ["https://h.test/?%E0%A4=1", "https://h.test/?%E0%A4=1"],
    ["http://[::1]:5000/v2/", "http://[::1]:5000/v2/"],
  ];
  for (const [given, shown] of cases) assert.equal(redactUrl(given), shown);
});

test("of credentials in fields only the scheme is shown", () => {
  const shown = redactHeaders(
    [
      ["Authorization", "Bearer abc"],
      ["authorization", "abc"],
      ["Proxy-Authorization", "Basic abc"],
      ["cookie", "a=b"],
      ["set-cookie", "a=b"],
      ["x-registry-auth-token", "abc"],
      ["x-mine", "abc"],
      ["content-type", "text/plain"],
      ["location", "/v2/uploads/1?_state=abc&n=1"],
      ["www-authenticate", 'Bearer realm="https://me:pw@a.b/t?token=abc&n=1",service="s"'],
      ["Location", "https://u:p@cdn.test/blob?Signature=abc"],
      ["link", '</v2/_catalog?last=a&n=2>; rel="next"'],
    ],
    ["x-mine"],
  );
  assert.deepEqual(
    shown.map(([, value]) => value),
    [
      "Bearer ***",
      "***",
      "Basic ***",
      "***",
      "***",
      "***",
      "***",
      "text/plain",
      "/v2/uploads/1?_state=***&n=1",
      'Bearer realm="https://a.b/t?token=***&n=1",service="s"',
      "https://cdn.test/blob?Signature=***",
      '</v2/_catalog?last=a&n=2>; rel="next"',
    ],
  );
});

test("of a request's target the log shows neither passwords nor secret parameters", () => {
  for (const [given, shown] of [
    ["/v2/a/tags/list?n=1&last=b", "/v2/a/tags/list?n=1&last=b"],
    ["/v2/?token=abc&n=1", "/v2/?token=***&n=1"],
    ["http://me:secret@host/v2/?sig=abc", "http://host/v2/?sig=***"],
    ["//[", "//["],
  ])
    assert.equal(redactTarget(given!), shown);
});
