import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { isError } from "../../errors.ts";
import { collect, json, stage } from "../testing/stage.ts";

const token = { uuid: "a", token_label: "one", is_active: true, scopes: [] };
const page = { count: 1, next: null, previous: null, results: [token] };

test("a list may be iterated twice, and awaited before, between and afterwards", async (context) => {
  const { hub } = await stage(context, (_, response) => json(response, 200, page));
  const list = hub.accessTokens.list();
  assert.equal((await collect(list)).length, 1);
  assert.equal((await list).count, 1);
  assert.equal((await collect(list)).length, 1);
  assert.equal((await list.withResponse()).status, 200);
  assert.equal((await Promise.all([list, list.finally(() => {})]))[1].count, 1);
});

test("a failure is told to who waits for it, and nowhere else", async (context) => {
  const { hub } = await stage(context, (_, response) => json(response, 404, { detail: "no" }));
  const unhandled: unknown[] = [];
  const note = (error: unknown) => void unhandled.push(error);
  process.on("unhandledRejection", note);
  context.after(() => process.off("unhandledRejection", note));
  const missing = (error: unknown) => isError(error, "NOT_FOUND");
  const list = hub.accessTokens.list();
  await assert.rejects(collect(list), missing);
  await assert.rejects(list, missing);
  const one = hub.accessTokens.get({ uuid: "a" });
  await assert.rejects(one.withResponse(), missing);
  await assert.rejects(one, missing);
  const late = hub.accessTokens.get({ uuid: "a" });
  await Promise.resolve();
  await assert.rejects(late.withResponse(), missing);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(unhandled, []);
});

test("a call that is over leaves no timer behind", async (context) => {
  const { hub } = await stage(context, (_, response) => json(response, 200, page));
  const timers = () => process.getActiveResourcesInfo().filter((one) => one === "Timeout").length;
  const before = timers();
  const { setTimeout } = globalThis;
  const open = new Set<NodeJS.Timeout>();
  context.mock.method(globalThis, "setTimeout", (work: () => void, ms: number) => {
    const timer = setTimeout(work, ms);
    if (ms === 654_321) open.add(timer);
    return timer;
  });
  const { clearTimeout } = globalThis;
  context.mock.method(globalThis, "clearTimeout", (timer: NodeJS.Timeout) => {
    open.delete(timer);
    clearTimeout(timer);
  });
  await hub.accessTokens.list({}, { timeout: 654_321 });
  assert.equal(open.size, 0);
  assert(timers() <= before);
});

test("a time that no timer can wait is no limit, rather than none at all", async (context) => {
  const { hub } = await stage(context, (_, response) => json(response, 200, page));
  for (const timeout of [Infinity, 2 ** 40])
    assert.equal((await hub.accessTokens.list({}, { timeout })).count, page.count);
});

test("secrets that Docker Hub repeats, or that are part of an address, are hidden", async (context) => {
  const traced: string[] = [];
  const { hub } = await stage(
    context,
    ({ body, url }, response) =>
      json(response, 400, { message: `no: ${JSON.stringify(body)} ${url}` }),
    { onTrace: (event) => void traced.push(inspect(event)) },
  );
  const told = async (call: Promise<unknown>) => {
    const error = await call.catch((each: unknown) => each);
    assert(isError(error, "REQUEST_INVALID"));
    return inspect(error);
  };
  const login = await told(hub.auth.login({ username: "me", password: 'pass"word one' }));
  assert.doesNotMatch(login, /word one/);
  const trigger = { source_uuid: "first-secret", trigger_uuid: "second secret" };
  assert.doesNotMatch(
    await told(hub.builds.callTrigger(trigger)),
    /first-secret|second.{1,3}secret/,
  );
  assert.doesNotMatch(traced.join("\n"), /first-secret|second.{1,3}secret|word one/);
});

test("docker's credentials for docker.io do not go to another address", async (context) => {
  const asked: string[] = [];
  const { hub } = await stage(context, (_, response) => json(response, 200, page));
  const { findHubCredentials } = await import("./credentials.ts");
  const files = {
    find: async (registry: string) => {
      asked.push(registry);
      return { kind: "anonymous" } as const;
    },
  };
  const environment = { HOME: "/nowhere" };
  await findHubCredentials({ environment, files, url: hub.url });
  await findHubCredentials({ environment, files, url: new URL("https://hub.docker.com") });
  await findHubCredentials({ environment, files, url: hub.url, registry: "docker.io" });
  assert.deepEqual(asked, [hub.url.host, "docker.io", "docker.io"]);
});

test("the token of Docker's token service does not go to a registry elsewhere", async (context) => {
  const { url } = await stage(context, () => {});
  const other = url.replace("127.0.0.1", "localhost");
  const { hub, log } = await stage(context, (_, response) => json(response, 200, { token: "t" }), {
    authUrl: url,
    registryUrl: other,
  });
  await assert.rejects(hub.pullLimit.get(), (error) => isError(error, "CREDENTIALS_NOT_SENT"));
  assert.deepEqual(log, []);
});
