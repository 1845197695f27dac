import assert from "node:assert/strict";
import { test } from "node:test";
import { coversScopes, formatScopes, mergeScopes, parseScopes, scopeSet } from "./scope.ts";

const pull = scopeSet([{ type: "repository", name: "a/b", actions: ["pull"] }]);

test("a name with a host and port keeps its colons", () => {
  const scopes = parseScopes("repository:localhost:5000/a:pull,push  registry:catalog:*");
  assert.deepEqual(formatScopes(scopes), [
    "repository:localhost:5000/a:pull,push",
    "registry:catalog:*",
  ]);
});

test("words of another form are kept", () => {
  assert.deepEqual(formatScopes(parseScopes("* aws")), ["*", "aws"]);
});

test("what is merged keeps the order of the first, and each action once", () => {
  const merged = mergeScopes(
    parseScopes("repository:c/d:push"),
    pull,
    parseScopes("repository:a/b:pull,push"),
  );
  assert.deepEqual(formatScopes(merged), ["repository:c/d:push", "repository:a/b:pull,push"]);
});

test("more covers less, and not the other way round", () => {
  const both = parseScopes("repository:a/b:pull,push repository:c/d:pull");
  assert.equal(coversScopes(both, pull), true);
  assert.equal(coversScopes(pull, both), false);
  assert.equal(coversScopes(pull, scopeSet([])), true);
  assert.equal(coversScopes(parseScopes("repository:a/b:push"), pull), false);
});
