import assert from "node:assert/strict";
import { test } from "node:test";

import { isError } from "../../../errors.ts";
import { parseRules, readRules } from "./file.ts";

const example = `
access:
  - repositories: public/**
    who: anonymous
    may: pull
  - repositories: ["{user}/**", shared/base]
    who: authenticated
    may: [push]
  - repositories: "**"
    who: [carol, ci]
    may: all
immutable:
  - tags: ["v*", "!v0*"]
  - repositories: released/**
    tags: "*"
`;

test("one text or a list of them, written as YAML or JSON, is the same", () => {
  const read = readRules(example, "f");
  assert.deepEqual(read.access?.[0], {
    repositories: ["public/**"],
    who: ["anonymous"],
    may: ["pull"],
  });
  assert.deepEqual(read.access?.[2]?.may, ["pull", "push", "delete"]);
  assert.deepEqual(read.immutable?.[0], { repositories: ["**"], tags: ["v*", "!v0*"] });
  assert.deepEqual(readRules(JSON.stringify(read), "f"), read);
});

test("a rule allows, and what none allows is refused", () => {
  const rules = parseRules(example, "f");
  assert(rules.allow(undefined, "pull", "public/a"));
  assert(rules.allow("alice", "pull", "public/a"), "anonymous is everybody");
  assert(!rules.allow(undefined, "push", "public/a"));
  assert(rules.allow("alice", "push", "alice/web"));
  assert(rules.allow("alice", "pull", "alice/web"), "who pushes may pull");
  assert(!rules.allow("alice", "delete", "alice/web"));
  assert(!rules.allow("alice", "pull", "bob/web"));
  assert(!rules.allow(undefined, "pull", "alice/web"));
  assert(rules.allow("carol", "delete", "bob/web"));
  assert(rules.allowSome(undefined));
});

test("tags are immutable where a rule says so", () => {
  const rules = parseRules(example, "f");
  assert(rules.isImmutable("any/where", "v1"));
  assert(!rules.isImmutable("any/where", "v0.1"));
  assert(rules.isImmutable("released/a", "latest"));
  assert(!rules.isImmutable("any/where", "latest"));
});

test("without a word of access everything is allowed, with an empty list nothing", () => {
  assert(parseRules("immutable: []", "f").allow(undefined, "delete", "a"));
  const closed = parseRules("access: []", "f");
  assert(!closed.allow("carol", "pull", "a"));
  assert(!closed.allowSome("carol"));
});

test("every complaint names line and field, and guesses what was meant", () => {
  const rule = "access:\n  - repositories: a\n    who: b\n";
  const cases: readonly (readonly [string, RegExp])[] = [
    ["", /^f: must be a map of access, immutable$/],
    ["{}", /^f: holds no rules/],
    ["acess: []", /^f:1: "acess" is not known; access, immutable are\. Did you mean access\?$/],
    ["access: {}", /^f:1: access: must be a list of rules$/],
    ["access:\n  - a", /^f:2: access\[0\]: must be a map of repositories, who, may$/],
    [rule, /^f:2: access\[0\]: needs may$/],
    [`${rule}    may: pul`, /^f:4: access\[0\]\.may: "pul" must be pull, .*Did you mean pull\?$/],
    [`${rule}    may: [pull,\n      drop]`, /^f:5: access\[0\]\.may\[1\]: "drop" must be/],
    [`${rule}    may: []`, /^f:4: access\[0\]\.may: is empty$/],
    [`${rule}    may: pull\n    when: now`, /^f:5: access\[0\]: "when" is not known/],
    [
      "access:\n  - repositories: A/b\n    who: x\n    may: pull",
      /^f:2: access\[0\]\.repositories: "A\/b" must be lower case/,
    ],
    [
      'access:\n  - repositories: "!a"\n    who: x\n    may: pull',
      /^f:2: access\[0\]\.repositories: only takes away/,
    ],
    [
      "access:\n  - repositories: a\n    who: 12\n    may: pull",
      /^f:3: access\[0\]\.who: must be text; numbers need quotes$/,
    ],
    [
      'access:\n  - repositories: a\n    who: "*"\n    may: pull',
      /^f:3: access\[0\]\.who: "\*" must be the name of a user/,
    ],
    ["immutable:\n  - repositories: a", /^f:2: immutable\[0\]: needs tags$/],
    [
      'immutable:\n  - repositories: "{user}/a"\n    tags: "*"',
      /^f:2: immutable\[0\]\.repositories: .* must not depend on the user$/,
    ],
    ["access: [\n", /^f:\d: /],
    ["access: []\naccess: []", /^f:2: .*unique/],
  ];
  for (const [text, message] of cases)
    assert.throws(
      () => parseRules(text, "f"),
      (error) => {
        assert(isError(error, "CONFIG_INVALID"), text);
        assert.match(error.message, message, text);
        return true;
      },
    );
});
