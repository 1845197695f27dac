import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { complainOfRepositories, complainOfTags, createPattern } from "./pattern.ts";

const matching = (patterns: string[], names: string[], user?: string) =>
  names.filter((name) => createPattern(patterns).matches(name, user));

test("a star stands for a part or some of it, two for any number of parts", () => {
  const names = ["a", "ab", "a/b", "a/b/c", "b/a", "x/y/a", "a/x/c"];
  assert.deepEqual(matching(["a"], names), ["a"]);
  assert.deepEqual(matching(["a*"], names), ["a", "ab"]);
  assert.deepEqual(matching(["*"], names), ["a", "ab"]);
  assert.deepEqual(matching(["**"], names), names);
  assert.deepEqual(matching(["a/**"], names), ["a/b", "a/b/c", "a/x/c"]);
  assert.deepEqual(matching(["**/a"], names), ["a", "b/a", "x/y/a"]);
  assert.deepEqual(matching(["a/**/c"], [...names, "a/c", "axc"]), ["a/b/c", "a/x/c", "a/c"]);
  assert.deepEqual(matching(["*/*"], names), ["a/b", "b/a"]);
});

test("several patterns add up, and those with an exclamation mark take away", () => {
  const names = ["a/b", "a/secret", "b/c", "c"];
  assert.deepEqual(matching(["a/**", "b/*"], names), ["a/b", "a/secret", "b/c"]);
  assert.deepEqual(matching(["!a/secret", "**"], names), ["a/b", "b/c", "c"]);
  assert.deepEqual(matching(["v*.*.*", "!*-rc*"], ["v1.2.3", "v1.2.3-rc1", "v1"]), ["v1.2.3"]);
});

test("{user} is whoever asks, whose name cannot be a pattern itself", () => {
  const names = ["alice/web", "bob/web", "alice"];
  assert.deepEqual(matching(["{user}/**"], names, "alice"), ["alice/web"]);
  assert.deepEqual(matching(["{user}/**"], names), []);
  for (const user of ["*", "**", "a*", "", "Alice", "alice/x", "!bob"])
    assert.deepEqual(matching(["{user}/**"], names, user), [], user);
  assert.deepEqual(matching(["**", "!{user}/**"], names, "bob"), ["alice/web", "alice"]);
});

test("it matches as a regular expression would", () => {
  const part = fc.stringMatching(/^[ab*]{1,4}$/).filter((text) => !text.includes("**"));
  const patterns = fc.array(fc.oneof(part, fc.constant("**")), { minLength: 1, maxLength: 4 });
  const names = fc
    .array(fc.stringMatching(/^[ab]{1,4}$/), { minLength: 1, maxLength: 4 })
    .map((parts) => parts.join("/"));
  fc.assert(
    fc.property(patterns, names, (parts, name) => {
      const expression = parts
        .map((text, index) => {
          if (text === "**") return index === parts.length - 1 ? ".*" : "(?:[^/]+/)*";
          return text.replaceAll("*", "[^/]*") + (index === parts.length - 1 ? "" : "/");
        })
        .join("");
      assert.equal(
        createPattern([parts.join("/")]).matches(name),
        new RegExp(`^${expression}$`).test(name),
      );
    }),
    { numRuns: 1000 },
  );
});

test("many stars and a long name do not take for ever", () => {
  assert(!createPattern([`${"*a".repeat(60)}b`]).matches("a".repeat(255)));
});

test("what can match nothing is complained of", () => {
  assert.equal(complainOfRepositories("team/{user}/**"), undefined);
  assert.equal(complainOfRepositories("!a.b/c__d-*"), undefined);
  assert.match(complainOfRepositories("Team/*")!, /lower case/);
  assert.match(complainOfRepositories("a//b")!, /empty part/);
  assert.match(complainOfRepositories("/a")!, /empty part/);
  assert.match(complainOfRepositories("a**/b")!, /whole parts/);
  assert.match(complainOfRepositories("a:b")!, /':' is not allowed/);
  assert.match(complainOfRepositories("!")!, /is empty/);
  assert.equal(complainOfTags("V*.*_x-1"), undefined);
  assert.match(complainOfTags("a/b")!, /'\/' is not allowed/);
});
