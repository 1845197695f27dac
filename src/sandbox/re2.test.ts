import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { fromRe2 } from "./re2.ts";

const tags = ["latest", "v1.2.0", "V1", "v1-rc", "_x", "12", "a"];

/** What Go's regexp finds among the tags. */
const found: Readonly<Record<string, readonly string[]>> = {
  "v1\\-.*": ["v1-rc"],
  "(?i)^V\\d": ["v1.2.0", "V1", "v1-rc"],
  "^(?i:V)1$": ["V1"],
  "(?i)x(?-i)|V": ["V1", "_x"],
  "((?i)V)1\\z": ["V1"],
  "\\Av[[:digit:]]": ["v1.2.0", "v1-rc"],
  "^[[:^alpha:]]+$": ["12"],
  "(?i)^[[:^upper:]]+$": ["12"],
  "(?i)^[a-c]$": ["a"],
  "^[]x_]+$": ["_x"],
  "(?P<major>v1)\\.": ["v1.2.0"],
  "\\_x": ["_x"],
  "\\Qv1.\\E": ["v1.2.0"],
  "^\\PL+$": ["12"],
  "\\x{76}1-": ["v1-rc"],
  "v{": [],
  "a]": [],
  "(?smU).+": tags,
  "": tags,
};

test("a rule finds what RE2 finds", () => {
  for (const [rule, expected] of Object.entries(found)) {
    const source = fromRe2(rule);
    assert(source !== undefined, rule);
    const pattern = new RegExp(source, "u");
    assert.deepEqual(
      tags.filter((tag) => pattern.test(tag)),
      expected,
      rule,
    );
  }
});

test("what only JavaScript takes for a regular expression is none", () => {
  for (const rule of [
    "(?=a)",
    "(?<!a)b",
    "(a)\\1",
    "\\k<x>",
    "[^]",
    "[]",
    "\\u0061",
    "\\C",
    "\\h",
    "(?-)",
    "(?<x>a)(?<x>b)",
    "a{1001}",
    "a**",
    "[b-a]",
    "[a-\\d]",
    "[[:letters:]]",
    "(",
    ")",
    "\\",
  ])
    assert.equal(fromRe2(rule), undefined, rule);
});

test("any text is an expression or none", () => {
  const parts = fc.constantFrom("(?i)", "(?P<x>", "[", "[:digit:]", "\\Q", "\\p{", "]", ")", "{2}");
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: "binary" }),
        fc.array(fc.oneof(parts, fc.string({ maxLength: 2 }))).map((list) => list.join("")),
      ),
      (text) => {
        const source = fromRe2(text);
        assert(source === undefined || new RegExp(source, "u"));
      },
    ),
  );
});
