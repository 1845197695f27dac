import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { test } from "node:test";

import { urlOf } from "./address.ts";

function at(host: string | undefined, url: string, localAddress = "127.0.0.1"): string {
  const socket = { localAddress, localPort: 41234 };
  return urlOf({ headers: { host }, url, socket } as unknown as IncomingMessage).href;
}

test("an address is the one that the client has used", () => {
  assert.equal(at("hub.test:80", "/v2/?page=2"), "http://hub.test/v2/?page=2");
  assert.equal(at("[::1]:8000", "//x/v2/"), "http://[::1]:8000//x/v2/");
  assert.equal(at("hub.test:8000", "http://other:1/v2/?a=b"), "http://hub.test:8000/v2/?a=b");
});

test("whatever is said of it, there is one", () => {
  for (const host of [undefined, "", "[", "a b", "a/b", "user@", "a:99999", "?"])
    assert.match(at(host, "/v2/"), /^http:\/\/[^/]+\/v2\/$/, host);
  assert.equal(at(undefined, "/v2/", "::1"), "http://[::1]:41234/v2/");
  assert.equal(at("hub.test:8000", "*"), "http://hub.test:8000/");
  assert.equal(at("hub.test:8000", "mailto:x?y"), "http://hub.test:8000/?y");
  assert.equal(at("hub.test", "/%zz/%2e%2e/x\\y"), "http://hub.test/x/y");
});
