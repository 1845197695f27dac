import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { entries } from "./index.ts";
import { synonymOf } from "./synonyms.ts";

test("every synonym stands for a command, and hides none", () => {
  const names = entries.map(({ name }) => name);
  const words = readFileSync(new URL("synonyms.ts", import.meta.url), "utf8").matchAll(
    /^ {2}"?([\w-]+)"?: /gm,
  );
  for (const [, word] of words) {
    assert.ok(names.includes(synonymOf(word!)!), word);
    assert.ok(!names.includes(word!), word);
  }
  assert.equal(synonymOf("constructor"), undefined);
});
