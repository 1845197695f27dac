/** `wharf registry serve --notify`, with receivers that are down, slow or strict, and a server that is killed. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";

import { startReceiver, until } from "../src/distribution/notifications/testing/receiver.ts";
import { serveRegistry, wharfOk } from "./wharf.ts";

function temporary(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "wharf-notifications-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Pushes a blob in one request. @returns its digest, where that was answered 201 */
async function push(url: string, content: string): Promise<string | undefined> {
  const digest = `sha256:${createHash("sha256").update(content).digest("hex")}`;
  const path = `/v2/pushed/blobs/uploads/?digest=${digest}`;
  const answer = await fetch(url + path, { method: "POST", body: content }).catch(() => undefined);
  return answer?.status === 201 ? digest : undefined;
}

test("a push, a pull and a deletion by wharf reach the endpoints of a file, as each wants them", async (t) => {
  const folder = temporary(t);
  const all = await startReceiver(t);
  const tags = await startReceiver(t);
  const file = join(folder, "notifications.yaml");
  writeFileSync(
    file,
    JSON.stringify({
      notifications: {
        endpoints: [
          { name: "all", url: all.url },
          {
            name: "tags",
            url: tags.url,
            headers: { Authorization: ["Bearer of-a-test"] },
            ignore: { actions: ["pull"], mediatypes: ["application/octet-stream"] },
            only: { repositories: ["mine/*"] },
          },
        ],
      },
    }),
  );
  const server = await serveRegistry(join(folder, "data"), ["--seed", "--notifications", file]);
  t.after(server.close);
  await wharfOk(["copy", `${server.host}/hello/wharf`, `${server.host}/mine/hello:v1`]);
  await wharfOk(["inspect", `${server.host}/mine/hello:v1`]);
  await wharfOk(["delete", `${server.host}/mine/hello:v1`, "--yes"]);
  await tags.received(4);
  assert.deepEqual(
    tags.events.map(({ action, target }) => [action, target.repository, target.tag]),
    [
      ["push", "mine/hello", undefined],
      ["push", "mine/hello", undefined],
      ["push", "mine/hello", "v1"],
      ["delete", "mine/hello", tags.events[3]!.target.tag],
    ],
  );
  assert.equal(tags.requests[0]!.headers.authorization, "Bearer of-a-test");
  await until(() => all.events.some(({ action }) => action === "pull"));
  await until(() => all.events.some(({ action }) => action === "mount"));
  const mounted = all.events.find(({ action }) => action === "mount")!;
  assert.equal(mounted.target.fromRepository, "hello/wharf");
  assert.match(mounted.target.url!, new RegExp(`^http://${server.host}/v2/mine/hello/blobs/`));
});

test("a server that is killed in the middle loses no event of an answered push", async (t) => {
  const store = join(temporary(t), "data");
  let open = false;
  const receiver = await startReceiver(t, () => (open ? 200 : 503));
  const words = ["--notify", receiver.url.href];
  const answered: string[] = [];
  for (let round = 0; round < 3; round += 1) {
    const server = await serveRegistry(store, words);
    t.after(server.close);
    let pushing = true;
    const client = (async () => {
      for (let number = 0; pushing && number < 1000; number += 1) {
        const digest = await push(server.url, `round ${round} number ${number}`);
        if (digest === undefined) return;
        answered.push(digest);
      }
    })();
    await until(() => answered.length > 20 * (round + 1));
    const ended = once(server.child, "close");
    server.child.kill("SIGKILL");
    pushing = false;
    await Promise.all([ended, client]);
  }
  assert.equal(receiver.events.length, 0);
  open = true;
  const server = await serveRegistry(store, words);
  t.after(server.close);
  await receiver.received(answered.length);
  // A push that was carried out when the server was killed may have been told of, although nobody was answered.
  const told = receiver.events.map(({ target }) => target.digest!);
  const known = new Set(answered);
  assert.deepEqual(
    told.filter((digest) => known.has(digest)),
    answered,
  );
  assert.equal(new Set(receiver.events.map(({ id }) => id)).size, receiver.events.length);
  assert.doesNotMatch(server.stderr(), /secret-path/);
});

test("a receiver that answers nothing does not slow a push, and the log says what is wrong once", async (t) => {
  const receiver = await startReceiver(t, () => "never");
  const folder = temporary(t);
  const file = join(folder, "notifications.yaml");
  const endpoint = {
    name: "silent",
    url: receiver.url,
    timeout: "100ms",
    queue: 5,
    backoff: "1ms",
  };
  writeFileSync(file, JSON.stringify({ endpoints: [endpoint] }));
  const server = await serveRegistry(join(folder, "data"), ["--notifications", file, "--metrics"]);
  t.after(server.close);
  for (let number = 0; number < 20; number += 1) assert(await push(server.url, `number ${number}`));
  await receiver.asked(3);
  const page = await (await fetch(`${server.url}/metrics`)).text();
  assert.match(page, /^wharf_notifications_queued\{endpoint="silent"\} 5$/m);
  assert.match(page, /^wharf_notifications_dropped_total\{endpoint="silent"\} 15$/m);
  const said = server
    .stderr()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line).notifications);
  assert.deepEqual(
    said.toSorted((a, b) => (a.state < b.state ? -1 : 1)),
    [
      { endpoint: "silent", state: "failing", message: "no answer for 0.1 s" },
      { endpoint: "silent", state: "full", message: "5 events wait; further ones are dropped" },
    ],
  );
});
