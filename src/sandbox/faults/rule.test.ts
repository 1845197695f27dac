import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import fc from "fast-check";

import { isError } from "../../errors.ts";
import { matches } from "./match.ts";
import { type FaultRule, faultWords, readFault, readRule, rulesOf, writeRule } from "./rule.ts";

test("a line says which requests, what happens, and when", () => {
  assert.deepEqual(readRule("GET /v2/*/blobs/* cut at=1000 nth=2"), {
    method: "GET",
    path: "/v2/*/blobs/*",
    fault: "cut",
    at: 1000,
    nth: 2,
  });
  assert.deepEqual(readRule("tags.list 429 retry-after=3 first=2 account=alice"), {
    operation: "tags.list",
    account: "alice",
    fault: 429,
    retryAfter: 3,
    first: 2,
  });
  assert.deepEqual(readRule("hub rate=0.25 stall at=headers"), {
    part: "hub",
    rate: 0.25,
    fault: "stall",
    at: "headers",
  });
  assert.deepEqual(readRule('* 503 header="X-Run: 7"'), { fault: 503, header: "X-Run: 7" });
});

test("whatever a rule says is said by its text", () => {
  const { constantFrom, integer, record, oneof } = fc;
  const count = integer({ min: 1, max: 1000 });
  const rule = record(
    {
      part: constantFrom("hub", "registry", "auth", "scout"),
      method: constantFrom("GET", "PUT"),
      path: constantFrom("/", "/v2/*/blobs/*", "/token?*"),
      operation: constantFrom("tags.list", "auth.createToken"),
      account: constantFrom("alice", "a@b.example"),
      header: constantFrom("X-Run", "X-Run: 7", "X-Run:a=b"),
      nth: count,
      every: count,
      seed: count,
      rate: fc.double({ min: 0, max: 1, noNaN: true }).map((share) => Math.abs(share)),
      fault: oneof(integer({ min: 400, max: 599 }), constantFrom(...Object.keys(faultWords))),
    },
    { requiredKeys: ["fault"] },
  );
  fc.assert(
    fc.property(rule, (given) => {
      assert.deepEqual(readRule(writeRule(given as FaultRule)), { ...given });
    }),
  );
});

test("what is no rule is told with what is wrong and what was perhaps meant", () => {
  const wrong: readonly (readonly [string | object, RegExp])[] = [
    ["GET /v2/*", /does not say what happens/],
    ["GET /v2/* corupt", /no fault "corupt".*Did you mean corrupt\?/],
    ["GET /v2/* 200", /no fault 200/],
    ["503 nht=2", /no nht=.*Did you mean nth\?/],
    ["503 ms=2", /503 takes no ms/],
    ["cut at=answer", /cut cannot be at=answer/],
    ["html at=17", /html cannot be at=17/],
    ["503 nth=0", /nth is a whole number from 1/],
    ["503 rate=2", /rate is a number from 0 to 1/],
    ["GET POST 503", /two words say its method/],
    ["503 constructor=1", /no constructor=/],
    [{ fault: "__proto__" }, /no fault/],
    [{ fault: 503, nth: "x" }, /nth is/],
    [{ path: ["/v2/"], fault: 503 }, /path is/],
  ];
  for (const [rule, words] of wrong)
    assert.throws(
      () => readRule(rule as string),
      (error: Error) => {
        assert(isError(error, "USAGE"), String(error));
        assert.match(`${error.message} ${error.hint}`, words);
        return true;
      },
    );
  assert.throws(() => readFault("503 nth=2"), /nth is for rules/);
});

test("a file has a rule on each line that says anything", () => {
  assert.deepEqual(rulesOf("# a\n\n hub 503 \r\n  # b\nauth delay"), ["hub 503", "auth delay"]);
});

test("a star is any text, slashes too; only a pattern with a question mark looks at the query", () => {
  const fitting = [
    ["/v2/*/blobs/*", "/v2/library/hello/blobs/sha256:1"],
    ["/v2/", "/v2/?n=1"],
    ["*", "/"],
    ["/token?*scope=*alice*", "/token?service=x&scope=repository:alice/site:pull"],
    ["/a*b*b", "/abb"],
  ] as const;
  const not = [
    ["/v2/*/blobs/*", "/v2/library/hello/manifests/1"],
    ["/v2", "/v2/"],
    ["/a*b*b", "/ab"],
    ["/a*a", "/a"],
  ] as const;
  for (const [pattern, target] of fitting) assert(matches(pattern, target), `${pattern} ${target}`);
  for (const [pattern, target] of not) assert(!matches(pattern, target), `${pattern} ${target}`);
});

test("whatever is given is a rule whose text says the same again, or told what is wrong with it", () => {
  const words = fc.oneof(
    fc.constantFrom(
      ..."GET hub tags.list /v2/* * *x 503 cut delay html at=1 at=start nth=2".split(" "),
    ),
    fc.constantFrom(
      "rate=1e-7",
      "path=*x",
      'header="X: \\"7\\""',
      'header="X',
      "part=hub",
      "__proto__=1",
      '"',
    ),
    fc.string({ maxLength: 8 }),
  );
  const text = fc.array(words, { maxLength: 6 }).map((parts) => parts.join(" "));
  const object = fc.record(
    {
      fault: fc.oneof(fc.constantFrom("cut", "html", 503), fc.anything()),
      path: fc.oneof(fc.constantFrom("*", "*/tags", '/a"b', "/a=b"), fc.string()),
      header: fc.oneof(fc.constantFrom('If-Match: "a b"', "X:\\", 'X:"'), fc.string()),
      account: fc.constantFrom("a", '"a"', "a\\", 'a"b'),
      rate: fc.oneof(fc.double(), fc.constantFrom(null, true, [], "")),
      nth: fc.anything(),
    },
    { requiredKeys: ["fault"] },
  ) as fc.Arbitrary<FaultRule>;
  fc.assert(
    fc.property(fc.oneof(text, fc.string({ unit: "binary" }), object), (given) => {
      let rule: FaultRule;
      try {
        rule = readRule(given);
      } catch (error) {
        assert(isError(error, "USAGE"), String(error));
        assert(error.message.length < 600);
        return;
      }
      assert.deepEqual(readRule(writeRule(rule)), rule);
    }),
    { numRuns: 3000 },
  );
});

test("the page tells of every fault, and of each setting", () => {
  const page = readFileSync("docs/sandbox-faults.md", "utf8");
  const table = page.slice(page.indexOf("\n## What happens"));
  const settings = new Set(Object.values(faultWords).flatMap(({ takes }): string[] => [...takes]));
  for (const word of Object.keys(faultWords)) assert(table.includes(`\n| \`${word}\` `), word);
  for (const name of [...settings, "retry-after"].filter((one) => one !== "retryAfter"))
    assert(table.includes(`\`${name}=`), name);
});
