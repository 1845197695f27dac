import assert from "node:assert/strict";
import { test } from "node:test";

import { scopeSet } from "./scope.ts";
import { TokenCache } from "./tokenCache.ts";

const scopes = (name: string) => scopeSet([{ type: "repository", name, actions: ["pull"] }]);
const token = (value: string) => ({ value, renewAt: 10 });

test("a registry that names ever new token services does not fill the memory", () => {
  const cache = new TokenCache();
  for (let n = 0; n < 1000; n++) cache.add(`service ${n}`, scopes("a"), token(`${n}`), 0);
  assert.equal(cache.find("service 0", scopes("a"), 0), undefined);
  assert.equal(cache.find("service 999", scopes("a"), 0)?.value, "999");
});

test("of many repositories, the tokens asked for last are kept", () => {
  const cache = new TokenCache();
  for (let n = 0; n < 10_000; n++) {
    cache.add("service", scopes("often"), token("often"), 0);
    cache.add("service", scopes(`a${n}`), token(`${n}`), 0);
  }
  assert.equal(cache.find("service", scopes("a0"), 0), undefined);
  assert.equal(cache.find("service", scopes("a9999"), 0)?.value, "9999");
  assert.equal(cache.find("service", scopes("often"), 0)?.value, "often");
});
