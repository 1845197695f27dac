import assert from "node:assert/strict";
import { get as sendGet } from "node:http";
import { test, type TestContext } from "node:test";

import { createMemoryCollection } from "../store/memory.ts";
import { createMetrics, type MetricsOptions } from "./metrics.ts";
import { type RunningServer, startServer } from "./server.ts";

async function start(t: TestContext, options: Partial<MetricsOptions> = {}) {
  const collection = createMemoryCollection();
  let server: RunningServer | undefined = undefined;
  const metrics = createMetrics({
    running: () => (server as RunningServer | undefined)?.running ?? 0,
    count: () => collection.count!(),
    countEvery: 0,
    ...options,
  });
  const { onAccess, onEvent, onFailure } = metrics;
  server = await startServer({ collection, metrics, onAccess, onEvent, onFailure, port: 0 });
  t.after(() => server!.close());
  const { url, port } = server;
  const read = async () => {
    const answer = await fetch(`${url}/metrics`);
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
    return answer.text();
  };
  return { url, port, read };
}

/** The value of a line; undefined where it is not there. */
function value(page: string, name: string): number | undefined {
  const line = page.split("\n").find((one) => one.startsWith(`${name} `));
  return line === undefined ? undefined : Number(line.slice(name.length + 1));
}

test("requests are counted by method, route and status, with their bytes and times", async (t) => {
  const { url, read } = await start(t);
  const body = "x".repeat(10_000);
  const digest = `sha256:${(await import("node:crypto")).createHash("sha256").update(body).digest("hex")}`;
  const upload = `${url}/v2/a/blobs/uploads/?digest=${digest}`;
  assert.equal((await fetch(upload, { method: "POST", body })).status, 201);
  for (const _ of [1, 2])
    assert.equal((await (await fetch(`${url}/v2/a/blobs/${digest}`)).text()).length, 10_000);
  await (await fetch(`${url}/v2/a/manifests/none`)).text();
  await (await fetch(`${url}/elsewhere/${Math.random()}`)).text();
  const page = await read();
  const requests = (labels: string) => value(page, `wharf_http_requests_total{${labels}}`);
  assert.equal(requests('method="GET",route="blob",status="200"'), 2);
  assert.equal(requests('method="POST",route="uploads",status="201"'), 1);
  assert.equal(requests('method="GET",route="manifest",status="404"'), 1);
  assert.equal(requests('method="GET",route="other",status="404"'), 1);
  assert(value(page, 'wharf_http_sent_bytes_total{route="blob"}')! > 20_000);
  assert(value(page, 'wharf_http_received_bytes_total{route="uploads"}')! > 10_000);
  assert(value(page, 'wharf_http_received_bytes_total{route="blob"}')! < 5_000);
  const duration = "wharf_http_request_duration_seconds";
  assert.equal(value(page, `${duration}_count{method="GET",route="blob"}`), 2);
  assert.equal(value(page, "wharf_http_requests_running"), 1, "the one that reads it");
  assert.equal(value(page, 'wharf_events_total{action="push",kind="blob"}'), 1);
  assert.equal(value(page, 'wharf_events_total{action="pull",kind="blob"}'), 2);
});

test("what the store holds is shown, and what node itself measures", async (t) => {
  const { url, read } = await start(t);
  await fetch(`${url}/v2/a/blobs/uploads/`, { method: "POST" });
  const page = await read();
  assert.equal(value(page, "wharf_store_uploads"), 1);
  assert.equal(value(page, "wharf_store_blobs"), 0);
  assert(value(page, "process_resident_memory_bytes")! > 0);
});

test("the queues of notifications are shown by endpoint", async (t) => {
  let sent = 5;
  const { read } = await start(t, {
    notifications: () => [{ endpoint: "ci", queued: 2, sent, failures: 1, dropped: 0 }],
  });
  assert.equal(value(await read(), 'wharf_notifications_sent_total{endpoint="ci"}'), 5);
  sent = 6;
  const page = await read();
  assert.equal(value(page, 'wharf_notifications_sent_total{endpoint="ci"}'), 6);
  assert.equal(value(page, 'wharf_notifications_queued{endpoint="ci"}'), 2);
  assert.equal(value(page, 'wharf_notifications_failed_total{endpoint="ci"}'), 1);
  assert.equal(value(page, 'wharf_notifications_dropped_total{endpoint="ci"}'), 0);
});

test("metrics are for this machine, and not for whom a proxy on it lets through", async (t) => {
  for (const isPublic of [false, true]) {
    const { port } = await start(t, { public: isPublic });
    const status = (headers: Record<string, string>) =>
      new Promise((resolve) =>
        sendGet({ host: "127.0.0.1", port, path: "/metrics", headers }, (answer) => {
          answer.resume();
          resolve(answer.statusCode);
        }),
      );
    assert.equal(await status({}), 200);
    assert.equal(await status({ "x-forwarded-for": "203.0.113.1" }), isPublic ? 200 : 403);
  }
});

test("without metrics there is no page, and with a store that fails it says so", async (t) => {
  const server = await startServer({ collection: createMemoryCollection(), port: 0 });
  t.after(() => server.close());
  assert.equal((await fetch(`${server.url}/metrics`)).status, 404);
  const { url } = await start(t, { count: () => Promise.reject(new Error("a secret path")) });
  const answer = await fetch(`${url}/metrics`);
  assert.equal(answer.status, 500);
  assert.doesNotMatch(await answer.text(), /secret/);
});
