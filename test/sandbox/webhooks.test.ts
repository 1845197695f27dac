/** Webhooks: a push tells whoever wants to know, on this machine only. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";

import { pusher } from "./pusher.ts";
import { refused, stage } from "./stage.ts";

const api = { namespace: "harbour", repository: "api" };

interface Payload {
  readonly callback_url: string;
  readonly push_data: { readonly tag: string };
  readonly repository: object;
}

/** A server that is called; `next` is the call that comes next. */
async function receiver(
  context: TestContext,
  answer = (_: IncomingMessage, response: ServerResponse) => void response.end(),
) {
  const calls: Payload[] = [];
  const waiting: ((payload: Payload) => void)[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const payload = JSON.parse(Buffer.concat(chunks).toString()) as Payload;
      const first = waiting.shift();
      if (first) first(payload);
      else calls.push(payload);
      answer(request, response);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  context.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hook`,
    port,
    calls,
    next: () =>
      new Promise<Payload>((resolve) => {
        const call = calls.shift();
        if (call) resolve(call);
        else waiting.push(resolve);
      }),
  };
}

test("a push calls the webhooks of the repository, with what Docker Hub says", async (context) => {
  const at = await stage(context);
  const { url, next, calls } = await receiver(context);
  const alice = at.as("alice");
  const { slug } = await alice.webhookPipelines.create({
    ...api,
    name: "Deploy it",
    webhooks: [{ name: "deploy", hook_url: url, registry: "registry-1.docker.io" }],
  });
  assert.equal(slug, "deploy-it");
  const push = await pusher(at, "bob", "harbour/api");
  at.clock.now += 5000;
  assert.equal(await push("v2"), 201);
  const { callback_url, ...said } = await next();
  const { date_registered, description, full_description, star_count } =
    await alice.repositories.get(api);
  assert.deepEqual(said, {
    push_data: { pushed_at: Math.floor(at.clock.now / 1000), pusher: "bob", tag: "v2" },
    repository: {
      comment_count: 0,
      date_created: Math.floor(Date.parse(date_registered!) / 1000),
      description,
      dockerfile: (said.repository as { dockerfile: string }).dockerfile,
      full_description,
      is_official: false,
      is_private: false,
      is_trusted: true,
      name: "api",
      namespace: "harbour",
      owner: "harbour",
      repo_name: "harbour/api",
      repo_url: `${at.sandbox.hubUrl}/v2/repositories/harbour/api/`,
      star_count,
      status: "Active",
    },
  });
  assert(callback_url.startsWith(`${at.sandbox.hubUrl}/u/harbour/api/hook/`));

  await alice.webhookPipelines.delete({ ...api, slug: "deploy-it" });
  assert.equal((await alice.webhooks.list(api)).count, 0);
  const { id } = await alice.webhooks.create({ ...api, name: "other" });
  await alice.webhooks.createHook({ ...api, webhook_id: id!, hook_url: `${url}?other` });
  await push("v3");
  assert.equal((await next()).push_data.tag, "v3");
  assert.equal(calls.length, 0);
});

test("what a receiver says at the callback's address stands in the history", async (context) => {
  const at = await stage(context);
  const { url, next } = await receiver(context);
  await at.as("alice").webhookPipelines.create({
    ...api,
    expect_final_callback: true,
    webhooks: [{ name: "check", hook_url: url.replace("//", "//me:secret@") }],
  });
  await (
    await pusher(at, "alice", "harbour/api")
  )("v2");
  const { callback_url } = await next();
  const post = async (body: string, to = callback_url) =>
    (await fetch(to, { method: "POST", body })).status;
  assert.equal(await post("{}"), 400);
  assert.equal(await post("nonsense"), 400);
  assert.equal(
    await post('{"state":"success"}', callback_url.replace(/\w{8}\/$/, "00000000/")),
    404,
  );
  const said = { state: "failure", description: "3 tests failed", context: "CI" };
  assert.equal(await post(JSON.stringify(said)), 200);
  const history = async () => {
    const response = await fetch(`${at.sandbox.url}/_sandbox/webhooks`);
    return (await response.json()) as typeof at.sandbox.deliveries;
  };
  const [failed] = await history();
  assert.deepEqual([failed?.callback, failed?.complete], [said, false]);
  assert.equal(await post('{"state":"success"}'), 200);
  const [delivery] = await history();
  assert.deepEqual(delivery?.callback, { state: "success" });
  assert.deepEqual([delivery?.repository, delivery?.webhook], ["harbour/api", "check"]);
  assert.equal(delivery?.hook_url, url);
  assert.equal((delivery!.payload as Payload).callback_url, callback_url);
});

test("a seed says webhooks; a reset takes away those that were made since", async (context) => {
  const { url, next } = await receiver(context);
  const at = await stage(context, {
    seed: {
      accounts: [{ name: "alice", password: "alice-password" }],
      repositories: [{ name: "alice/app", tags: ["latest"], webhooks: [{ name: "ci", url }] }],
    },
  });
  const app = { namespace: "alice", repository: "app" };
  const alice = at.as("alice");
  const { logs } = await alice.auditLogs.list({ account: "alice" });
  assert.deepEqual(
    logs.map(({ action, name }) => `${action} ${name}`),
    ["repo.tag.push alice/app", "repo.create alice/app"],
  );
  await alice.webhooks.create({ ...app, name: "more" });
  await at.sandbox.reset();
  const { results } = await alice.webhooks.list(app);
  assert.deepEqual(
    results.map(({ name, hooks }) => [name, hooks?.[0]?.hook_url]),
    [["ci", url]],
  );
  await (
    await pusher(at, "alice", "alice/app")
  )("v1");
  assert.equal((await next()).push_data.tag, "v1");
});

test("a receiver that hangs holds up neither pushes nor the end", async (context) => {
  const at = await stage(context);
  const hanging = await receiver(context, () => {});
  const alice = at.as("alice");
  await alice.webhookPipelines.create({
    ...api,
    webhooks: [{ name: "slow", hook_url: hanging.url }],
  });
  const push = await pusher(at, "alice", "harbour/api");
  for (const tag of ["a", "b", "c"]) assert.equal(await push(tag), 201);
  assert.equal((await hanging.next()).push_data.tag, "a");
  assert.deepEqual(
    at.sandbox.deliveries.map(({ state, tries }) => [state, tries]),
    [
      ["waiting", 0],
      ["waiting", 0],
      ["waiting", 0],
    ],
  );
  // The sandbox ends with the test, and the test by itself.
});

test("none is sent to the sandbox itself: a webhook that resets it fails, and says why", async (context) => {
  for (const separate of [false, true]) {
    const at = await stage(context, {
      separate,
      allowWebhooksTo: ["127.0.0.1", "localhost"],
    });
    const { sandbox } = at;
    const { control, hub, scout } = sandbox.urls;
    const addresses = [`${control}/reset`, hub, scout].map((url) =>
      url.replace("127.0.0.1", "localhost"),
    );
    await at.as("alice").webhookPipelines.create({
      ...api,
      webhooks: addresses.map((hook_url, index) => ({ name: `${index}`, hook_url })),
    });
    const push = await pusher(at, "alice", "harbour/api");
    await push("v2");
    const isWaiting = () => sandbox.deliveries.some(({ state }) => state === "waiting");
    while (isWaiting()) await (await fetch(`${control}/webhooks`)).text();
    assert.deepEqual(
      sandbox.deliveries.map(({ state, tries }) => [state, tries]),
      addresses.map(() => ["failed", 1]),
    );
    for (const { outcome, hook_url } of sandbox.deliveries)
      assert.equal(
        outcome,
        `${new URL(hook_url).host} is the sandbox itself; no webhook is sent there`,
      );
    assert(sandbox.requests.every(({ target }) => !target.endsWith("/reset")));
  }
});

test("webhooks are for who administers the repository, and need an address", async (context) => {
  const at = await stage(context);
  const alice = at.as("alice");
  await refused(at.as("bob").webhooks.create({ ...api, name: "x" }), "FORBIDDEN");
  await refused(at.as("bob").webhooks.list(api), "FORBIDDEN");
  const { id } = await alice.webhooks.create({ ...api, name: "one" });
  await refused(alice.webhooks.create({ ...api, name: "One" }), "CONFLICT");
  for (const hook_url of ["ftp://127.0.0.1/", "nonsense", `http://127.0.0.1/${"a".repeat(2000)}`])
    await refused(
      alice.webhooks.createHook({ ...api, webhook_id: id!, hook_url }),
      "REQUEST_INVALID",
    );
  const hook = await alice.webhooks.createHook({
    ...api,
    webhook_id: id!,
    hook_url: "http://a.b/c",
  });
  const { results } = await alice.webhooks.list(api);
  assert.deepEqual(results[0]?.hooks, [hook]);
  const more = { ...api, webhook_id: id! };
  for (let count = 0; count < 49; count += 1)
    await alice.webhooks.createHook({ ...more, hook_url: `http://a.b/${count}` });
  await refused(
    alice.webhooks.createHook({ ...more, hook_url: "http://a.b/one-more" }),
    "REQUEST_INVALID",
    /at most 50/,
  );
  const site = { namespace: "alice", repository: "site" };
  await refused(alice.webhooks.delete({ ...site, webhook_id: id! }), "NOT_FOUND");
  await alice.webhooks.delete({ ...api, webhook_id: id! });
  await refused(alice.webhooks.delete({ ...api, webhook_id: id! }), "NOT_FOUND");
});
