import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";

import { startTestRegistry, type TestRegistry } from "../testing/registry.ts";
import type { Endpoint } from "./endpoint.ts";
import { type Notifier, type NotifierOptions, openNotifier } from "./notifier.ts";
import type { DeliveryReport } from "./report.ts";
import { startReceiver, until } from "./testing/receiver.ts";

interface Stage {
  readonly registry: TestRegistry;
  readonly notifier: Notifier;
  readonly reports: readonly DeliveryReport[];
  /** Pushes blobs, one event each, and gives their digests. */
  push(count: number, from?: number): Promise<string[]>;
}

async function start(
  t: TestContext,
  endpoints: readonly (Partial<Endpoint> & Pick<Endpoint, "url">)[],
  options: Partial<NotifierOptions> = {},
): Promise<Stage> {
  const reports: DeliveryReport[] = [];
  const notifier = openNotifier({
    endpoints: endpoints.map((endpoint, index) => ({ name: `e${index}`, backoff: 5, ...endpoint })),
    report: (report) => reports.push(report),
    ...options,
  });
  t.after(() => notifier.close(0));
  const registry = await startTestRegistry(t, { onEvent: notifier.onEvent });
  return {
    registry,
    notifier,
    reports,
    async push(count, from = 0) {
      const digests: string[] = [];
      for (let number = from; number < from + count; number += 1)
        digests.push((await registry.pushBlob("a", `blob ${number}`)).digest);
      return digests;
    },
  };
}

async function temporary(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "wharf-notifications-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const digestsOf = (receiver: { readonly events: readonly { target: { digest?: string } }[] }) =>
  receiver.events.map(({ target }) => target.digest);

test("events arrive in order, in the envelope, with the endpoint's own fields", async (t) => {
  const receiver = await startReceiver(t);
  const headers = { authorization: "Bearer of-a-test", "x-more": "yes" };
  const { push } = await start(t, [{ url: receiver.url, headers }]);
  const pushed = await push(20);
  await receiver.received(20);
  assert.deepEqual(digestsOf(receiver), pushed);
  const [request] = receiver.requests;
  assert.equal(
    request!.headers["content-type"],
    "application/vnd.docker.distribution.events.v1+json",
  );
  assert.equal(request!.headers.authorization, "Bearer of-a-test");
  assert.equal(request!.headers["x-more"], "yes");
  assert.equal(request!.path, "/hook/secret-path");
});

test("what cannot be delivered is tried again until it is, and nothing overtakes it", async (t) => {
  const receiver = await startReceiver(t, (_, { number }) => (number % 3 === 0 ? 200 : 503));
  const { push, reports, notifier } = await start(t, [{ url: receiver.url }]);
  const pushed = await push(5);
  await receiver.received(5);
  assert.deepEqual(digestsOf(receiver), pushed);
  assert.equal(reports[0]!.state, "failing");
  assert.equal(reports[0]!.message, "status 503");
  await notifier.close();
  assert.deepEqual(
    reports.map(({ state }) => state),
    Array.from({ length: 5 }, () => ["failing", "recovered"]).flat(),
  );
});

test("a receiver that was down gets everything when it is up, and the log never shows its path", async (t) => {
  const first = await startReceiver(t);
  const { url, port } = first;
  await first.close();
  const { push, reports, notifier } = await start(t, [{ url }]);
  const pushed = await push(5);
  await until(() => notifier.counts()[0]!.failures > 0);
  assert.deepEqual([reports.length, reports[0]!.message], [1, "connection refused"]);
  assert.doesNotMatch(JSON.stringify(reports), /secret/);
  const again = await startReceiver(t, undefined, port);
  await again.received(5);
  assert.deepEqual(digestsOf(again), pushed);
});

test("a receiver that does not answer holds up nobody but itself", async (t) => {
  const silent = await startReceiver(t, () => "never");
  const other = await startReceiver(t);
  const { push, notifier } = await start(t, [
    { url: silent.url, timeout: 60_000 },
    { url: other.url },
  ]);
  const pushed = await push(20);
  await other.received(20);
  assert.deepEqual(digestsOf(other), pushed);
  assert.equal(silent.requests.length, 1);
  await until(() => notifier.counts()[1]!.sent === 20);
  assert.deepEqual(
    notifier.counts().map(({ queued, sent }) => [queued, sent]),
    [
      [20, 0],
      [0, 20],
    ],
  );
  await notifier.close(0);
});

test("an answer that takes too long is a failure", async (t) => {
  const receiver = await startReceiver(t, (_, { number }) => (number < 3 ? "never" : 200));
  const { push, reports } = await start(t, [{ url: receiver.url, timeout: 50 }]);
  await push(1);
  await receiver.received(1);
  assert.equal(reports[0]!.message, "no answer for 0.05 s");
  assert.equal(receiver.requests.length, 3);
});

test("what waits when the process ends is delivered after the next start, once and in order", async (t) => {
  const folder = await temporary(t);
  const receiver = await startReceiver(t, (_, { event }) =>
    event.target.digest === undefined || !open ? 503 : 200,
  );
  let open = false;
  const endpoint = { url: receiver.url };
  const before = await start(t, [endpoint], { folder });
  const pushed = await before.push(5);
  await receiver.asked(1);
  await before.notifier.close();
  open = true;
  const after = await start(t, [endpoint], { folder });
  pushed.push(...(await after.push(5, 5)));
  await receiver.received(10);
  assert.deepEqual(digestsOf(receiver), pushed);
  assert.equal(new Set(receiver.events.map(({ id }) => id)).size, 10);
});

test("without a folder, the end waits until the queue is empty", async (t) => {
  const receiver = await startReceiver(t);
  const { push, notifier } = await start(t, [{ url: receiver.url }]);
  await push(20);
  await notifier.close();
  assert.equal(receiver.events.length, 20);
});

test("a queue that is full drops what comes, counts it, and says so once", async (t) => {
  const folder = await temporary(t);
  for (const where of [{}, { folder }]) {
    let release = () => {};
    const released = new Promise<number>((resolve) => (release = () => resolve(200)));
    const receiver = await startReceiver(t, () => released);
    const stage = await start(t, [{ url: receiver.url, queue: 3 }], where);
    const pushed = await stage.push(10);
    assert.deepEqual(
      stage.notifier.counts().map(({ queued, dropped }) => [queued, dropped]),
      [[3, 7]],
    );
    assert.deepEqual(
      stage.reports.map(({ state, message }) => [state, message]),
      [["full", "3 events wait; further ones are dropped"]],
    );
    release();
    await receiver.received(3);
    assert.deepEqual(digestsOf(receiver), pushed.slice(0, 3));
    await until(() => stage.notifier.counts()[0]!.queued === 0);
    await stage.push(1, 10);
    await receiver.received(4);
    assert.equal(stage.reports[1]!.message, "7 events were dropped; there is room again");
    await stage.notifier.close();
  }
});

test("an event that the receiver does not accept holds up the others for three tries", async (t) => {
  const receiver = await startReceiver(t, (_, { event }) =>
    event.target.size === "blob 10".length ? 422 : 200,
  );
  const { push, reports, notifier } = await start(t, [{ url: receiver.url }]);
  const pushed = await push(3, 9);
  await until(() => notifier.counts()[0]!.dropped === 2);
  assert.deepEqual(digestsOf(receiver), pushed.slice(0, 1));
  assert.equal(receiver.requests.length, 1 + 3 + 3);
  assert.match(reports.at(-1)!.message, /an event was refused 3 times: status 422/);
});

test("a redirect is not followed", async (t) => {
  const elsewhere = await startReceiver(t);
  const receiver = await startReceiver(t, (response, { number }) => {
    response.setHeader("location", elsewhere.url.href);
    return number === 1 ? 307 : 200;
  });
  const { push, reports } = await start(t, [
    { url: receiver.url, headers: { authorization: "Bearer secret" } },
  ]);
  await push(1);
  await receiver.received(1);
  assert.equal(elsewhere.requests.length, 0);
  assert.match(reports[0]!.message, /it redirects \(307\)/);
});

test("an endpoint gets what it wants, and nothing else", async (t) => {
  const all = await startReceiver(t);
  const tags = await startReceiver(t);
  const { registry } = await start(t, [
    { url: all.url },
    {
      url: tags.url,
      only: { actions: ["push", "delete"], repositories: ["team/**", "!team/secret"] },
      ignore: { mediaTypes: ["application/octet-stream"] },
    },
  ]);
  for (const name of ["team/app", "team/secret", "other"]) {
    await registry.pushImage(name, "v1");
    await registry.request("GET", `/v2/${name}/manifests/v1`);
    await registry.request("DELETE", `/v2/${name}/manifests/v1`);
  }
  await Promise.all([all.received(12), tags.received(2)]);
  assert.deepEqual(
    tags.events.map(({ action, target }) => [action, target.repository, target.tag]),
    [
      ["push", "team/app", "v1"],
      ["delete", "team/app", "v1"],
    ],
  );
});

test("of two processes with one folder one delivers; when it ends, the other takes over", async (t) => {
  const folder = await temporary(t);
  const receiver = await startReceiver(t);
  const endpoint = { url: receiver.url };
  const first = await start(t, [endpoint], { folder });
  const second = await start(t, [endpoint], { folder, takeOverEvery: 20 });
  const pushed = await second.push(3);
  await receiver.received(3);
  assert.equal(second.notifier.counts()[0]!.sent, 0);
  await first.notifier.close();
  pushed.push(...(await second.push(3, 3)));
  await receiver.received(6);
  assert.deepEqual(digestsOf(receiver), pushed);
});

test("what waits for an endpoint that is not configured any more is forgotten", async (t) => {
  const folder = await temporary(t);
  const receiver = await startReceiver(t, () => 503);
  const before = await start(t, [{ url: receiver.url }], { folder });
  await before.push(2);
  await receiver.asked(1);
  await before.notifier.close();
  const after = await start(t, [], { folder });
  assert.match(after.reports[0]!.message, /^2 events waited for endpoints/);
});

test("a file that is no queue any more is told, with what to do", async (t) => {
  const folder = await temporary(t);
  await writeFile(join(folder, "notifications.db"), "x".repeat(10_000));
  const url = new URL("http://127.0.0.1:1/");
  assert.throws(() => openNotifier({ endpoints: [{ name: "ci", url }], folder }), {
    code: "LAYOUT_INVALID",
    hint: "Move it away; the events that wait in it cannot be delivered.",
  });
});
