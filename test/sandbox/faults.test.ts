/** Faults on demand: each as a client on the wire meets it, and that only those requests meet it that a rule is for. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { get, type IncomingMessage, request as send } from "node:http";
import { test } from "node:test";

import { type Stage, stage } from "./stage.ts";

const categories = "/hub/v2/categories";

interface Got {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
  /** How the connection ended before the answer did. */
  readonly broken: string | undefined;
}

/** One exchange on a connection of its own, whatever becomes of it. */
function exchange(
  at: Stage,
  path: string,
  { method = "GET", headers = {} }: { method?: string; headers?: Record<string, string> } = {},
): Promise<Got> {
  return new Promise((resolve) => {
    const asked = send(at.sandbox.url + path, { method, headers, agent: false });
    const chunks: Buffer[] = [];
    let answer: IncomingMessage | undefined;
    const over = (broken?: string) =>
      resolve({
        status: answer?.statusCode ?? 0,
        headers: answer?.headers ?? {},
        body: Buffer.concat(chunks),
        broken,
      });
    asked.on("error", (error: NodeJS.ErrnoException) => over(error.code));
    asked.on("response", (response) => {
      answer = response;
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", (error: NodeJS.ErrnoException) => over(error.code));
      response.on("end", () => over());
    });
    asked.end();
  });
}

/** A token for the registry, and the way to a layer of harbour/api. */
async function openLayer(at: Stage) {
  const scope = "repository:harbour/api:pull,push";
  const token = await fetch(`${at.sandbox.url}/token?scope=${scope}`, {
    headers: { authorization: `Basic ${btoa("alice:alice-password")}` },
  });
  const headers = {
    authorization: `Bearer ${((await token.json()) as { token: string }).token}`,
    accept: "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json",
  };
  const read = async (reference: string) => {
    const { body } = await exchange(at, `/v2/harbour/api/manifests/${reference}`, { headers });
    return JSON.parse(body.toString());
  };
  const { manifests } = await read("latest");
  const { layers } = await read(manifests[0].digest);
  return {
    headers,
    path: `/v2/harbour/api/blobs/${layers[0].digest}`,
    size: layers[0].size as number,
  };
}

test("a status is answered as the part would, with the wait that clients are asked for", async (context) => {
  const at = await stage(context);
  const fault = await at.sandbox.fail(`GET ${categories} 429 retry-after=7`);
  const limited = await exchange(at, categories);
  assert.deepEqual(
    [limited.status, limited.headers["retry-after"], JSON.parse(limited.body.toString())],
    [429, "7", { detail: "Rate limit exceeded", error: false }],
  );
  assert.equal((await exchange(at, "/hub/v2/users/alice")).status, 200);
  fault.remove();
  assert.equal((await exchange(at, categories)).status, 200);
  assert.equal(fault.hits, 1);

  const wait = async (rule: string) => {
    const one = await at.sandbox.fail(rule);
    const { headers } = await exchange(at, categories);
    one.remove();
    return headers["retry-after"];
  };
  assert.deepEqual([await wait("hub 429"), await wait("hub 503")], ["1", undefined]);
  await at.sandbox.fail("registry 429");
  const { errors } = JSON.parse((await exchange(at, "/v2/")).body.toString());
  assert.equal(errors[0].code, "TOOMANYREQUESTS");
  await at.sandbox.fail("auth 503");
  assert.equal((await exchange(at, "/token")).status, 503);
  await at.sandbox.fail("hub 502");
  assert.equal((await exchange(at, categories)).status, 502);
  const head = await exchange(at, categories, { method: "HEAD" });
  assert.deepEqual([head.status, head.body.length, head.broken], [502, 0, undefined]);
});

test("rules choose by operation, account, field of the request, path with its query", async (context) => {
  const at = await stage(context);
  const [alice, bob] = [await at.as("alice").token(), await at.as("bob").token()];
  const hits: Record<string, number> = {};
  const rules = {
    operation: "tags.list 500",
    account: "hub account=bob 500",
    field: "header=X-Run:7 500",
    query: "/hub/v2/categories?*page=2* 500",
    none: "POST /hub/* 500",
  };
  for (const [name, rule] of Object.entries(rules)) {
    const fault = await at.sandbox.fail(rule);
    const as = (token = "") => ({ headers: { authorization: `Bearer ${token}` } });
    await exchange(at, "/hub/v2/namespaces/harbour/repositories/api/tags", as(alice));
    await exchange(at, "/hub/v2/repositories/harbour/api/", as(bob));
    await exchange(at, categories, { headers: { "x-run": "7" } });
    await exchange(at, categories, { headers: { "x-run": "8" } });
    await exchange(at, `${categories}?page=2`);
    hits[name] = fault.hits;
    fault.remove();
  }
  assert.deepEqual(hits, { operation: 1, account: 1, field: 1, query: 1, none: 0 });
});

test("the n-th, the first, every n-th, and a share that is the same again with the same seed", async (context) => {
  const at = await stage(context);
  const statuses = async (rule: string, count: number) => {
    const fault = await at.sandbox.fail(`${categories} 500 ${rule}`);
    const found: number[] = [];
    for (let left = count; left > 0; left -= 1) found.push((await exchange(at, categories)).status);
    fault.remove();
    assert.equal(fault.seen, count);
    return found.map((status) => (status === 500 ? "x" : ".")).join("");
  };
  assert.equal(await statuses("nth=2", 4), ".x..");
  assert.equal(await statuses("first=2", 4), "xx..");
  assert.equal(await statuses("every=3", 7), "..x..x.");
  assert.equal(await statuses("every=2 first=4", 8), ".x.x....");
  const share = await statuses("rate=0.5 seed=7", 40);
  assert.equal(await statuses("rate=0.5 seed=7", 40), share);
  assert.notEqual(await statuses("rate=0.5 seed=8", 40), share);
  const hits = share.replaceAll(".", "").length;
  assert(hits > 8 && hits < 32, share);
  assert.equal(await statuses("rate=0", 5), ".....");
});

test("bodies are cut, shortened, damaged and slow, and a blob passes as it comes", async (context) => {
  const at = await stage(context);
  const { headers, path, size } = await openLayer(at);
  const whole = await exchange(at, path, { headers });
  assert.equal(whole.body.length, size);
  const under = async (fault: string) => {
    const rule = await at.sandbox.fail(`GET /v2/*/blobs/* ${fault}`);
    const got = await exchange(at, path, { headers });
    rule.remove();
    return got;
  };
  const cut = await under("cut at=10");
  assert.deepEqual([cut.headers["content-length"], cut.broken], [String(size), "ECONNRESET"]);
  assert(cut.body.equals(whole.body.subarray(0, 10)));
  const reset = await under("reset at=10");
  assert.deepEqual([reset.status, reset.body.length, reset.broken], [200, 10, "ECONNRESET"]);
  const headless = await under("reset at=headers");
  assert.deepEqual([headless.status, headless.body.length], [200, 0]);
  assert.deepEqual((await under("reset")).status, 0);
  const short = await under("truncate at=10");
  assert.deepEqual([short.headers["content-length"], short.broken], ["10", undefined]);
  const damaged = await under("corrupt at=10");
  assert.equal(damaged.body[10], whole.body[10]! ^ 1);
  assert.equal(damaged.body.filter((byte, index) => byte !== whole.body[index]).length, 1);
  const slow = await under("slow bytes=20000");
  assert(slow.body.equals(whole.body));
  assert((await under(`cut at=${size}`)).body.equals(whole.body), "nothing is left to be cut");
  // What the store holds in memory was not damaged with the answer.
  assert((await exchange(at, path, { headers })).body.equals(whole.body));
});

test("JSON ends in its middle, pages come in its place, a digest is another's", async (context) => {
  const at = await stage(context);
  await at.sandbox.fail("categories.list truncate");
  const { body, headers, broken } = await exchange(at, categories);
  assert.deepEqual([headers["content-length"], broken], [String(body.length), undefined]);
  assert.throws(() => JSON.parse(body.toString()), SyntaxError);
  await at.sandbox.fail("users.get html status=200");
  const page = await exchange(at, "/hub/v2/users/alice");
  assert.match(page.headers["content-type"]!, /^text\/html/);
  assert.deepEqual([page.status, /504 Gateway/.test(page.body.toString())], [200, true]);

  const layer = await openLayer(at);
  const right = await exchange(at, "/v2/harbour/api/manifests/latest", layer);
  await at.sandbox.fail("/v2/harbour/api/manifests/* digest");
  const wrong = await exchange(at, "/v2/harbour/api/manifests/latest", layer);
  assert(wrong.body.equals(right.body));
  assert.match(String(wrong.headers["docker-content-digest"]), /^sha256:[0-9a-f]{64}$/);
  assert.notEqual(wrong.headers["docker-content-digest"], right.headers["docker-content-digest"]);
});

test("tokens expire: those that come are refused by the part, those that go have ended already", async (context) => {
  const at = await stage(context);
  const token = await at.as("alice").token();
  const session = await at.sandbox.fail("users.getCurrent expired");
  const refused = await at.ask("GET", "/v2/user/", { token });
  assert.deepEqual([refused.status, refused.body.detail], [401, "token is invalid or expired"]);
  session.remove();
  const { headers } = await openLayer(at);
  const registry = await at.sandbox.fail("registry expired first=1");
  const challenged = await exchange(at, "/v2/harbour/api/manifests/latest", { headers });
  assert.equal(challenged.status, 401);
  assert.match(
    String(challenged.headers["www-authenticate"]),
    /scope="repository:harbour\/api:pull",error="invalid_token"/,
  );
  assert.equal((await exchange(at, "/v2/harbour/api/manifests/latest", { headers })).status, 200);
  registry.remove();

  await at.sandbox.fail("auth.createToken expired");
  await at.sandbox.fail("auth expired");
  const signIn = { identifier: "bob", secret: "bob-password" };
  const issued = await at.ask("POST", "/v2/auth/token", { body: signIn });
  const expired = issued.body.access_token as string;
  const claims = JSON.parse(Buffer.from(expired.split(".")[1]!, "base64url").toString());
  assert(claims.exp * 1000 < at.clock.now);
  assert.equal((await at.ask("GET", "/v2/user/", { token: expired })).status, 401);
  const late = await openLayer(at).then(
    () => "a token was good",
    () => "refused",
  );
  assert.equal(late, "refused");
});

test("silence ends with the client's patience, or with the sandbox", async (context) => {
  const at = await stage(context);
  for (const place of ["start", "answer", "headers", "10"]) {
    const fault = await at.sandbox.fail(`${categories} stall at=${place}`);
    const asked = get(at.sandbox.url + categories, { agent: false });
    asked.on("error", () => {});
    if (place === "headers" || place === "10") {
      const [answer] = (await once(asked, "response")) as [IncomingMessage];
      answer.on("error", () => {});
      if (place === "10") assert.equal(((await once(answer, "data")) as [Buffer])[0].length, 10);
    } else while (fault.hits === 0) await new Promise(setImmediate);
    asked.destroy();
    fault.remove();
  }
  await at.sandbox.fail("stall");
  const waiting = exchange(at, categories);
  while (at.sandbox.faults[0]!.hits === 0) await new Promise(setImmediate);
  await at.sandbox.close();
  assert.equal((await waiting).status, 0);
});

test("an answer is lost after the work was done", async (context) => {
  const at = await stage(context);
  const token = await at.as("alice").token();
  for (const [name, rule, seen] of [
    ["one", "repositories.create reset at=answer", "ECONNRESET"],
    ["two", "repositories.create 504 at=answer", 504],
  ] as const) {
    const fault = await at.sandbox.fail(rule);
    const created = await at
      .ask("POST", "/v2/namespaces/alice/repositories", { token, body: { name } })
      .then(({ status }) => status)
      .catch((error: Error) => (error.cause as NodeJS.ErrnoException).code);
    assert.equal(created, seen);
    fault.remove();
    assert.equal((await at.ask("GET", `/v2/repositories/alice/${name}/`)).status, 200);
  }
});

test("a delay keeps order: what is done, is done later, and other faults follow", async (context) => {
  const at = await stage(context);
  await at.sandbox.fail("delay ms=30 jitter=5");
  await at.sandbox.fail(`${categories} 503`);
  const late = await at.sandbox.fail("hub 500");
  const { status } = await exchange(at, categories);
  assert.equal(status, 503);
  assert.deepEqual([late.seen, late.hits], [1, 0], "another had answered before");
  const [entry] = at.sandbox.requests;
  assert.deepEqual(entry?.faults, ["* delay ms=30 jitter=5", `${categories} 503`]);
  // Timers may be a millisecond early.
  assert(entry.milliseconds >= 29, `${entry.milliseconds} ms`);
});

test("a request can want a fault for itself alone, and is told of a wrong one", async (context) => {
  const at = await stage(context);
  const want = (fault: string) =>
    exchange(at, categories, { headers: { "x-sandbox-fault": fault } });
  assert.equal((await want("503 retry-after=2")).headers["retry-after"], "2");
  assert.equal((await want("delay ms=1; html")).status, 503);
  assert.equal((await exchange(at, categories)).status, 200);
  for (const wrong of ["explode", "503 nth=2", "", "GET 503", "cut at=headers"]) {
    const { status, body } = await want(wrong);
    assert.deepEqual([status, wrong], [400, wrong]);
    assert.match(body.toString(), /no rule for a fault/);
  }
});

test("rules are added, listed and taken away over HTTP; a reset leaves those of the start", async (context) => {
  const at = await stage(context, { faults: ["categories.list 500 nth=1"] });
  const faults = `${at.sandbox.url}/_sandbox/faults`;
  const list = async () => {
    const all = (await (await fetch(faults)).json()) as {
      id: number;
      rule: string;
      hits: number;
    }[];
    return all.map(({ rule, hits }) => `${rule}: ${hits}`);
  };
  assert.equal((await exchange(at, categories)).status, 500);
  const text = await fetch(faults, { method: "POST", body: "# two\nGET /v2/* 503\n\nhub slow\n" });
  assert.equal(text.status, 201);
  const [{ id }] = (await text.json()) as [{ id: number }];
  const json = await fetch(faults, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ part: "auth", fault: "delay", ms: 5 }),
  });
  assert.equal(json.status, 201);
  assert.deepEqual(await list(), [
    "categories.list 500 nth=1: 1",
    "GET /v2/* 503: 0",
    "hub slow: 0",
    "auth delay ms=5: 0",
  ]);
  assert.equal((await fetch(`${faults}/${id}`, { method: "DELETE" })).status, 204);
  assert.equal((await fetch(`${faults}/${id}`, { method: "DELETE" })).status, 404);
  // As `curl -d '{…}'` sends it.
  const form = await fetch(faults, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: '[{ "operation": "tags.list", "fault": 429 }]',
  });
  assert.equal(((await form.json()) as [{ rule: string }])[0].rule, "tags.list 429");
  const wrong = await fetch(faults, { method: "POST", body: "GET /v2/* 503\ntags.lst 500" });
  assert.equal(wrong.status, 400);
  assert.match(await wrong.text(), /tags\.lst.*Did you mean tags\.list\?/);
  await at.sandbox.reset();
  assert.deepEqual(await list(), ["categories.list 500 nth=1: 0"]);
  assert.equal((await fetch(faults, { method: "DELETE" })).status, 204);
  assert.deepEqual(await list(), []);
});
