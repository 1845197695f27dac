import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";

import { createAccount } from "../accounts/accounts.ts";
import { createRepository } from "../repositories.ts";
import { State } from "../state/state.ts";
import { send } from "./send.ts";
import { Webhooks } from "./webhooks.ts";

const time = Date.parse("2026-05-01T12:00:00Z");

async function serve(context: TestContext, listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  context.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

function sending(
  url: string,
  {
    allowed = [],
    own = [],
    timeout = 5000,
  }: { allowed?: string[]; own?: number[]; timeout?: number } = {},
) {
  const { signal } = new AbortController();
  const reach = { allowed, own: new Set(own) };
  return send({ url: new URL(url), payload: "{}", reach, timeout, signal });
}

/** A repository with webhooks at these addresses, and what a push to it does. */
function dock(context: TestContext, addresses: readonly string[], allowed: readonly string[] = []) {
  const state = new State(":memory:");
  const owner = createAccount(state, { name: "alice" }, time);
  const repository = createRepository(state, owner, { name: "site" }, time);
  const { id } = state.run(
    "INSERT INTO webhooks (repository, name, slug, creator, created) VALUES (?, 'one', 'one', '', '')",
    repository.id,
  );
  for (const address of addresses)
    state.run(
      "INSERT INTO webhook_hooks (webhook, address, creator, created) VALUES (?, ?, '', '')",
      id,
      address,
    );
  const webhooks = new Webhooks({ state, allowed, pauses: [1, 1] });
  context.after(async () => {
    await webhooks.close();
    state.close();
  });
  const push = (tag: string) =>
    state.transaction(() => webhooks.pushed({ repository, tag, pusher: "alice", time }));
  return { state, webhooks, push };
}

test("only this machine is called, unless a host is allowed", async (context) => {
  let calls = 0;
  const port = await serve(context, (_, response) => {
    calls += 1;
    response.end();
  });
  for (const host of ["10.0.0.1", "[::ffff:10.0.0.1]", "192.0.2.1", "[2001:db8::1]", "0.0.0.0"])
    assert.equal((await sending(`http://${host}:${port}/`)).state, "refused", host);
  assert.equal(calls, 0);
  for (const host of ["127.0.0.1", "localhost", "2130706433"])
    assert.equal((await sending(`http://${host}:${port}/`)).outcome, "status 200", host);
  // Whatever it resolves to, it is let through to the connection.
  const allowed = await sending("http://nowhere.invalid/", { allowed: ["nowhere.invalid"] });
  assert.equal(allowed.state, "failed");
});

test("the sandbox itself is not called, by whatever name", async (context) => {
  let calls = 0;
  const port = await serve(context, (_, response) => {
    calls += 1;
    response.end();
  });
  const six = ["[::1]", "[::ffff:127.0.0.1]", "[::]"];
  for (const host of ["127.0.0.1", "127.0.0.2", "2130706433", "localhost", "0.0.0.0", ...six]) {
    const url = `http://${host}:${port}/_sandbox/reset`;
    const { state, outcome } = await sending(url, {
      allowed: [new URL(url).hostname],
      own: [port],
    });
    assert.equal(state, "refused", host);
    assert.match(outcome, /the sandbox itself; no webhook is sent there$/, host);
  }
  assert.equal(calls, 0);
  const other = await sending(`http://127.0.0.1:${port}/`, { own: [port + 1] });
  assert.equal(other.outcome, "status 200");
});

test("redirects are not followed, what is not 2xx has failed, and an answer is not waited for for ever", async (context) => {
  const port = await serve(context, (request, response) => {
    if (request.url === "/hang") return;
    if (request.url === "/moved")
      response.writeHead(302, { location: `http://127.0.0.1:${port}/` }).end();
    else response.writeHead(request.url === "/error" ? 500 : 200).end();
  });
  const outcome = async (path: string, timeout = 5000) =>
    sending(`http://127.0.0.1:${port}${path}`, { timeout });
  assert.deepEqual(await outcome("/moved"), { state: "failed", outcome: "status 302" });
  assert.deepEqual(await outcome("/error"), { state: "failed", outcome: "status 500" });
  assert.deepEqual(await outcome("/hang", 20), {
    state: "failed",
    outcome: "no answer for 0.02 s",
  });
});

test("what fails is tried three times, in the order of the pushes", async (context) => {
  const seen: string[] = [];
  let fifth: () => void;
  const all = new Promise<void>((resolve) => (fifth = resolve));
  const port = await serve(context, (request, response) => {
    request.on("data", (data: Buffer) => {
      const { push_data } = JSON.parse(data.toString()) as { push_data: { tag: string } };
      seen.push(push_data.tag);
      response.once("close", () => seen.length === 5 && fifth());
      response.writeHead(push_data.tag === "a" || seen.length < 5 ? 500 : 200).end();
    });
  });
  const { webhooks, push } = dock(context, [`http://127.0.0.1:${port}/`]);
  push("a");
  push("b");
  await all;
  assert.deepEqual(seen, ["a", "a", "a", "b", "b"]);
  await webhooks.settled();
  assert.deepEqual(
    webhooks.history().map(({ state, tries, outcome }) => [state, tries, outcome]),
    [
      ["delivered", 2, "status 200"],
      ["failed", 3, "status 500"],
    ],
  );
});

test("what cannot be sent is bounded, and so is what is remembered", async (context) => {
  const port = await serve(context, () => {});
  const { state, webhooks, push } = dock(context, [`http://127.0.0.1:${port}/`]);
  for (let count = 0; count < 1100; count += 1) push(`t${count}`);
  const count = (of: string) =>
    state.count("SELECT count(*) AS count FROM webhook_deliveries WHERE state = ?", of);
  assert.deepEqual([count("waiting"), count("dropped")], [500, 500]);
  await webhooks.close();
  assert.deepEqual([count("waiting"), count("failed")], [0, 500]);
  push("late");
  assert.equal(webhooks.history(1)[0]?.outcome, "");
});
