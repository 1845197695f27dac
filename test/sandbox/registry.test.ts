/** The sandbox's registry and Hub are two views of one thing. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";

import { createHub } from "../../src/entrance/hub.ts";
import { startSandbox } from "../../src/entrance/sandbox.ts";
import { tool } from "../tools.ts";
import { emptyIndex, index, registryFor } from "./registry-calls.ts";
import { refused, stage } from "./stage.ts";

const skopeo = tool("skopeo", "apt-get install skopeo");

test("what is pushed shows in Hub with digest, sizes, platforms and whoever pushed it", async (context) => {
  const at = await stage(context);
  const api = await registryFor(at, "bob", "harbour/api");
  const manifest = await (await api("GET", "manifests/latest")).text();
  at.clock.now += 60_000;
  assert.equal((await api("PUT", "manifests/v2", manifest, index)).status, 201);
  const tag = await at.as(undefined).tags.get({
    namespace: "harbour",
    repository: "api",
    tag: "v2",
  });
  assert.deepEqual(
    [tag.last_updater_username, tag.tag_last_pushed, tag.media_type, tag.content_type],
    ["bob", "2026-05-01T12:01:00.000000Z", index, "image"],
  );
  assert.deepEqual(
    tag.images?.map(({ os, architecture }) => `${os}/${architecture}`),
    ["linux/amd64", "linux/arm64"],
  );
  // An image that nobody has seen yet: the same, with a line more.
  const type = "application/vnd.oci.image.manifest.v1+json";
  const image = await (await api("GET", `manifests/${tag.images![0]!.digest}`)).text();
  assert.equal((await api("PUT", "manifests/alone", `${image}\n`, type)).status, 201);
  const one = { namespace: "harbour", repository: "api", tag: "alone" };
  const alone = await at.as(undefined).tags.get(one);
  assert.notEqual(alone.images?.[0]?.digest, tag.images![0]!.digest);
  assert.deepEqual(
    alone.images?.[0]?.layers?.map(({ instruction }) => instruction),
    ["COPY os-release /etc/os-release # buildkit", "COPY hello /hello # buildkit"],
  );
  assert.equal(
    tag.full_size,
    tag.images?.flatMap(({ layers }) => layers ?? []).reduce((sum, { size = 0 }) => sum + size, 0),
  );
  const { results } = await at.as(undefined).tags.list({ namespace: "harbour", repository: "api" });
  assert.deepEqual(
    results.slice(0, 2).map(({ name }) => name),
    ["alone", "v2"],
  );
  assert.equal((await at.as(undefined).repositories.list({ namespace: "harbour" })).count, 1);
});

test("manifests are listed a hundred at a time, with the tags on them", async (context) => {
  const at = await stage(context);
  const call = await registryFor(at, "alice", "alice/many");
  const put = (number: number) =>
    call("PUT", `manifests/t${number}`, emptyIndex(`${number}`), index);
  for (let number = 0; number < 120; number += 1) assert.equal((await put(number)).status, 201);
  const many = { namespace: "alice", repository: "many" };
  const first = await at.as("alice").manifests.list(many);
  const last_evaluated_key = String(first.last_evaluated_key);
  const second = await at.as("alice").manifests.list({ ...many, last_evaluated_key });
  assert.deepEqual([first.manifests?.length, second.manifests?.length], [100, 20]);
  assert.equal(second.last_evaluated_key, undefined);
  const tags = [...(first.manifests ?? []), ...(second.manifests ?? [])].flatMap(
    ({ tags }) => tags,
  );
  assert.equal(new Set(tags).size, 120);
});

test("a push makes a repository where one may, and nowhere else", async (context) => {
  const at = await stage(context);
  const put = async (who: string, name: string) => {
    const call = await registryFor(at, who, name);
    const empty = emptyIndex();
    return (await call("PUT", "manifests/one", empty, index)).status;
  };
  assert.equal(await put("dave", "dave/fresh"), 201);
  assert.equal(
    (await at.as(undefined).repositories.get({ namespace: "dave", repository: "fresh" })).name,
    "fresh",
  );
  for (const name of ["alice/fresh", "harbour/fresh", "harbour/api", "nobody/fresh"])
    assert.equal(await put("dave", name), 401, name);
});

test("a private repository is pulled by whoever may, and told of to nobody else", async (context) => {
  const at = await stage(context);
  const pull = async (who: string | undefined) =>
    (await (await registryFor(at, who, "alice/notes", "pull"))("GET", "manifests/latest")).status;
  assert.deepEqual(
    [await pull("alice"), await pull("dave"), await pull(undefined)],
    [200, 401, 401],
  );
  const bare = await fetch(`${at.sandbox.url}/v2/alice/notes/manifests/latest`);
  assert.equal(
    bare.headers.get("www-authenticate"),
    `Bearer realm="${at.sandbox.url}/token",service="registry.docker.io",scope="repository:alice/notes:pull"`,
  );
  const wrong = await fetch(`${at.sandbox.url}/token`, {
    headers: { authorization: `Basic ${btoa("alice:wrong")}` },
  });
  assert.equal(wrong.status, 401);
});

test("an immutable tag can be neither moved nor deleted, on either side", async (context) => {
  const at = await stage(context);
  const alice = at.as("alice");
  const api = { namespace: "harbour", repository: "api" };
  assert.deepEqual(await alice.immutableTags.verify({ ...api, regex: "^v\\d" }), {
    tags: ["v1.2.0"],
  });
  await refused(at.as("bob").immutableTags.verify({ ...api, regex: "v" }), "FORBIDDEN");
  const rules = { immutable_tags: true, immutable_tags_rules: ["^v\\d"] };
  const { immutable_tags_settings } = await alice.immutableTags.update({ ...api, ...rules });
  assert.deepEqual(immutable_tags_settings, { enabled: true, rules: ["^v\\d"] });
  const call = await registryFor(at, "bob", "harbour/api");
  const other = emptyIndex();
  const put = async (tag: string) => (await call("PUT", `manifests/${tag}`, other, index)).status;
  assert.deepEqual([await put("v1.2.0"), await put("latest"), await put("v3")], [403, 201, 201]);
  await refused(alice.tags.delete({ ...api, tag: "v1.2.0" }), "FORBIDDEN", /immutable/);
  await alice.immutableTags.update({ ...api, ...rules, immutable_tags: false });
  assert.equal(await put("v1.2.0"), 201);
});

test("a rule that would hold up everybody is refused", async (context) => {
  const at = await stage(context);
  const api = { namespace: "harbour", repository: "api" };
  const { immutableTags } = at.as("alice");
  await refused(immutableTags.verify({ ...api, regex: "(a+)+$" }), "REQUEST_INVALID", /too long/);
  const rules = { immutable_tags: true, immutable_tags_rules: ["^v", "(a+)+$"] };
  await refused(immutableTags.update({ ...api, ...rules }), "REQUEST_INVALID", /too long/);
  const { immutable_tags_settings } = await at.as("alice").repositories.get(api);
  assert.deepEqual(immutable_tags_settings, { enabled: false, rules: [] });
});

test("what is deleted in Hub is gone from the registry, which deletes nothing itself", async (context) => {
  const at = await stage(context);
  const alice = at.as("alice");
  const call = await registryFor(at, "alice", "harbour/api", "pull,push,delete");
  const digest = (await call("HEAD", "manifests/latest")).headers.get("docker-content-digest")!;
  assert.equal((await call("DELETE", `manifests/${digest}`)).status, 405);
  const api = { namespace: "harbour", repository: "api" };
  await refused(at.as("bob").tags.delete({ ...api, tag: "latest" }), "FORBIDDEN");
  await alice.tags.delete({ ...api, tag: "latest" });
  assert.equal((await call("HEAD", "manifests/latest")).status, 404);
  assert.equal((await call("HEAD", "manifests/v1.2.0")).status, 200);
  assert.equal(await alice.tags.check({ ...api, tag: "latest" }), false);
  const { images } = await alice.tags.get({ ...api, tag: "v1.2.0" });
  const layer = images![0]!.layers![0]!.digest;
  assert.equal((await call("HEAD", `blobs/${layer}`)).status, 200);
  await alice.repositories.delete(api);
  assert.equal((await call("HEAD", `manifests/${digest}`)).status, 404);
  // It has no tags, not even none.
  const listed = await call("GET", "tags/list");
  // Nor is anything left of what was in it, when it is made again.
  assert.equal((await call("PUT", "manifests/new", emptyIndex(), index)).status, 201);
  assert.equal((await call("HEAD", `blobs/${layer}`)).status, 404);
  assert.deepEqual([listed.status, /"NAME_UNKNOWN"/.test(await listed.text())], [404, true]);
});

test("pulls are counted for an account or an address; heads and indexes are free; the last one is refused in Docker's words", async (context) => {
  const at = await stage(context, { pullLimits: { anonymous: 2, account: 3, window: 60 } });
  const of = (who?: string) => registryFor(at, who, "library/hello", "pull");
  const [guest, dave] = [await of(), await of("dave")];
  const left = (response: Response) => response.headers.get("ratelimit-remaining");
  const tag = "manifests/latest";
  const listed = await guest("GET", tag);
  assert.equal(left(listed), "2;w=60");
  const { manifests } = (await listed.json()) as { manifests: { digest: string }[] };
  const path = `manifests/${manifests[0]!.digest}`;
  assert.equal(left(await guest("HEAD", path)), "2;w=60");
  assert.equal(left(await guest("GET", path)), "1;w=60");
  const absent = `manifests/sha256:${"0".repeat(64)}`;
  assert.equal((await guest("GET", absent)).status, 404);
  // However the path is spelt.
  assert.equal(
    left(await guest("GET", path.replace("manifests", "m%61nifests").replace(":", "%3a"))),
    "0;w=60",
  );
  for (const spelt of [path, path.replace("manifests", "%6danifests"), path.replace(":", "%3a")]) {
    const over = await guest("GET", spelt);
    assert.equal(over.status, 429, spelt);
    const { errors } = (await over.json()) as { errors: { code: string; message: string }[] };
    assert.deepEqual(
      [errors[0]?.code, errors[0]?.message, left(over), over.headers.get("ratelimit-limit")],
      [
        "TOOMANYREQUESTS",
        "You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit",
        "0;w=60",
        "2;w=60",
      ],
    );
    assert.equal(over.headers.get("docker-ratelimit-source"), "127.0.0.1");
  }
  assert.equal((await guest("HEAD", path)).status, 200);
  assert.equal(left(await dave("GET", path)), "2;w=60");
  assert.equal((await at.as("dave").pullLimit.get())["ratelimit-remaining"], "2;w=60");
  const hello = { namespace: "library", repository: "hello" };
  assert.notEqual((await at.as(undefined).repositories.get(hello)).pull_count, 0);
  at.clock.now += 60_000;
  assert.equal(left(await guest("HEAD", path)), "2;w=60");
});

test("the limits are Docker's; a paid plan has none, and is told of none", async (context) => {
  const data = await mkdtemp(join(tmpdir(), "wharf-sandbox-"));
  await (await startSandbox({ data })).close();
  const state = new DatabaseSync(join(data, "sandbox.db"));
  state.exec("UPDATE accounts SET plan = 'pro' WHERE name = 'alice'");
  state.close();
  const at = await stage(context, { data });
  context.after(() => rm(data, { recursive: true, force: true }));
  const of = async (who: string | undefined) => {
    const call = await registryFor(at, who, "ratelimitpreview/test", "pull");
    const { headers } = await call("HEAD", "manifests/latest");
    return [headers.get("ratelimit-limit"), headers.get("ratelimit-remaining")];
  };
  assert.deepEqual(await of(undefined), ["100;w=21600", "100;w=21600"]);
  assert.deepEqual(await of("dave"), ["200;w=21600", "200;w=21600"]);
  assert.deepEqual(await of("alice"), [null, null]);
});

test("each part has a port of its own, and challenge and lists lead to the right one", async (context) => {
  const at = await stage(context, { separate: true });
  const { urls } = at.sandbox;
  assert.equal(new Set(Object.values(urls).map((url) => new URL(url).port)).size, 5);
  const { headers } = await fetch(`${urls.registry}/v2/alice/notes/manifests/latest`);
  assert.match(headers.get("www-authenticate")!, new RegExp(`^Bearer realm="${urls.auth}/token"`));
  // By whatever name the client knows this machine.
  const named = urls.registry.replace("127.0.0.1", "localhost");
  assert.match(
    (await fetch(`${named}/v2/`)).headers.get("www-authenticate")!,
    new RegExp(`realm="${urls.auth.replace("127.0.0.1", "localhost")}/token"`),
  );
  const { next } = (await (
    await fetch(`${urls.hub}/v2/namespaces/library/repositories?page_size=1`)
  ).json()) as { next: string };
  assert.equal(next, `${urls.hub}/v2/namespaces/library/repositories?page_size=1&page=2`);
  assert.equal((await fetch(next)).status, 200);
  for (const wrong of [
    `${urls.hub}/hub/v2/namespaces/library/repositories`,
    `${urls.auth}/v2/`,
    `${urls.registry}/token`,
  ])
    assert.equal((await fetch(wrong)).status, 404, wrong);
  const hub = createHub({
    url: urls.hub,
    authUrl: urls.auth,
    registryUrl: urls.registry,
    credentials: { kind: "secret", identifier: "dave", secret: "dave-password" },
    environment: {},
  });
  context.after(() => hub.close());
  assert.equal((await hub.repositories.list({ namespace: "alice" })).count, 1);
  assert.equal((await hub.pullLimit.get())["ratelimit-limit"], "200;w=21600");
  assert.equal((await fetch(`${urls.control}/`)).status, 200);
});

test(
  "skopeo signs in, copies, and is refused where it may not",
  { skip: skopeo.skip },
  async (context) => {
    const at = await stage(context, { clock: Date.now });
    const folder = await mkdtemp(join(tmpdir(), "wharf-sandbox-"));
    context.after(() => rm(folder, { recursive: true, force: true }));
    const { host } = at.sandbox;
    const environment = { REGISTRY_AUTH_FILE: join(folder, "auth.json") };
    const login = (user: string) =>
      skopeo.run(["login", "--tls-verify=false", "-u", user, "--password-stdin", host], {
        environment,
        stdin: `${user}-password`,
      });
    const copy = (to: string) =>
      skopeo.run(
        [
          "copy",
          "--all",
          "--insecure-policy",
          "--src-tls-verify=false",
          "--dest-tls-verify=false",
          `docker://${host}/library/hello:latest`,
          `docker://${host}/${to}`,
        ],
        { environment },
      );
    await login("alice");
    await copy("alice/by-skopeo:v1");
    const one = { namespace: "alice", repository: "by-skopeo", tag: "v1" };
    assert.equal((await at.as(undefined).tags.get(one)).images?.length, 2);
    await login("dave");
    await assert.rejects(copy("alice/by-skopeo:v2"), /denied|unauthorized|authentication required/);
    assert.equal(await at.as(undefined).tags.check({ ...one, tag: "v2" }), false);
  },
);

test("a folder keeps everything: accounts, sessions, content", async (context) => {
  const data = await mkdtemp(join(tmpdir(), "wharf-sandbox-"));
  const first = await startSandbox({ data });
  const opened = await fetch(`${first.hubUrl}/v2/auth/token`, {
    method: "POST",
    body: JSON.stringify({ identifier: "alice", secret: "alice-password" }),
  });
  const { access_token } = (await opened.json()) as { access_token: string };
  const authorization = `Bearer ${access_token}`;
  await fetch(`${first.hubUrl}/v2/namespaces/alice/repositories`, {
    method: "POST",
    headers: { authorization },
    body: JSON.stringify({ name: "kept" }),
  });
  await first.close();
  // As if the process had ended between a push and its description.
  const state = new DatabaseSync(join(data, "sandbox.db"));
  state.exec("UPDATE manifests SET content_type = '', images = '[]', blobs = '[]'");
  state.close();
  const second = await startSandbox({ data });
  context.after(async () => {
    await second.close();
    await rm(data, { recursive: true, force: true });
  });
  const get = (path: string) => fetch(second.hubUrl + path, { headers: { authorization } });
  assert.equal((await get("/v2/namespaces/alice/repositories/kept")).status, 200);
  const tag = await get("/v2/namespaces/alice/repositories/site/tags/latest");
  assert.equal(((await tag.json()) as { images: unknown[] }).images.length, 2);
});
