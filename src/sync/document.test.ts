import assert from "node:assert/strict";
import { test } from "node:test";

import { isError } from "../errors.ts";
import { readYaml } from "./document.ts";

function refused(text: string, message: RegExp): void {
  assert.throws(
    () => readYaml(text, "f.yaml"),
    (error) => isError(error, "CONFIG_INVALID") && message.test(error.message),
  );
}

test("what is nested without end is refused before it is composed, with its line", () => {
  for (const opening of ["[", "{a: ", "- ", "? "])
    refused(`x: 1\n---\n${opening.repeat(200_000)}`, /^f\.yaml:3: has more than 100 levels$/);
  refused("[".repeat(200_000) + "]".repeat(200_000), /^f\.yaml:1: has more than 100 levels$/);
  const deep = readYaml("[".repeat(100) + "]".repeat(100), "f.yaml").value;
  assert.equal(JSON.stringify(deep).length, 200);
});

test("a map has a bound: each field is compared with all others", () => {
  const fields = Array.from({ length: 10_002 }, (_, index) => `k${index}: 1`);
  refused(fields.join("\n"), /has a map of more than 10000 fields$/);
  refused(`{${fields.join(", ")}}`, /has a map of more than 10000 fields$/);
});

test("aliases count as what they stand for, also where they are merged", () => {
  const text = "list: &list [{ a: 1 }, *map]\n";
  assert.deepEqual(readYaml(`map: &map { b: 2 }\n${text}more: [*list, *list]`, "f.yaml").value, {
    map: { b: 2 },
    list: [{ a: 1 }, { b: 2 }],
    more: [
      [{ a: 1 }, { b: 2 }],
      [{ a: 1 }, { b: 2 }],
    ],
  });
  const fields = Array.from({ length: 1000 }, (_, index) => `k${index}: 1`).join(", ");
  const merged = `a: &a {${fields}}\nlist:\n${"  - <<: *a\n".repeat(1000)}`;
  refused(merged, /has more than 1000000 values, as its aliases multiply them$/);
  const nested = Array.from({ length: 9 }, (_, index) => {
    const inner = index === 0 ? "1" : `*a${index - 1}`;
    return `a${index}: &a${index} [${Array<string>(9).fill(inner).join(", ")}]`;
  });
  refused(nested.join("\n"), /has more than 1000000 values/);
});

test("an alias of what it is a part of, or of nothing, is told", () => {
  refused("a: &a [*a]", /the alias \*a stands for what it is a part of$/);
  refused("a: &a\n  b: *a", /the alias \*a stands for what it is a part of$/);
  refused("a: *b", /\*?b/);
});
