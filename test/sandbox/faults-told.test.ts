/** What whoever makes faults is told: which requests met them, and which rules none can meet. */
import assert from "node:assert/strict";
import { get } from "node:http";
import { test } from "node:test";

import { emptyIndex, index, registryFor } from "./registry-calls.ts";
import { refused, stage } from "./stage.ts";

const categories = "/hub/v2/categories";

test("a request that a fault was the end of is listed with it", async (context) => {
  const at = await stage(context);
  for (const rule of [
    "* reset",
    "* stall",
    "* stall at=answer",
    "* stall at=headers",
    "* delay ms=60000",
  ]) {
    const before = at.sandbox.requests.length;
    const fault = await at.sandbox.fail(rule);
    const asked = get(at.sandbox.url + categories, { agent: false });
    asked.on("error", () => {});
    while (fault.hits === 0) await new Promise(setImmediate);
    if (rule !== "* reset") asked.destroy();
    while (at.sandbox.requests.length === before) await new Promise(setImmediate);
    const { status, faults } = at.sandbox.requests.at(-1)!;
    assert.deepEqual([status, faults], [rule === "* stall at=headers" ? 200 : 0, [rule]]);
    fault.remove();
  }
});

test("a rule that no request can meet is told why", async (context) => {
  const one = await stage(context);
  const separate = await stage(context, { separate: true });
  for (const [rule, words] of [
    ["registry tags.list 503", /tags\.list is an operation of hub/],
    ["POST tags.list 503", /tags\.list is sent with GET/],
    ["/v2/* tags.list 503", /paths of hub begin with \/hub$/],
    ["hub /v2/* 503", /paths of hub begin with \/hub$/],
    ["auth /tokens 503", /paths of auth begin with \/token$/],
    ["/_sandbox/* 503", /paths begin with \/hub, \/v2, \/token, \/scout$/],
    ["hub digest", /only the registry tells digests/],
    ["tags.list digest", /only the registry tells digests/],
    ["* 503 nth=5 first=3", /number 5 is none of the first 3/],
    ["* 503 nth=3 every=2", /number 3 is none that every=2 means/],
    ["* 503 first=2 every=3", /none of the first 2/],
  ] as const)
    await refused(one.sandbox.fail(rule), "USAGE", words);
  await refused(separate.sandbox.fail("registry /hub/* 503"), "USAGE", /begin with \/v2$/);
  for (const rule of [
    "HEAD tags.list 503",
    "/hu* tags.list 503",
    "hub /hub/v2/* 503",
    "/* 503",
    "/v2* 503",
    "/v2/?n=1 503",
    "/token?service=* 503",
    "* path=*/manifests/* digest",
    "registry digest",
    "* 503 nth=4 every=2 first=4",
  ])
    await one.sandbox.fail(rule);
  await separate.sandbox.fail("hub /v2/* 503");
});

test("the registry, too, refuses after the work was done, and says for how long", async (context) => {
  const at = await stage(context);
  const ask = await registryFor(at, "alice", "alice/box");
  for (const status of [401, 403]) {
    const fault = await at.sandbox.fail(`PUT registry ${status} at=answer retry-after=3`);
    const answer = await ask("PUT", `manifests/v${status}`, emptyIndex(), index);
    assert.deepEqual([answer.status, answer.headers.get("retry-after")], [status, "3"]);
    assert.match(await answer.text(), status === 401 ? /"UNAUTHORIZED"/ : /"DENIED"/);
    fault.remove();
    assert.equal((await ask("GET", `manifests/v${status}`)).status, 200);
  }
  await at.sandbox.fail("GET registry 401 retry-after=4");
  const challenged = await ask("GET", "manifests/v401");
  assert.equal(challenged.headers.get("retry-after"), "4");
  assert.match(challenged.headers.get("www-authenticate") ?? "", /^Bearer realm=/);
});
