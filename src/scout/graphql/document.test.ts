import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Kind, parse } from "graphql";

import { isError } from "../../errors.ts";
import { operationsIn } from "./document.ts";

test("the kinds of operations are found, in order", () => {
  assert.deepEqual(operationsIn("{ a }"), ["query"]);
  assert.deepEqual(operationsIn("\ufeffmutation{a}"), ["mutation"]);
  assert.deepEqual(
    operationsIn('fragment mutation on X { a } query mutation($a: X = {b: "}"}) @c(d: [1]) { b }'),
    ["query"],
  );
  assert.deepEqual(
    operationsIn("query { a } # mutation { b }\nmutation x { b } subscription { c }"),
    ["query", "mutation", "subscription"],
  );
});

test("strings hide nothing, and close nothing", () => {
  assert.deepEqual(operationsIn('query { a(b: "}") } mutation { c }'), ["query", "mutation"]);
  assert.deepEqual(operationsIn('query { a(b: """ } \\""" " """) } mutation { c }'), [
    "query",
    "mutation",
  ]);
  assert.deepEqual(operationsIn('query { a(b: "\\"} mutation {") }'), ["query"]);
  assert.deepEqual(operationsIn('query { a(b: "") } mutation { c(d: """""") }'), [
    "query",
    "mutation",
  ]);
});

for (const document of [
  "",
  "fragment a on B { c }",
  "query {",
  "query",
  "}",
  "type A { b: C }",
  'query { a(b: "unended) }',
  "query { a } ?",
  "(mutation) { a }",
])
  test(`${JSON.stringify(document)} is no document`, () => {
    assert.throws(
      () => operationsIn(document),
      (error) => isError(error, "INPUT_INVALID"),
    );
  });

test("what GraphQL itself takes for a mutation is one, however it is written", () => {
  const name = fc.constantFrom("a", "query", "mutation", "fragment", "on1", "_");
  const space = fc.constantFrom(" ", "\n", ", ", "#}\n", "#mutation{\n", "\r\n");
  const text = fc.constantFrom(
    '"}"',
    '"\\""',
    '"""{ \\""" """',
    '""',
    '"#"',
    "{a:1}",
    "[1]",
    "$b",
    "-1.5e3",
  );
  const body = fc
    .tuple(space, name, space, name, text)
    .map(([s, field, t, other, value]) => `{${s}${field}(x:${value})${t}@d{...on A{${other}}}}`);
  const definition = fc
    .tuple(fc.constantFrom("query", "mutation", "subscription", ""), space, name, space, body)
    .map(([kind, s, title, t, rest]) => (kind === "" ? rest : `${kind}${s}${title}${t}${rest}`));
  fc.assert(
    fc.property(fc.array(definition, { minLength: 1, maxLength: 4 }), space, (definitions, s) => {
      const document = definitions.join(s);
      const known = parse(document).definitions.flatMap((each) =>
        each.kind === Kind.OPERATION_DEFINITION ? [each.operation] : [],
      );
      assert.deepEqual(operationsIn(document), known);
    }),
  );
});

test("a long document is read in a moment, whatever it holds", () => {
  for (const part of ['"', '"""', '\\"', "{", "#", "a ", '"a'])
    try {
      operationsIn(part.repeat(100_000));
    } catch (error) {
      assert(isError(error, "INPUT_INVALID"));
    }
});
