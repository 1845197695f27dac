/** The sandbox's own pages: what they show, to whom, and that a reset is one. */
import assert from "node:assert/strict";
import { request as send } from "node:http";
import { test } from "node:test";

import { type Stage, stage } from "./stage.ts";

/** What a browser or a program is answered below `/_sandbox`. */
function ask(
  at: Stage,
  path: string,
  { method = "GET", headers = {} }: { method?: string; headers?: Record<string, string> } = {},
  body = "",
) {
  return new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; text: string }>(
    (resolve, reject) => {
      send(at.sandbox.url + path, { method, headers, agent: false }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
        );
      })
        .on("error", reject)
        .end(body);
    },
  );
}

const page = { accept: "text/html,application/xhtml+xml" };

test("requests are listed with what became of them, and never with what they signed in with", async (context) => {
  const at = await stage(context);
  await at.as("alice").repositories.get({ namespace: "alice", repository: "notes" });
  await at.as("bob").repositories.get({ namespace: "harbour", repository: "api" });
  await at.ask("GET", "/v2/no/such");
  const list = async (query = "") => {
    const { status, text } = await ask(at, `/_sandbox/requests${query}`);
    assert.equal(status, 200, text);
    return JSON.parse(text) as Record<string, unknown>[];
  };
  const all = await list();
  const { milliseconds, ...notes } = all[1]!;
  assert.equal(typeof milliseconds, "number");
  assert.deepEqual(notes, {
    number: 2,
    part: "hub",
    method: "GET",
    target: "/hub/v2/namespaces/alice/repositories/notes",
    operation: "repositories.get",
    status: 200,
    time: at.clock.now,
    account: "alice",
  });
  assert.doesNotMatch(JSON.stringify(all), /bearer|password|eyJ/i);
  const numbers = async (query: string) => (await list(query)).map(({ number }) => number);
  assert.deepEqual(await numbers("?account=bob"), [4]);
  assert.deepEqual(await numbers("?operation=auth.createToken"), [1, 3]);
  assert.deepEqual(await numbers("?status=4xx"), [5]);
  assert.deepEqual(await numbers("?part=hub&since=3"), [4, 5]);
  assert.deepEqual(await numbers("?part=hub&since=2026-05-01T12:00:01Z"), []);
  assert.deepEqual(await numbers("?part=hub&method=get&limit=1"), [5]);
  assert.deepEqual(await numbers("?part=registry"), []);
  assert.equal((await ask(at, "/_sandbox/requests?colour=red")).status, 400);
  assert.equal((await ask(at, "/_sandbox/requests", { method: "DELETE" })).status, 204);
  assert.deepEqual(await numbers("?part=hub"), []);
});

test("of many requests the last are kept, of long ones the beginning", async (context) => {
  const at = await stage(context);
  await at.ask("GET", `/v2/categories?${"x".repeat(3000)}`);
  assert.equal(at.sandbox.requests[0]?.target.length, 1000);
  for (let left = 2100; left > 0; left -= 100)
    await Promise.all(
      Array.from({ length: 100 }, async () => {
        await (await fetch(`${at.sandbox.hubUrl}/v2/categories`)).arrayBuffer();
      }),
    );
  assert.equal(at.sandbox.requests.length, 1000);
});

test("a browser gets a page that loads nothing, and whatever it shows is escaped", async (context) => {
  const at = await stage(context);
  await ask(at, "/hub/v2/<script>alert(1)</script>", {
    headers: { authorization: `Basic ${btoa("<img src=x>:hunter2")}` },
  });
  await at.sandbox.fail("GET /v2/<b>&\"' 503");
  const { status, headers, text } = await ask(at, "/_sandbox/", { headers: page });
  assert.equal(status, 200);
  assert.match(String(headers["content-type"]), /^text\/html/);
  const policy = String(headers["content-security-policy"]);
  assert.match(policy, /default-src 'none'; style-src 'sha256-[^']+'/);
  assert.match(policy, /frame-ancestors 'none'/);
  assert.doesNotMatch(text, /<script|<img|<b>&|hunter2|https?:\/\//);
  assert.match(text, /&#60;img src=x&#62;/);
  for (const shown of ["alice-password", "GET /v2/", "Start anew", "is lost"])
    assert(text.includes(shown));
  for (const count of ["<b>2</b> organizations", "<b>1</b> webhook<"])
    assert(text.includes(count), count);
  assert.match(String((await ask(at, "/_sandbox/")).headers["content-type"]), /json/);
});

test("the page of an empty sandbox says where accounts come from", async (context) => {
  const at = await stage(context, { seed: "none" });
  const { text } = await ask(at, "/_sandbox/", { headers: page });
  for (const shown of ["--seed FILE", "Nothing goes wrong", "None came yet"])
    assert(text.includes(shown), shown);
});

test("whoever sends too much is told so, and may go on", async (context) => {
  const { sandbox } = await stage(context);
  for (const [path, status] of [
    ["faults", 413],
    ["snapshots", 400],
  ] as const)
    for (let times = 3; times > 0; times -= 1) {
      const body = "x".repeat(3 << 20);
      const answer = await fetch(`${sandbox.urls.control}/${path}`, { method: "POST", body });
      assert.equal(answer.status, status);
      await answer.text();
    }
});

test("forms of the page add and remove faults, complain of a wrong one, and start anew", async (context) => {
  const at = await stage(context);
  const own = {
    ...page,
    "content-type": "application/x-www-form-urlencoded",
    origin: at.sandbox.url,
    "sec-fetch-site": "same-origin",
    "sec-fetch-mode": "navigate",
    "sec-fetch-dest": "document",
  };
  const post = (path: string, body = "") => ask(at, path, { method: "POST", headers: own }, body);
  const added = await post("/_sandbox/faults", "rule=hub+503+first%3D1");
  assert.deepEqual([added.status, added.headers["location"]], [303, "/_sandbox/"]);
  assert.deepEqual(
    at.sandbox.faults.map(({ rule }) => rule),
    ["hub 503 first=1"],
  );
  const wrong = await post("/_sandbox/faults", "rule=hub+%3Cb%3E");
  assert.equal(wrong.status, 400);
  assert.match(wrong.text, /role="alert".*there is no fault.*&#60;b&#62;/);
  assert.equal((await post(`/_sandbox/faults/${at.sandbox.faults[0]!.id}/remove`)).status, 303);
  assert.deepEqual(at.sandbox.faults, []);
  assert.equal((await post("/_sandbox/reset")).status, 303);
});

test("names that are led hither, and pages of elsewhere, get nothing", async (context) => {
  const at = await stage(context);
  const status = async (headers: Record<string, string>, path = "/_sandbox/", method = "GET") => {
    const answer = await ask(at, path, { method, headers });
    if (answer.status === 403) assert.doesNotMatch(answer.text, /alice/);
    return answer.status;
  };
  assert.equal(await status({ host: "evil.example" }), 403);
  assert.equal(await status({ host: `evil.example:${at.sandbox.port}`, ...page }), 403);
  assert.equal(await status({ host: "evil.example" }, "/hub/v2/categories"), 403);
  // Nobody of a network has to reach what is bound to this machine.
  for (const host of ["hub:5080", "192.0.2.7:5080", "hub.internal"])
    assert.equal(await status({ host }), 403, host);
  assert.equal(await status({ origin: "https://evil.example" }), 403);
  assert.equal(await status({ origin: "null" }, "/_sandbox/accounts/carol/code"), 403);
  assert.equal(await status({ "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" }), 403);
  const frame = { "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe" };
  assert.equal(await status({ "sec-fetch-site": "cross-site", ...frame }), 403);
  const link = { "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
  assert.equal(await status({ "sec-fetch-site": "cross-site", ...link }), 200);
  assert.equal(await status({ origin: at.sandbox.url }), 200);
  assert.equal(await status({ host: `localhost:${at.sandbox.port}` }), 200);
  for (const path of ["/_sandbox/reset", "/_sandbox/faults", "/hub/v2/auth/token"])
    assert.equal(await status({ origin: "https://evil.example" }, path, "POST"), 403);
});

test("snapshots and ports of their own are as closed to pages of elsewhere", async (context) => {
  for (const separate of [false, true]) {
    const at = await stage(context, { separate });
    const control = { sandbox: { ...at.sandbox, url: new URL(at.sandbox.urls.control).origin } };
    const status = async (path: string, headers: Record<string, string>, method = "GET") =>
      (await ask({ ...at, ...control }, path, { method, headers })).status;
    await fetch(`${at.sandbox.urls.control}/snapshots`, { method: "POST" });
    const cross = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" };
    for (const path of ["/_sandbox/", "/_sandbox/requests", "/_sandbox/snapshots/1"]) {
      assert.equal(await status(path, cross), 403, path);
      assert.equal(await status(path, { origin: "https://evil.example" }), 403, path);
      assert.equal(await status(path, { host: "evil.example" }), 403, path);
      assert.equal(await status(path, cross, "HEAD"), 403, path);
      assert.equal(await status(path, {}, "HEAD"), 200, path);
    }
    for (const [path, method] of [
      ["/_sandbox/snapshots/1", "DELETE"],
      ["/_sandbox/snapshots/1/restore", "POST"],
      ["/_sandbox/snapshots/2", "PUT"],
    ] as const)
      assert.equal(await status(path, { origin: "https://evil.example" }, method), 403, path);
  }
});

test("where others reach it, names that strangers could lead hither need to be allowed", async (context) => {
  const at = await stage(context, { host: "0.0.0.0", hostNames: ["Hub.Example.com"] });
  const here = { ...at, sandbox: { ...at.sandbox, url: `http://127.0.0.1:${at.sandbox.port}` } };
  const status = async (host: string, path = "/_sandbox/") =>
    (await ask(here, path, { headers: { host } })).status;
  for (const name of [
    "127.0.0.1:1",
    "192.0.2.7:5080",
    "[2001:db8::1]:5080",
    "hub:5080",
    "localhost",
  ])
    assert.equal(await status(name), 200, name);
  for (const name of ["hub.test", "hub.default.svc.cluster.local:80", "hub.example.com:5080"])
    assert.equal(await status(name), 200, name);
  for (const name of [
    "evil.example",
    "127.0.0.1.evil.example:5080",
    "hub.example.com.evil.example",
    "evil.example.",
  ])
    for (const path of ["/_sandbox/", "/hub/v2/categories", "/v2/"])
      assert.equal(await status(name, path), 403, name);
});

test("several resets at once leave what a fresh sandbox has", async (context) => {
  const at = await stage(context);
  const overview = async () => JSON.parse((await ask(at, "/_sandbox/")).text).counts as object;
  const fresh = await overview();
  await at.as("alice").repositories.delete({ namespace: "alice", repository: "site" });
  const reset = () => ask(at, "/_sandbox/reset", { method: "POST" });
  const statuses = (await Promise.all([reset(), reset(), reset()])).map(({ status }) => status);
  await Promise.all([at.sandbox.reset(), at.sandbox.reset()]);
  assert.deepEqual(statuses, [200, 200, 200]);
  assert.deepEqual(await overview(), fresh);
  const site = { namespace: "alice", repository: "site", tag: "latest" };
  assert((await at.as(undefined).tags.get(site)).images!.length > 0);
});

test("what it does not know, it says so, and what it does", async (context) => {
  const at = await stage(context);
  const { status, text } = await ask(at, "/_sandbox/nothing");
  assert.equal(status, 404);
  assert.match(text, /knows no GET \/_sandbox\/nothing/);
  const { knows } = JSON.parse(text) as { knows: readonly string[] };
  const lists = knows.filter((route) => /^GET [^*]+$/.test(route));
  assert(lists.length > 6);
  assert(knows.includes("POST /_sandbox/snapshots/*/restore"));
  for (const route of lists) assert.equal((await ask(at, route.slice(4))).status, 200, route);
  assert.equal((await ask(at, "/_sandbox/accounts/alice/code")).status, 404);
});

test("a head that is too long is refused", async (context) => {
  const at = await stage(context);
  const { status } = await ask(at, "/_sandbox/", { headers: { "x-long": "x".repeat(40_000) } });
  assert.equal(status, 431);
});

test("a client that hangs up while it sends is no failure of the sandbox", async (context) => {
  // The stage sees to it that none is told.
  const at = await stage(context);
  for (const path of ["/hub/v2/auth/token", "/token", "/scout/v1/graphql", "/_sandbox/faults"]) {
    const headers = { "content-type": "application/json", "content-length": "1000" };
    const sending = send(at.sandbox.url + path, { method: "POST", headers, agent: false });
    const ended = new Promise((resolve) => sending.on("error", resolve));
    const seen = at.sandbox.requests.length;
    sending.write("{", () => sending.destroy());
    await ended;
    while (at.sandbox.requests.length === seen) await new Promise(setImmediate);
  }
});

test("every link of the page leads somewhere", async (context) => {
  const at = await stage(context);
  const { text } = await ask(at, "/_sandbox/", { headers: { accept: "text/html" } });
  const links = [...text.matchAll(/href="([^"]+)"/g)].map(([, link]) => link!);
  assert(links.length > 5);
  for (const link of links) assert.equal((await ask(at, link)).status, 200, link);
});
