/** The sandbox as people use it: `wharf sandbox` in one terminal, `wharf` in another, Docker Hub's names pointed at it. */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

import { serveWharf, wharf, wharfOk } from "../wharf.ts";

interface Printed {
  readonly url: string;
  readonly hubUrl: string;
  readonly host: string;
}

const folder = await mkdtemp(join(tmpdir(), "wharf-sandbox-commands-"));
const serving = await serveWharf<Printed>([
  "sandbox",
  "--data",
  join(folder, "data"),
  "--pull-limit",
  "1000",
]);
const sandbox = serving.printed;
after(async () => {
  await serving.close();
  await rm(folder, { recursive: true, force: true });
});

const config = join(folder, "config.yaml");
await writeFile(
  config,
  `hosts:\n  docker.io:\n    url: ${sandbox.url}\n    hubUrl: ${sandbox.hubUrl}\n`,
);
const environmentOf = (user: string) => ({
  WHARF_CONFIG: config,
  DOCKER_CONFIG: join(folder, user),
  XDG_STATE_HOME: join(folder, user),
  HOME: join(folder, user),
});
const as = (user: string) => ({ environment: environmentOf(user) });

test("with a configuration, docker.io is the sandbox for every command", async () => {
  await wharfOk(["login", "--username", "alice", "--password-stdin"], {
    ...as("alice"),
    stdin: "alice-password",
  });
  await wharfOk(
    [
      "hub",
      "repositories",
      "create",
      "alice/first",
      "--is-private",
      "true",
      "--description",
      "Mine",
    ],
    as("alice"),
  );
  await wharfOk(["copy", "hello", "alice/first:v1"], as("alice"));
  const { stdout } = await wharfOk(["hub", "tags", "alice/first", "--json"], as("alice"));
  const tag = JSON.parse(stdout.split("\n")[0]!) as { name: string };
  assert.equal(tag.name, "v1");
  assert.match((await wharfOk(["inspect", "alice/first:v1"], as("alice"))).stdout, /linux\/arm64/);
  const limit = await wharfOk(["rate-limit", "--json"], as("guest"));
  assert.match(limit.stdout, /\b1000\b/);
  assert.match((await wharfOk(["search", "hello"], as("alice"))).stdout, /hello/);
});

test("a stranger sees nothing of what is private", async () => {
  assert.equal((await wharf(["inspect", "alice/notes"], as("dave"))).status, 13);
  assert.equal((await wharf(["hub", "repositories", "get", "alice/notes"], as("dave"))).status, 4);
});

test("a second factor is asked for", async () => {
  const answer = await fetch(`${sandbox.url}/_sandbox/accounts/carol/code`);
  const { code } = (await answer.json()) as { code: string };
  const refused = await wharf(["hub", "login", "--username", "carol", "--password-stdin"], {
    ...as("carol"),
    stdin: "carol-password",
  });
  assert.notEqual(refused.status, 0);
  assert.match(refused.stderr, /second factor|code/i);
  assert.match(code, /^\d{6}$/);
});

test("DOCKERHUB_URL and a password are all that the Hub commands need", async () => {
  const environment = {
    DOCKERHUB_URL: sandbox.hubUrl,
    DOCKERHUB_USERNAME: "alice",
    DOCKERHUB_PASSWORD: "alice-password",
  };
  const { stdout } = await wharfOk(["hub", "repositories", "list", "harbour"], { environment });
  assert.match(stdout, /harbour\/ledger/);
  const gone = ["hub", "repositories", "delete", "alice/site", "--yes"];
  await wharfOk(gone, { environment });
  assert.equal((await wharf(gone, { environment })).status, 4);
});

test("a port that is taken is said so", async () => {
  const taken = await wharf(["sandbox", "--port", new URL(sandbox.url).port]);
  assert.equal(taken.status, 1);
  assert.match(taken.stderr, /Port \d+ of 127\.0\.0\.1 is taken/);
});

test("what cannot be begun with comes with what can", async () => {
  for (const [words, hint] of [
    [["--host", "nope.invalid"], "127.0.0.1, or 0.0.0.0 for all"],
    [["--faults", "foo.bar 429"], "docs/operations.md"],
  ] as const) {
    const refused = await wharf(["sandbox", "--port", "0", ...words]);
    assert.equal(refused.status, 2);
    assert(refused.stderr.includes(hint), refused.stderr);
  }
});

test("the mistakes of a seed stand below one another", async () => {
  const path = join(folder, "team.yaml");
  await writeFile(path, "accounts:\n  - nmae: ada\n  - name: Bea\n");
  const refused = await wharf(["sandbox", "--seed", path]);
  assert.equal(refused.status, 2);
  assert.deepEqual(refused.stderr.replaceAll(path, "team.yaml").split("\n"), [
    "wharf: team.yaml:2: 'accounts[0].nmae' is not known. Did you mean 'name'?",
    "       team.yaml:3: accounts[1].name must be a name of lower-case letters, digits and . _ - between them, not 'Bea'",
    "       2 mistakes; docs/sandbox-seeds.md has the format.",
    "",
  ]);
});
