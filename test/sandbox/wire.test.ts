/** What the sandbox says beside its answers: limits, slashes, refusals, itself. */
import assert from "node:assert/strict";
import { request } from "node:http";
import { test } from "node:test";

import { catalogue } from "../../src/entrance/hub.ts";
import { entries } from "../../src/operation.ts";
import { type Ask, stage } from "./stage.ts";

test("every answer of Hub tells the limit, and the one above it is refused", async (context) => {
  const { ask, clock } = await stage(context, { rateLimit: 2 });
  const first = await ask("GET", "/v2/categories");
  assert.deepEqual(
    ["limit", "remaining", "reset"].map((name) => first.headers.get(`x-ratelimit-${name}`)),
    ["2", "1", String(clock.now / 1000 + 60)],
  );
  assert.equal((await ask("GET", "/v2/nothing")).headers.get("x-ratelimit-remaining"), "0");
  const refused = await ask("GET", "/v2/categories");
  assert.deepEqual(
    [refused.status, refused.headers.get("retry-after"), refused.body],
    [429, "60", { detail: "Rate limit exceeded", error: false }],
  );
  clock.now += 60_000;
  assert.equal((await ask("GET", "/v2/categories")).status, 200);
});

test("each account has requests of its own, and so has an address", async (context) => {
  const { ask, as } = await stage(context, { rateLimit: 3 });
  // Whoever signs in is nobody yet.
  const [alice, bob] = [await as("alice").token(), await as("bob").token()];
  const sent = async (token?: string) => {
    const { status, headers } = await ask("GET", "/v2/categories", { token });
    return [status, headers.get("x-ratelimit-remaining")].join(" ");
  };
  const hers = [await sent(alice), await sent(alice), await sent(alice), await sent(alice)];
  assert.deepEqual(hers, ["200 2", "200 1", "200 0", "429 0"]);
  assert.equal(await sent(bob), "200 2");
  assert.deepEqual([await sent(), await sent()], ["200 0", "429 0"]);
  assert.equal(await sent(bob), "200 1");
});

test("a slash too many or too few: reads are answered, what would lose its body is sent on", async (context) => {
  const { ask, as } = await stage(context);
  for (const path of ["/v2/categories/", "/v2/users/alice", "/v2/users/alice/"])
    assert.equal((await ask("GET", path)).status, 200, path);
  const token = await as("alice").token();
  const sent = await ask("DELETE", "/v2/repositories/alice/site", { token, redirect: "manual" });
  assert.equal(sent.status, 301);
  assert.match(sent.headers.get("location")!, /\/hub\/v2\/repositories\/alice\/site\/$/);
  assert.equal((await ask("DELETE", "/v2/repositories/alice/site/", { token })).status, 202);
});

/** What fills the paths of the catalogue. */
const named: Readonly<Record<string, string>> = {
  namespace: "harbour",
  repository: "api",
  tag: "latest",
  org_name: "harbour",
  org: "harbour",
  group_name: "developers",
  username: "alice",
  account: "harbour",
  name: "User",
  repo: "api",
  year: "2026",
  timespantype: "months",
  timespan: "4",
  dataview: "summary",
};

test("a slash more or less: each read is the same, each change that lacks its own is sent on, and no other is", async (context) => {
  const { ask, as } = await stage(context);
  const token = await as("alice").token();
  const tally = { read: 0, sent: 0, taken: 0 };
  for (const { id, operation } of entries(catalogue)) {
    const { http, service = "hub", auth, retired } = operation;
    if (http === undefined || service !== "hub" || retired !== undefined) continue;
    const [method = "", template = ""] = http.split(" ");
    const filled = template.replaceAll(/\{(\w+)\}/g, (_, field: string) => named[field] ?? "none");
    const [path = "", query] = filled.split("?");
    const other = path.endsWith("/") ? path.slice(0, -1) : `${path}/`;
    const options: Ask = {
      redirect: "manual",
      ...(auth !== "none" && { token: auth === "scim" ? "harbour-scim-token" : token }),
    };
    const send = (at: string) => ask(method, query === undefined ? at : `${at}?${query}`, options);
    if (method === "GET" || method === "HEAD") {
      const [own, twin] = [await send(path), await send(other)];
      assert.equal(twin.status, own.status, `${method} ${other}`);
      if (own.status === 404) assert.doesNotMatch(JSON.stringify(twin.body), /sandbox knows no/);
      tally.read += 1;
    } else if (path.endsWith("/")) {
      const twin = await send(other);
      assert.deepEqual(
        [twin.status, twin.headers.get("location")?.endsWith(path)],
        [301, true],
        `${id}: ${method} ${other}`,
      );
      tally.sent += 1;
    } else {
      // Without a body, or with names of nothing: whatever is said, the operation says it.
      const twin = await ask(method, other.replaceAll("harbour", "none"), options);
      assert(![301, 405].includes(twin.status), `${id}: ${method} ${other}: ${twin.status}`);
      assert.doesNotMatch(JSON.stringify(twin.body), /sandbox knows no/);
      tally.taken += 1;
    }
  }
  assert(tally.read > 60 && tally.sent > 10 && tally.taken > 20, JSON.stringify(tally));
});

test("what it does not know and what Docker has retired are told apart", async (context) => {
  const { ask, as } = await stage(context);
  const token = await as("alice").token();
  const unknown = await ask("GET", "/v2/no/such/route");
  assert.equal(unknown.status, 404);
  assert.match(unknown.body.message, /sandbox knows no GET/);
  const method = await ask("DELETE", "/v2/categories");
  assert.deepEqual([method.status, method.body.message], [405, "405: Method Not Allowed"]);
  assert.equal((await ask("GET", "/v2/repositories//")).status, 405);
  const retired = await ask("GET", "/v2/namespaces/alice/repositories/site/images", { token });
  assert.equal(retired.status, 404);
  assert.match(retired.body.message, /retired on 2023-12-11/);
  const broken = await fetch(`${(await stage(context)).sandbox.hubUrl}/v2/auth/token`, {
    method: "POST",
    body: "{",
  });
  assert.equal(broken.status, 400);
});

test("its control shows what there is, starts anew, and is not for web pages", async (context) => {
  const { sandbox, as } = await stage(context);
  await as("alice").repositories.delete({ namespace: "alice", repository: "site" });
  const overview = async () => (await fetch(`${sandbox.url}/_sandbox/`)).json();
  const { counts, requests } = (await overview()) as {
    counts: { repositories: number };
    requests: { method: string; target: string; status: number }[];
  };
  assert.equal(counts.repositories, 9);
  const { method, target, status } = requests[1]!;
  assert.deepEqual([method, target, status], ["DELETE", "/hub/v2/repositories/alice/site/", 202]);
  const foreign = await fetch(`${sandbox.url}/_sandbox/reset`, {
    method: "POST",
    headers: { origin: "https://evil.example" },
  });
  assert.equal(foreign.status, 403);
  const rebound = await new Promise<number | undefined>((resolve, reject) =>
    request(`${sandbox.url}/_sandbox/`, { headers: { host: "evil.example" } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on("error", reject)
      .end(),
  );
  assert.equal(rebound, 403);
  await fetch(`${sandbox.url}/_sandbox/reset`, { method: "POST" });
  const site = { namespace: "alice", repository: "site" };
  assert.equal((await as(undefined).tags.get({ ...site, tag: "latest" })).images?.length, 2);
});

test("a path that is no path is not found, whichever part it is for", async (context) => {
  const { sandbox } = await stage(context, { separate: true });
  for (const [part, url] of Object.entries(sandbox.urls)) {
    const status = await new Promise<number | undefined>((resolve, reject) =>
      request({ port: new URL(url).port, path: "//", agent: false }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on("error", reject)
        .end(),
    );
    assert.equal(status, 404, part);
  }
});

test("a body that is too large is refused, one that breaks off is nobody's failure", async (context) => {
  const { sandbox, ask } = await stage(context);
  const large = await fetch(`${sandbox.hubUrl}/v2/users/login`, {
    method: "POST",
    body: new Uint8Array(9 << 20),
  });
  assert.equal(large.status, 413);
  assert.match(await large.text(), /too large/);
  await new Promise<void>((resolve) => {
    const headers = { "content-length": 100 };
    const broken = request(`${sandbox.hubUrl}/v2/users/login`, { method: "POST", headers });
    broken.once("error", () => {});
    broken.once("close", resolve);
    broken.write("{", () => broken.destroy());
  });
  assert.equal((await ask("GET", "/v2/categories")).status, 200);
});

test("a body without end is not read without end", async (context) => {
  const { sandbox, ask } = await stage(context);
  const chunk = new Uint8Array(1 << 20);
  const ended = await new Promise<boolean>((resolve) => {
    const endless = request(`${sandbox.hubUrl}/v2/users/login`, { method: "POST", agent: false });
    endless.once("error", () => resolve(true)).once("close", () => resolve(true));
    let left = 1024;
    const more = () => {
      left -= 1;
      if (left === 0) return resolve(false);
      if (!endless.destroyed) endless.write(chunk, more);
    };
    more();
    context.after(() => endless.destroy());
  });
  assert(ended, "a gigabyte was read");
  assert.equal((await ask("GET", "/v2/categories")).status, 200);
});
