import assert from "node:assert/strict";
import { mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";

import { formatAccess, openAccessLog } from "./accessLog.ts";
import type { AccessEntry } from "./server.ts";

const entry: AccessEntry = {
  method: "GET",
  target: "/v2/a/manifests/v1",
  httpVersion: "1.1",
  status: 200,
  bytes: 512,
  received: 90,
  duration: 12.3456,
  address: "127.0.0.1",
  user: undefined,
  userAgent: "docker/27",
  cut: false,
};
const time = new Date("2026-11-21T06:31:05.123Z");

async function temporary(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "wharf-access-log-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

test("text is the Combined Log Format, and the seconds it took", () => {
  assert.equal(
    formatAccess(entry, "text", time),
    '127.0.0.1 - - [21/Nov/2026:06:31:05 +0000] "GET /v2/a/manifests/v1 HTTP/1.1" 200 512 "-" "docker/27" 0.012',
  );
  assert.match(formatAccess({ ...entry, user: "alice" }, "text", time), /^127\.0\.0\.1 - alice \[/);
});

test("JSON has every field", () => {
  assert.deepEqual(JSON.parse(formatAccess({ ...entry, user: "alice" }, "json", time)), {
    time: "2026-11-21T06:31:05.123Z",
    ...entry,
    user: "alice",
    duration: 12.346,
  });
});

test("nothing that a client sends ends a line, a field, or shows a secret", () => {
  const hostile = {
    ...entry,
    user: 'a "b\n',
    userAgent: 'x" 200 0\r\n127.0.0.1 \u2028\u202e',
    target: '/v2/"\n?digest=sha256:0&access_token=hunter2',
  };
  const line = formatAccess(hostile, "text", time);
  assert.match(line, / - a\\x20\\x22b\\x0a \[/);
  assert.match(line, /"x\\x22 200 0\\x0d\\x0a127\.0\.0\.1 \\u\{2028\}\\u\{202e\}"/);
  for (const format of ["text", "json"] as const) {
    const written = formatAccess(hostile, format, time);
    assert.doesNotMatch(written, /hunter2|[\n\r]/);
    assert.match(written, /digest=sha256:0/);
  }
});

test("lines are appended in their order", async (t) => {
  const path = join(await temporary(t), "access.log");
  for (const from of [0, 500]) {
    const log = await openAccessLog(path);
    for (let number = from; number < from + 500; number += 1)
      log.write({ ...entry, target: `/v2/${number}` });
    await log.close();
  }
  const lines = (await readFile(path, "utf8")).trimEnd().split("\n");
  assert.deepEqual(
    lines.map((line) => Number(/\/v2\/(\d+)/.exec(line)?.[1])),
    Array.from({ length: 1000 }, (_, index) => index),
  );
});

test("a file that was moved away is left when it is told, without the loss of a line", async (t) => {
  const folder = await temporary(t);
  const path = join(folder, "access.log");
  const log = await openAccessLog(path);
  log.write({ ...entry, target: "/v2/before" });
  await rename(path, `${path}.1`);
  log.reopen();
  log.write({ ...entry, target: "/v2/after" });
  await log.close();
  const all = (await readFile(`${path}.1`, "utf8")) + (await readFile(path, "utf8"));
  assert.match(all, /before[^]*after/);
  assert.match(await readFile(path, "utf8"), /after/);
});

test("a file that cannot be opened again is told of once, and the old one goes on", async (t) => {
  const folder = await temporary(t);
  const path = join(folder, "logs", "access.log");
  await assert.rejects(openAccessLog(path), { code: "FILE_NOT_FOUND" });
  const { mkdir } = await import("node:fs/promises");
  await mkdir(join(folder, "logs"));
  const failures: string[] = [];
  const log = await openAccessLog(path, { onFailure: ({ code }) => failures.push(code) });
  await rename(join(folder, "logs"), join(folder, "old"));
  log.reopen();
  await new Promise((resolve) => setImmediate(resolve));
  log.write({ ...entry, target: "/v2/on" });
  await log.close();
  assert.deepEqual(failures, ["FILE_NOT_FOUND"]);
  assert.match(await readFile(join(folder, "old", "access.log"), "utf8"), /\/v2\/on/);
});
