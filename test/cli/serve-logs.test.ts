/** What `wharf registry serve` tells of itself: the access log, metrics, health. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "node:test";

import { serveRegistry, wharf } from "../wharf.ts";
import { temporaryFolder } from "./stage.ts";

async function appears(isThere: () => boolean): Promise<void> {
  const limit = AbortSignal.timeout(20_000);
  while (!isThere()) await sleep(5, undefined, { signal: limit });
}

test("the access log is a file that can be moved away while the server runs", async (t) => {
  const folder = temporaryFolder();
  const log = join(folder, "access.log");
  const server = await serveRegistry(join(folder, "data"), ["--access-log", log]);
  t.after(server.close);
  await (await fetch(`${server.url}/v2/?password=hunter2`)).text();
  await appears(() => readFileSync(log, "utf8").endsWith("\n"));
  assert.match(
    readFileSync(log, "utf8"),
    /^127\.0\.0\.1 - - \[\S+ \+0000\] "GET \/v2\/\?password=\*\*\* HTTP\/1\.1" 200 \d+ "-" "node" \d+\.\d{3}\n$/,
  );
  renameSync(log, `${log}.1`);
  server.child.kill("SIGHUP");
  await appears(() => existsSync(log));
  await (await fetch(`${server.url}/livez`)).text();
  await server.close();
  assert.match(readFileSync(log, "utf8"), /"GET \/livez HTTP\/1\.1" 200/);
  assert.doesNotMatch(readFileSync(`${log}.1`, "utf8"), /livez/);
});

test("as JSON it goes to stderr too", async (t) => {
  const server = await serveRegistry(join(temporaryFolder(), "data"), [
    "--access-log=-",
    "--access-log-format=json",
  ]);
  t.after(server.close);
  await (await fetch(`${server.url}/v2/a/tags/list`)).text();
  await appears(() => server.stderr().endsWith("\n"));
  const { method, target, status, received, bytes } = JSON.parse(server.stderr());
  assert.deepEqual([method, target, status], ["GET", "/v2/a/tags/list", 404]);
  assert(received > 20 && bytes > 20);
});

test("metrics are served where they are wanted, and the process ends all the same", async (t) => {
  const server = await serveRegistry(join(temporaryFolder(), "data"), ["--seed", "--metrics"]);
  t.after(server.close);
  await (await fetch(`${server.url}/v2/hello/wharf/manifests/latest`)).text();
  const page = await (await fetch(`${server.url}/metrics`)).text();
  for (const line of [
    'wharf_http_requests_total{method="GET",route="manifest",status="200"} 1',
    'wharf_events_total{action="pull",kind="manifest"} 1',
    "wharf_store_repositories 1",
    "wharf_store_manifests 3",
    "wharf_store_tags 1",
    "wharf_store_uploads 0",
  ])
    assert(page.includes(`\n${line}\n`), line);
  assert.deepEqual(
    await Promise.all(
      ["/livez", "/readyz"].map(async (path) => (await fetch(server.url + path)).status),
    ),
    [200, 200],
  );
  await server.close();
});

test("flags that make no sense are told, and show no secret", async () => {
  for (const [words, message] of [
    [["--notify=hunter2"], /--notify is an address such as/],
    [["--access-log=/nonexistent/log"], /\/nonexistent\/log: no such file or directory/],
    [["--access-log=-", "--access-log-format=xml"], /--access-log-format is one of text, json/],
  ] as const) {
    const { status, stderr } = await wharf(["registry", "serve", "--memory", "--port=0", ...words]);
    assert.notEqual(status, 0);
    assert.match(stderr, message);
    assert.doesNotMatch(stderr, /hunter2/);
  }
});
