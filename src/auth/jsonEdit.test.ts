import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { removeMember, setMember } from "./jsonEdit.ts";

test("a new file looks like docker's", () => {
  assert.equal(
    setMember("", ["auths", "r.example"], { auth: "eA==" }),
    '{\n\t"auths": {\n\t\t"r.example": {\n\t\t\t"auth": "eA=="\n\t\t}\n\t}\n}\n',
  );
});

test("the file's own form is kept: indentation, order, odd blanks, numbers", () => {
  const before = `{
  "credsStore" :  "x",
  "auths": {
    "a": { "auth": "1" },

    "b": {"auth":"2"}
  },
  "n": 1.50e+3, "psFormat": "\\u0041{\\"}"
}`;
  const after = `{
  "credsStore" :  "x",
  "auths": {
    "a": { "auth": "1" },

    "b": {"auth":"2"},
    "c": {
      "auth": "3"
    }
  },
  "n": 1.50e+3, "psFormat": "\\u0041{\\"}"
}`;
  assert.equal(setMember(before, ["auths", "c"], { auth: "3" }), after);
  assert.equal(setMember(before, ["auths", "b"], {}), before.replace('{"auth":"2"}', "{}"));
  assert.equal(removeMember(after, ["auths", "c"]), before);
});

test("a file on one line stays on one line", () => {
  assert.equal(
    setMember('{"auths":{"a":{}}}', ["auths", "b"], { x: 1 }),
    '{"auths":{"a":{},"b":{"x":1}}}',
  );
  assert.equal(setMember('{"auths":{}}', ["auths", "b"], { x: 1 }), '{"auths":{"b":{"x":1}}}');
});

test("Windows' line ends are kept", () => {
  assert.equal(
    setMember('{\r\n\t"auths": {}\r\n}\r\n', ["auths", "a"], {}),
    '{\r\n\t"auths": {\r\n\t\t"a": {}\r\n\t}\r\n}\r\n',
  );
});

test("first, middle, last and only members go without a trace", () => {
  const text = '{\n\t"x": {\n\t\t"a": 1,\n\t\t"b": 2,\n\t\t"c": 3\n\t}\n}';
  assert.equal(removeMember(text, ["x", "a"]), text.replace('"a": 1,\n\t\t', ""));
  assert.equal(removeMember(text, ["x", "b"]), text.replace('"b": 2,\n\t\t', ""));
  assert.equal(removeMember(text, ["x", "c"]), text.replace(',\n\t\t"c": 3', ""));
  assert.equal(removeMember('{ "x": { "a": 1 } }', ["x", "a"]), '{ "x": {} }');
  assert.equal(removeMember(text, ["x", "d"]), text);
  assert.equal(removeMember(text, ["y", "a"]), text);
  assert.equal(removeMember(text, ["x", "a", "b"]), text);
});

test("what is not an object on the way is replaced", () => {
  assert.deepEqual(JSON.parse(setMember('{"auths": null}', ["auths", "a"], 1)), {
    auths: { a: 1 },
  });
});

const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constant(null),
    fc.boolean(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.string(),
    fc.array(tie("value"), { maxLength: 3 }),
    tie("object"),
  ),
  object: fc.dictionary(fc.string(), tie("value"), { maxKeys: 4, noNullPrototype: true }),
}));
const space = fc.constantFrom(undefined, 2, 4, "\t");

test("what is set is there, all else as it was", () => {
  const path = fc.array(fc.string(), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(json.object, space, path, json.value, (root, indent, names, value) => {
      const after: unknown = JSON.parse(
        setMember(JSON.stringify(root, undefined, indent), names, value),
      );
      const wanted = structuredClone(root) as Record<string, unknown>;
      let at = wanted;
      for (const name of names.slice(0, -1)) {
        const inner = Object.hasOwn(at, name) ? at[name] : undefined;
        const next =
          typeof inner === "object" && inner !== null && !Array.isArray(inner) ? inner : {};
        define(at, name, next);
        at = next as Record<string, unknown>;
      }
      define(at, names.at(-1) ?? "", value);
      assert.deepEqual(after, JSON.parse(JSON.stringify(wanted)));
    }),
  );
});

test("what is removed is gone, each time it is there; all else stays", () => {
  fc.assert(
    fc.property(json.object, json.object, space, fc.string(), (one, two, indent, name) => {
      const inner = JSON.stringify({ ...one, ...two }, undefined, indent);
      const twice =
        inner === "{}"
          ? inner
          : `${inner.slice(0, -1)},${JSON.stringify(name)}:1,${inner.slice(1)}`;
      const wanted = { ...one, ...two } as Record<string, unknown>;
      delete wanted[name];
      const after: unknown = JSON.parse(removeMember(`{"x":${twice}}`, ["x", name]));
      assert.deepEqual(after, JSON.parse(JSON.stringify({ x: wanted })));
    }),
  );
});

function define(object: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(object, name, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}
