import assert from "node:assert/strict";
import { test } from "node:test";

import { isImmutable, type RepositoryRow } from "./repositories.ts";
import { faultOf, matching } from "./tagRules.ts";

test("tags are found by any of several rules", () => {
  assert.deepEqual(matching(["^v\\d", "^stable$"], ["v1", "stable", "unstable"]), ["v1", "stable"]);
});

test("what RE2 does not know is no rule", () => {
  for (const rule of ["(?=a)", "(?<!a)b", "(a)\\1", "(", "a".repeat(1001)])
    assert.match(faultOf([rule], [])!, /^invalid regular expression/, rule);
  assert.match(
    faultOf(
      Array.from({ length: 101 }, () => "a"),
      [],
    )!,
    /more than 100/,
  );
  assert.equal(
    faultOf(["^v\\d+\\.\\d+$", ".*", "^(?:rc|beta)-[0-9a-f]{7,40}$"], ["v1.0"]),
    undefined,
  );
});

test("a rule that goes back and forth for ever is refused when it is set, whatever tags there are", () => {
  for (const rule of ["(a+)+$", "^(\\w+\\.?)*$", "(x|x)*y"])
    assert.match(faultOf([rule], [])!, /takes too long/, rule);
  const tag = `${"b".repeat(60)}-`;
  assert.match(faultOf(["(\\x62+)+$"], [tag])!, /takes too long/);
});

test("where a rule takes too long on a tag, the tag stays", () => {
  const row = { immutable: 1, rules: '["(\\\\x62+)+$"]' } as RepositoryRow;
  assert(isImmutable(row, `${"b".repeat(60)}-`));
  assert(isImmutable(row, "b"));
  assert(!isImmutable(row, "latest"));
});
