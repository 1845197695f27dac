import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Json, sortedJson } from "./sortedJson.ts";

test("keys are sorted at each level, and a blank follows commas and colons", () => {
  assert.equal(
    sortedJson({ z: [1, "x", []], a: { d: {}, c: 2 } }),
    '{"a": {"c": 2, "d": {}}, "z": [1, "x", []]}',
  );
});

test("what is not ASCII is escaped, beyond the basic plane in two halves", () => {
  assert.equal(
    sortedJson('é\u2028😀\u007f\n"\\/'),
    '"\\u00e9\\u2028\\ud83d\\ude00\\u007f\\n\\"\\\\/"',
  );
});

test("keys stand in the order of code points, not of UTF-16", () => {
  assert.equal(sortedJson({ "😀": 1, "\ufb01": 2 }), '{"\\ufb01": 2, "\\ud83d\\ude00": 1}');
});

test("it means what JSON.stringify means", () => {
  const tree = fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.string({ unit: "binary" }),
      fc.integer(),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(fc.string(), tie("value"), { maxKeys: 4, noNullPrototype: true }),
    ),
  }));
  fc.assert(
    fc.property(tree.value, (value) => {
      const text = sortedJson(value);
      assert.match(text, /^[\0-\x7e]*$/);
      assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)));
    }),
  );
});
