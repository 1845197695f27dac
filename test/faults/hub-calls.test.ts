/** Docker Hub out of order: what the client sits out, and what it says where it cannot. The sandbox misbehaves on demand. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";

import { createHub, type HubOptions } from "../../src/entrance/hub.ts";
import { type Sandbox, startSandbox } from "../../src/entrance/sandbox.ts";
import { failsWith } from "./stage.ts";

async function open(context: TestContext, options: HubOptions = {}) {
  const failures: unknown[] = [];
  const sandbox = await startSandbox({
    rateLimit: 10_000,
    onFailure: (failure) => failures.push(failure),
  });
  const hub = createHub({
    url: sandbox.hubUrl,
    credentials: { kind: "secret", identifier: "alice", secret: "alice-password" },
    environment: {},
    ...options,
  });
  context.after(async () => {
    await hub.close();
    await sandbox.close();
    assert.deepEqual(failures, []);
  });
  return { sandbox, hub };
}

const api = { namespace: "harbour", repository: "api" };
const count = ({ requests }: Sandbox, word: string) =>
  requests.filter(({ target }) => target.includes(word)).length;

test("a call is sent again after each kind of trouble that passes", async (context) => {
  const { sandbox, hub } = await open(context);
  const { count: wanted } = await hub.tags.list(api);
  for (const trouble of [
    "429 retry-after=0",
    "500 retry-after=0",
    "502 retry-after=0",
    "503 retry-after=0",
    "html status=504 retry-after=0",
    "reset",
    "reset at=answer",
    "reset at=headers",
    "cut at=20",
  ]) {
    const fault = await sandbox.fail(`tags.list ${trouble} first=1`);
    const { count } = await hub.tags.list(api);
    assert.deepEqual([trouble, count, fault.hits, fault.seen], [trouble, wanted, 1, 2]);
    fault.remove();
  }
});

test("a long list is read whole through a storm, page by page", async (context) => {
  const { sandbox, hub } = await open(context, { retries: 10 });
  const names = async () => {
    const found: string[] = [];
    for await (const { name } of hub.tags.list({ ...api, page_size: 1 })) found.push(name!);
    return found;
  };
  const calm = await names();
  assert(calm.length > 1);
  const storm = await sandbox.fail("hub 503 retry-after=0 rate=0.3 seed=3");
  const cuts = await sandbox.fail("hub cut at=30 rate=0.1 seed=4");
  for (let times = 0; times < 3; times += 1) assert.deepEqual(await names(), calm);
  assert(storm.hits > 2 && cuts.hits > 0, `${storm.hits} and ${cuts.hits}`);
});

test("what would happen twice is not sent again: a limit, a lost answer", async (context) => {
  const { sandbox, hub } = await open(context);
  const create = (name: string) => hub.repositories.create({ namespace: "alice", name });
  const limited = await sandbox.fail("repositories.create 429 retry-after=7");
  await assert.rejects(create("one"), (error) => {
    assert(failsWith("RATE_LIMITED")(error));
    assert.equal(error.details.retryAfter, 7000);
    assert.match(error.message, /Rate limit exceeded \(429, try again in 7 s\)/);
    return true;
  });
  assert.equal(limited.hits, 1);
  limited.remove();
  for (const [name, fault] of [
    ["two", "reset at=answer"],
    ["three", "504 at=answer"],
    ["four", "reset at=headers"],
  ]) {
    const lost = await sandbox.fail(`repositories.create ${fault}`);
    await assert.rejects(create(name!), failsWith("CONNECTION_FAILED", "SERVER_ERROR"));
    assert.equal(lost.hits, 1);
    lost.remove();
    const { name: made } = await hub.repositories.get({ namespace: "alice", repository: name! });
    assert.equal(made, name, "the work was done");
  }
});

test("a session that ends is opened anew, once for each that ended", async (context) => {
  const { sandbox, hub } = await open(context);
  await hub.repositories.get(api);
  const ended = await sandbox.fail("repositories.get expired first=1");
  await hub.repositories.get(api);
  assert.deepEqual([ended.hits, count(sandbox, "/auth/token")], [1, 2]);
  ended.remove();
  // Sessions that are over when they begin: the next one is good.
  await sandbox.reset();
  await sandbox.fail("auth.createToken expired nth=1");
  const fresh = createHub({
    url: sandbox.hubUrl,
    credentials: { kind: "secret", identifier: "bob", secret: "bob-password" },
    environment: {},
  });
  context.after(() => fresh.close());
  assert.equal((await fresh.users.getCurrent()).username, "bob");
  assert.equal(count(sandbox, "/auth/token"), 2);
});

test("sessions that are never good end in a refusal, not in a circle", async (context) => {
  const { sandbox, hub } = await open(context);
  await sandbox.fail("hub expired");
  for (let tries = 0; tries < 3; tries += 1)
    await assert.rejects(hub.users.getCurrent(), failsWith("UNAUTHORIZED"));
  assert(count(sandbox, "/auth/token") <= 6, `${count(sandbox, "/auth/token")} sessions`);
});

test("what is no answer is told as what it is, in a line", async (context) => {
  const { sandbox, hub } = await open(context, { retries: 1 });
  const cases = [
    ["truncate", "RESPONSE_INVALID", /JSON/],
    ["corrupt at=0", "RESPONSE_INVALID", /JSON/],
    ["html status=200", "RESPONSE_INVALID", /HTML page "504 Gateway Time-out" in place of JSON/],
    ["html status=403", "SERVER_ERROR", /HTML page "403 Forbidden"/],
    ["html status=502 retry-after=0", "SERVER_ERROR", /HTML page "502 Bad Gateway" \(502\)/],
    ["500 retry-after=0", "SERVER_ERROR", /Our service is temporarily unavailable/],
    ["503 retry-after=7200", "SERVER_ERROR", /503/],
    ["429 retry-after=7200", "RATE_LIMITED", /try again in 7200 s/],
    ["404", "NOT_FOUND", /404/],
    ["cut at=10", "CONNECTION_FAILED", /./],
  ] as const;
  for (const [fault, code, words] of cases) {
    const rule = await sandbox.fail(`categories.list ${fault}`);
    await assert.rejects(
      async () => await hub.categories.list(),
      (error) => {
        assert(failsWith(code)(error), `${fault}: ${String(error)}`);
        assert.match(error.message, words);
        assert(error.hint.length > 0, fault);
        return true;
      },
    );
    rule.remove();
  }
});

test("silence and slowness end when the caller's time is over", async (context) => {
  const { sandbox, hub } = await open(context);
  await hub.token();
  for (const fault of [
    "stall",
    "stall at=answer",
    "stall at=headers",
    "stall at=5",
    "slow bytes=1",
  ]) {
    const rule = await sandbox.fail(`categories.list ${fault}`);
    await assert.rejects(
      async () => await hub.categories.list({}, { timeout: 100 }),
      failsWith("TIMEOUT"),
    );
    rule.remove();
  }
  await sandbox.fail("categories.list delay ms=20 jitter=20");
  await hub.categories.list();
});
