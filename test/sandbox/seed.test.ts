/** What a sandbox begins with: ours looks like life, a file says what is in others. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { copy, createMemoryRepository, openLayout } from "../../src/entrance/registry.ts";
import { isError, startSandbox } from "../../src/entrance/sandbox.ts";
import { readSeed } from "../../src/sandbox/seed/file.ts";
import { pushHello } from "../../src/sandbox/seed/hello.ts";
import { registryFor } from "./registry-calls.ts";
import { refused, stage } from "./stage.ts";

const gateway = { namespace: "pier", repository: "gateway" };

test("the small seed has a year of releases, with provenance and SBOM beside each image", async (context) => {
  const at = await stage(context);
  const hub = at.as(undefined);
  const { results, count } = await hub.tags.list({ ...gateway, page_size: 100 });
  assert.equal(count, 60);
  const pushed = results.map(({ tag_last_pushed }) => Date.parse(tag_last_pushed!));
  assert(Math.min(...pushed) < at.clock.now - 350 * 86_400_000);
  assert(Math.max(...pushed) <= at.clock.now);
  const call = await registryFor(at, undefined, "pier/gateway", "pull");
  const index = (await (await call("GET", "manifests/v1.6.0")).json()) as {
    manifests: {
      digest: string;
      platform: { os: string; architecture: string };
      annotations?: Record<string, string>;
    }[];
  };
  assert.deepEqual(
    index.manifests.map(({ platform: { os, architecture } }) => `${os}/${architecture}`),
    ["linux/amd64", "linux/arm64", "unknown/unknown", "unknown/unknown"],
  );
  const [image, , attestation] = index.manifests;
  assert.deepEqual(attestation!.annotations, {
    "vnd.docker.reference.digest": image!.digest,
    "vnd.docker.reference.type": "attestation-manifest",
  });
  const { layers } = (await (await call("GET", `manifests/${attestation!.digest}`)).json()) as {
    layers: { digest: string; annotations: Record<string, string> }[];
  };
  const types = layers.map(({ annotations }) => annotations["in-toto.io/predicate-type"]);
  assert.deepEqual(types, ["https://slsa.dev/provenance/v0.2", "https://spdx.dev/Document"]);
  for (const { digest } of layers) {
    const statement = (await (await call("GET", `blobs/${digest}`)).json()) as {
      subject: { digest: { sha256: string } }[];
    };
    assert.equal(`sha256:${statement.subject[0]!.digest.sha256}`, image!.digest);
  }
});

test("it is the same in every sandbox, and after a reset", async (context) => {
  const [one, other] = [await stage(context), await stage(context)];
  const seen = async (at: typeof one) =>
    JSON.stringify(await at.as("erin").tags.list({ ...gateway, page_size: 100 }));
  const before = await seen(one);
  const theirs = (await seen(other)).replaceAll(other.sandbox.url, one.sandbox.url);
  assert.equal(theirs, before);
  await one.as("erin").repositories.delete(gateway);
  await one.sandbox.reset();
  assert.equal(await seen(one), before);
});

test("tokens of the seed sign in, those that are switched off do not", async (context) => {
  const { as } = await stage(context);
  const secret = (name: string) =>
    ({ kind: "secret", identifier: "erin", secret: `dckr_pat_sandbox-erin-${name}` }) as const;
  assert.equal((await as(secret("laptop")).users.getCurrent())["username"], "erin");
  await refused(as(secret("old")).users.getCurrent(), "UNAUTHORIZED");
});

test("the organization of the seed has a token that signs it in", async (context) => {
  const { as, sandbox } = await stage(context);
  const { results } = await as("erin").orgAccessTokens.list({ org_name: "pier" });
  assert.deepEqual(
    results.map(({ label, is_active }) => [label, is_active]),
    [["deployment", true]],
  );
  const asked = async (actions: string) => {
    const answer = await fetch(
      `${sandbox.urls.auth}/token?service=registry.docker.io&scope=repository:pier/berths:${actions}`,
      { headers: { authorization: `Basic ${btoa("pier:dckr_oat_sandbox-pier-deployment")}` } },
    );
    const { token } = (await answer.json()) as { token: string };
    return fetch(`${sandbox.url}/v2/pier/berths/manifests/latest`, {
      headers: { authorization: `Bearer ${token}` },
    });
  };
  assert.equal((await asked("pull")).status, 200);
});

test("the large seed has a thousand repositories and a hundred thousand tags", async (context) => {
  const at = await stage(context, { seed: "large" });
  const overview = (await (await fetch(`${at.sandbox.urls.control}/`)).json()) as {
    counts: { repositories: number; tags: number };
  };
  assert.deepEqual([overview.counts.repositories, overview.counts.tags], [1000, 100_000]);
  const { results } = await at.as("alice").repositories.list({ namespace: "quay", page_size: 100 });
  const call = await registryFor(at, "alice", `quay/${results.at(-1)!.name}`);
  const listed = (await (await call("GET", "tags/list")).json()) as { tags: string[] };
  assert(listed.tags.length >= 100);
  assert.equal((await call("GET", `manifests/${listed.tags[50]}`)).status, 200);
});

const file = `
accounts:
  - { name: ann, password: secret, about: owns everything }
  - { name: ben, password: secret }
organizations:
  - name: works
    members: { ann: owner, ben: member }
    teams: [{ name: readers, members: [ben] }]
repositories:
  - name: works/app
    description: It works
    private: true
    categories: [web-servers]
    immutable_tags: ['^1\\.']
    tags:
      - 1.10
      - { name: edge, image: "oci:layout:v1", pushed: 2026-04-01, by: ben }
    permissions: { readers: read }
    comments: [{ by: ben, text: Nice, at: 3d }]
    stars: [ben]
    pulls: 12
`;

test("a file says who and what is there, images from a layout among it", async (context) => {
  const folder = await mkdtemp(join(tmpdir(), "wharf-seed-"));
  context.after(() => rm(folder, { recursive: true, force: true }));
  const memory = createMemoryRepository();
  const digest = await pushHello(memory, "9", { attested: false });
  const layout = await openLayout(join(folder, "layout"), { create: true });
  await copy(memory, digest, layout, { tag: "v1" });
  await layout.close();

  const at = await stage(context, { seed: readSeed(file), seedFolder: folder });
  assert.deepEqual(
    at.sandbox.accounts.map(({ name }) => name),
    ["ann", "ben"],
  );
  const as = (identifier: string) => at.as({ kind: "secret", identifier, secret: "secret" });
  const app = { namespace: "works", repository: "app" };
  const seen = await as("ben").repositories.get(app);
  assert.deepEqual(
    [seen.description, seen.is_private, seen.star_count, seen.pull_count, seen.permissions],
    ["It works", true, 1, 12, { read: true, write: false, admin: false }],
  );
  const edge = await as("ben").tags.get({ ...app, tag: "edge" });
  assert.deepEqual([edge.digest, edge.last_updater_username], [digest, "ben"]);
  assert.equal(edge.tag_last_pushed, "2026-04-01T00:00:00.000000Z");
  await refused(as("ann").tags.delete({ ...app, tag: "1.10" }), "FORBIDDEN");
  const { results } = await as("ann").comments.list(app);
  assert.deepEqual([results[0]!["user"], results[0]!["comment"]], ["ben", "Nice"]);
});

/** What is said of a file, with the hint behind it. */
function complaintOf(text: string): string {
  try {
    readSeed(text, "s.yaml");
  } catch (error) {
    assert(isError(error, "CONFIG_INVALID"), String(error));
    const { hint } = error.details;
    return hint === undefined ? error.message : `${error.message} / ${hint}`;
  }
  throw new Error(`nothing is wrong with ${text}`);
}

test("what is wrong in a file is told with line, field and what was perhaps meant", () => {
  assert.equal(
    complaintOf("accounts:\n  - name: ann\n    pasword: x"),
    "s.yaml:3: 'accounts[0].pasword' is not known / Did you mean 'password'?",
  );
  assert.equal(
    complaintOf("accounts:\n  - name: ann\nrepositories:\n  - name: an/x"),
    "s.yaml:4: repositories[0].name: the seed has no account or organization 'an' / Did you mean 'ann'?",
  );
  assert.match(
    complaintOf("accounts: [{ name: a }]\nrepositories: [{ name: a/b, tags: [x, x] }]"),
    /^s\.yaml:2: repositories\[0\]\.tags\[1\]: 'x' is there twice/,
  );
  assert.match(
    complaintOf("accounts: [{ name: a }]\nrepositories: [{ name: a/b, image: alpine }]"),
    /'alpine' is no image that a seed can have.*nothing is fetched over the network/,
  );
  assert.match(
    complaintOf("organizations: [{ name: o, members: { ann: owner } }]"),
    /the seed has no account 'ann'/,
  );
  assert.match(
    complaintOf("accounts: [{ name: a, joined: yesterday }]"),
    /accounts\[0\]\.joined must be a date .* not 'yesterday'/,
  );
  for (const moment of ["2026-02-31", "2026-13-01", "999999y"])
    assert.match(
      complaintOf(`accounts: [{ name: a, joined: ${moment} }]`),
      new RegExp(`joined must be a date .* not '${moment}'`),
    );
  assert.match(
    complaintOf(
      "accounts: [{ name: constructor }]\norganizations: [{ name: o, teams: [{ name: t, members: [constructor] }] }]",
    ),
    /'constructor' is no member of the organization/,
  );
});

test("all mistakes of a file are told at once, in the order of its lines", () => {
  const seed = `repositories:
  - name: App
    tags: [v1, { tga: v2 }, { nmae: v3, pushed: 3 days }]
    webhooks: [{ name: deploy, url: "localhost:8080" }]
accounts:
  - { password: secret, pasword: secret }
organizations:
  - { name: works, members: [ada] }
`;
  assert.deepEqual(complaintOf(seed).split("\n"), [
    "s.yaml:2: repositories[0].name must be NAMESPACE/NAME in lower case, not 'App'",
    "s.yaml:3: repositories[0].tags[1].name is missing",
    "s.yaml:3: 'repositories[0].tags[1].tga' is not known. Known here: name, image, pushed, pulled, by.",
    "s.yaml:3: repositories[0].tags[2].pushed must be a date such as 2026-01-31, a time such as 2026-01-31T12:00:00Z, or an age: 3h, 12d, 5w, 1y, not '3 days'",
    "s.yaml:3: 'repositories[0].tags[2].nmae' is not known. Did you mean 'name'?",
    "s.yaml:4: repositories[0].webhooks[0].url must be an address such as http://127.0.0.1:8080/pushed, not 'localhost:8080'",
    "s.yaml:6: accounts[0].name is missing",
    "s.yaml:6: 'accounts[0].pasword' is not known. Did you mean 'password'?",
    "s.yaml:8: organizations[0].members must be a map of names, not a list / 9 mistakes; docs/sandbox-seeds.md has the format.",
  ]);
});

test("so are all contradictions, each once", () => {
  const seed = `accounts: [{ name: ada }, { name: ada }]
organizations:
  - { name: works, members: { ad: owner } }
repositories:
  - name: work/app
    immutable_tags: ["("]
    permissions: { builders: write }
    stars: [bea]
`;
  assert.deepEqual(complaintOf(seed).split("\n"), [
    "s.yaml:1: accounts: 'ada' is there twice",
    "s.yaml:3: organizations[0].members.ad: the seed has no account 'ad'. Did you mean 'ada'?",
    "s.yaml:5: repositories[0].name: the seed has no account or organization 'work'. Did you mean 'works'?",
    "s.yaml:6: repositories[0].immutable_tags: invalid regular expression: (",
    "s.yaml:8: repositories[0].stars[0]: the seed has no account 'bea' / 5 mistakes; docs/sandbox-seeds.md has the format.",
  ]);
});

test("of very many mistakes the first twenty are told", () => {
  const accounts = Array.from({ length: 5000 }, () => "  - { name: Ada, pasword: secret }");
  const names = Array.from({ length: 5000 }, () => "  - { name: ada }");
  for (const [lines, first] of [
    [accounts, /^s\.yaml:2: accounts\[0\]\.name must be a name/],
    [names, /^s\.yaml:3: accounts: 'ada' is there twice/],
  ] as const) {
    const said = complaintOf(["accounts:", ...lines].join("\n"));
    assert.match(said, first);
    assert.equal(said.split("\n").length, 20);
    assert.match(said, /The first 20 mistakes; /);
  }
});

test("an image that is not there is told with the tag that has it", async () => {
  const seed = readSeed(
    "accounts: [{ name: a }]\nrepositories: [{ name: a/b, tags: [x], image: 'oci:nowhere' }]",
  );
  await assert.rejects(startSandbox({ seed }), (error: Error) => {
    assert(isError(error, "FILE_NOT_FOUND"), String(error));
    assert.match(error.message, /^the seed's a\/b:x: .*nowhere: no such folder/);
    return true;
  });
});

test("of a folder that began with another seed only who is there is told", async (context) => {
  const data = await mkdtemp(join(tmpdir(), "wharf-seed-"));
  const seed = { accounts: [{ name: "ada", password: "ada-password" }] };
  await (await startSandbox({ data, seed })).close();
  const sandbox = await startSandbox({ data });
  context.after(async () => {
    await sandbox.close();
    await rm(data, { recursive: true, force: true });
  });
  const told = async () => {
    const overview = await (await fetch(`${sandbox.urls.control}/`)).json();
    const { accounts } = overview as { accounts: readonly { name: string }[] };
    assert.deepEqual(accounts, sandbox.accounts);
    return accounts.map(({ name }) => name);
  };
  assert.deepEqual(await told(), []);
  const headers = { accept: "text/html" };
  const page = await (await fetch(`${sandbox.urls.control}/`, { headers })).text();
  assert.match(page, /passwords of the seed that this began with/);
  await sandbox.reset();
  assert.deepEqual(await told(), ["alice", "bob", "carol", "dave", "erin"]);
});

test("what a program gives in place of a seed or a port is refused in words", async () => {
  const rejects = (options: object, words: RegExp) =>
    assert.rejects(startSandbox(options), (error: Error) => {
      assert(isError(error), String(error));
      assert.match(error.message, words);
      return true;
    });
  await rejects({ seed: "tiny" }, /no seed 'tiny'/);
  await rejects({ seed: new Uint8Array(3) }, /no snapshot/);
  await rejects({ seed: { accounts: [{}] } }, /accounts\[0\]\.name/);
  await rejects({ seed: "none", port: 70_000 }, /no port 70000/);
});
