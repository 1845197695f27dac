import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import semver from "semver";
import { satisfies } from "./range.ts";
import { filterTags, selectTags } from "./filter.ts";

const tags = ["latest", "1.24", "1.25-alpine", "1.25", "v1.26.1", "1.27-rc1", "2.0", "edge"];

test("a range finds versions, whatever their spelling", async () => {
  assert.deepEqual(await selectTags({ semver: ">=1.25 <2" }, tags), ["1.25", "v1.26.1"]);
  assert.deepEqual(await selectTags({ semver: "^1.25-alpine" }, tags), ["1.25-alpine"]);
  assert.deepEqual(await selectTags({ semver: ">=1.27-rc0" }, tags), ["1.27-rc1", "2.0"]);
  await assert.rejects(selectTags({ semver: "newest" }, tags), { code: "USAGE" });
});

test("what npm says of a range holds for tags", () => {
  const cases: [range: string, inside: string[], outside: string[]][] = [
    ["^1.2.3", ["1.2.3", "1.9"], ["1.2.2", "2.0.0", "1.3.0-rc1", "1.2.3-rc1"]],
    ["^0.2.3", ["0.2.3", "0.2.9"], ["0.3.0"]],
    ["^0.0.3", ["0.0.3"], ["0.0.4"]],
    ["^0.0", ["0.0.9"], ["0.1.0"]],
    ["^0", ["0.9"], ["1.0"]],
    ["~1.2.3", ["1.2.9"], ["1.3.0"]],
    ["~1", ["1.9"], ["2.0"]],
    ["1.x", ["1", "1.0.0", "1.9"], ["2"]],
    ["1.2", ["1.2", "1.2.7"], ["1.3"]],
    ["=1.2.3", ["1.2.3", "v1.2.3"], ["1.2.4", "1.2.3.1"]],
    [">1.2", ["1.3"], ["1.2", "1.2.9"]],
    ["<=1.2", ["1.2.9", "1.2"], ["1.3"]],
    ["<2", ["1.9"], ["2.0", "2.0-rc1"]],
    ["1.2 - 1.4", ["1.2", "1.4.9"], ["1.5", "1.1"]],
    ["1.2 || >=2", ["1.2.3", "3"], ["1.3"]],
    [">= 1.2.3-rc.2", ["1.2.3-rc.10", "1.2.3", "1.3"], ["1.2.3-rc.1", "1.3-rc.3"]],
    ["*", ["1", "0.0.1"], ["latest", "1-alpine", "1-rc1"]],
    ["*-*", ["1", "1-alpine"], ["latest"]],
    ["^1-alpine*", ["1.1-alpine", "1.1-alpine3.20"], ["1.1", "1.1-slim"]],
  ];
  for (const [range, inside, outside] of cases) {
    for (const tag of inside) assert(satisfies(tag, range), `${tag} is in ${range}`);
    for (const tag of outside) assert(!satisfies(tag, range), `${tag} is not in ${range}`);
  }
});

test("expressions choose and exclude", async () => {
  const found = await selectTags({ match: ["^1\\.", "^v"], exclude: "alpine|rc" }, tags);
  assert.deepEqual(found, ["1.24", "1.25", "v1.26.1"]);
  await assert.rejects(filterTags({ match: "(" }, tags), { code: "USAGE" });
});

test("an expression that takes too long is refused", async () => {
  const tag = `${"a".repeat(60)}b`;
  await assert.rejects(filterTags({ match: "(a+)+$" }, [tag]), /takes too long/);
});

test("the newest by version are versions, newest first", async () => {
  assert.deepEqual(await selectTags({ newest: 2 }, tags), ["2.0", "1.27-rc1"]);
  const all = ["2.0", "1.27-rc1", "v1.26.1", "1.25", "1.25-alpine", "1.24", "edge", "latest"];
  assert.deepEqual(await selectTags({ sort: "semver" }, tags), all);
  const oldest = ["1.24", "1.25-alpine", "1.25", "v1.26.1", "1.27-rc1", "2.0", "edge", "latest"];
  assert.deepEqual(await selectTags({ sort: "semver", reverse: true }, tags), oldest);
  assert.deepEqual(await selectTags({ newest: 2, reverse: true }, tags), ["1.27-rc1", "2.0"]);
});

test("the newest by date have a known date", async () => {
  const dates = new Map([
    ["1.24", 300],
    ["2.0", 200],
    ["edge", 300],
  ]);
  assert.deepEqual(await selectTags({ newest: 9 }, tags, dates), ["1.24", "edge", "2.0"]);
  const [first, , third, fourth] = await selectTags({ sort: "date" }, tags, dates);
  assert.deepEqual([first, third, fourth], ["1.24", "2.0", "1.25"]);
  const named = { newest: 2, sort: "name", reverse: true } as const;
  assert.deepEqual(await selectTags(named, tags, dates), ["edge", "1.24"]);
  await assert.rejects(selectTags({ sort: "date" }, tags), { code: "USAGE" });
});

test("npm agrees, whatever the range", () => {
  const number = fc.nat(3).map(String);
  const prerelease = fc.constantFrom("", "-rc.0", "-rc.1", "-alpha");
  const version = fc
    .tuple(number, number, number, prerelease)
    .map(([a, b, c, suffix]) => `${a}.${b}.${c}${suffix}`);
  const partial = fc.oneof(
    version,
    fc.array(number, { minLength: 1, maxLength: 2 }).map((parts) => parts.join(".")),
    number.map((major) => `${major}.x`),
  );
  const operator = fc.constantFrom("", "=", "<", "<=", ">", ">=", "^", "~");
  const comparators = fc
    .array(
      fc.tuple(operator, partial).map((words) => words.join("")),
      {
        minLength: 1,
        maxLength: 2,
      },
    )
    .map((words) => words.join(" "));
  const hyphen = fc.tuple(partial, partial).map((ends) => ends.join(" - "));
  const range = fc
    .array(fc.oneof(comparators, hyphen), { minLength: 1, maxLength: 2 })
    .map((parts) => parts.join(" || "));
  fc.assert(
    fc.property(version, range, (tag, text) => {
      assert.equal(satisfies(tag, text), semver.satisfies(tag, text), `${tag} in ${text}`);
    }),
    { numRuns: 2000 },
  );
});
