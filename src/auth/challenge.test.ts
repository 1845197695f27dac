import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseChallenges } from "./challenge.ts";

function read(...lines: string[]): unknown {
  return parseChallenges(lines).map(({ scheme, parameters, token68 }) => ({
    [scheme]: token68 ?? Object.fromEntries(parameters),
  }));
}

test("a comma inside quotes does not end a parameter", () => {
  assert.deepEqual(
    read('Bearer realm="https://auth.example/token",service="r",scope="repository:a/b:pull,push"'),
    [
      {
        bearer: {
          realm: "https://auth.example/token",
          service: "r",
          scope: "repository:a/b:pull,push",
        },
      },
    ],
  );
});

test("several challenges stand in one line or in several", () => {
  const both = [{ bearer: { realm: "t" } }, { basic: { realm: "b" } }];
  assert.deepEqual(read('Bearer realm="t", Basic realm="b"'), both);
  assert.deepEqual(read('Bearer realm="t"', 'Basic realm="b"'), both);
  assert.deepEqual(read('Bearer realm="t" Basic realm="b"'), both);
});

test("a scheme may come alone, or with an opaque value", () => {
  assert.deepEqual(read("Negotiate", 'Basic realm="b"'), [
    { negotiate: {} },
    { basic: { realm: "b" } },
  ]);
  assert.deepEqual(read('Negotiate YII/+=, Basic realm="b"'), [
    { negotiate: "YII/+=" },
    { basic: { realm: "b" } },
  ]);
  assert.deepEqual(read("Negotiate, NTLM"), [{ negotiate: {} }, { ntlm: {} }]);
});

test("names are matched in any case, blanks around = and unquoted values are read", () => {
  assert.deepEqual(read("BEARER Realm = https://auth.example/token , SERVICE=r"), [
    { bearer: { realm: "https://auth.example/token", service: "r" } },
  ]);
});

test("escaped quotes belong to the value", () => {
  assert.deepEqual(read('Basic realm="say \\"hi\\", \\\\ you", charset="UTF-8"'), [
    { basic: { realm: 'say "hi", \\ you', charset: "UTF-8" } },
  ]);
});

test("a quote that is never closed ends with its line", () => {
  assert.deepEqual(read('Bearer realm="https://a/t', 'Basic realm="b"'), [
    { bearer: { realm: "https://a/t" } },
    { basic: { realm: "b" } },
  ]);
  assert.deepEqual(read('Bearer realm="\\'), [{ bearer: { realm: "\\" } }]);
});

test("the first of two equal parameters counts, and a parameter without scheme is nobody's", () => {
  assert.deepEqual(read('Bearer realm="1",realm="2"'), [{ bearer: { realm: "1" } }]);
  assert.deepEqual(read('realm="1", Basic realm="2"'), [{ basic: { realm: "2" } }]);
});

test("names of object members are ordinary parameters", () => {
  const [challenge] = parseChallenges(['Bearer __proto__="x", constructor="y"']);
  assert.deepEqual(
    [...(challenge?.parameters ?? [])],
    [
      ["__proto__", "x"],
      ["constructor", "y"],
    ],
  );
});

test("nothing makes the reader fail", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'Basic =",\\\t/é\0;') }), (line) => {
      for (const { scheme } of parseChallenges([line])) assert.match(scheme, /^[^\s,="]+$/);
    }),
  );
});

test("what was written as a challenge is read again", () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/);
  fc.assert(
    fc.property(name, fc.dictionary(name, fc.string(), { minKeys: 1 }), (scheme, parameters) => {
      const quoted = Object.entries(parameters).map(
        ([key, value]) => `${key}="${value.replace(/["\\]/g, "\\$&")}"`,
      );
      assert.deepEqual(read(`${scheme} ${quoted.join(",")}`), [{ [scheme]: { ...parameters } }]);
    }),
  );
});

test("hostile lines cost no more than their length", () => {
  // At a cost of n² each of these would take minutes.
  const many = 300_000;
  for (const piece of ["a ", "a=", '"', "\\", ", ", 'a="', "a b=", "=", "é"]) {
    parseChallenges([piece.repeat(many), `Bearer realm="${piece.repeat(many)}`]);
  }
});
