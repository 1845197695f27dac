/** What commands print with --json is what docs/output.md says, field by field. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { entries } from "../../src/cli/index.ts";
import { serveRegistry, spawnWharf, wharf, wharfOk, type WharfOptions } from "../wharf.ts";
import { checkValue, readOutputPage } from "./output-page.ts";
import { cargo, firstLine, hearing, jsonLines, push, temporaryFolder } from "./stage.ts";

const image = cargo();
const folder = temporaryFolder();
const environment = { HOME: folder };
const sections = readOutputPage();
let server: Awaited<ReturnType<typeof serveRegistry>>;
let app: string;

before(async () => {
  server = await serveRegistry("unused", ["--memory"]);
  app = `${server.host}/team/app`;
  await push(image, server.host, "team/app");
});
after(() => server.close());

/** Chapters that say the same as another. */
const alike: Readonly<Record<string, string>> = {
  "wharf manifest delete": "wharf delete",
  "wharf blob delete": "wharf delete",
  "wharf blob mount": "wharf blob put",
  "wharf attach": "wharf push",
};

const sectionOf = (name: string) => {
  const found = sections.find((section) => section.name === (alike[name] ?? name));
  assert.ok(found, `docs/output.md says nothing of ${name}`);
  return found;
};

const check = (name: string, value: unknown) => checkValue(value, sectionOf(name), sections);

async function value(words: readonly string[], options: WharfOptions = {}): Promise<unknown> {
  const { stdout } = await wharfOk([...words, "--json"], { cwd: folder, environment, ...options });
  return JSON.parse(stdout);
}

async function lines(words: readonly string[], options: WharfOptions = {}): Promise<unknown[]> {
  const { stdout } = await wharfOk([...words, "--json"], { cwd: folder, environment, ...options });
  const found = jsonLines(stdout);
  assert.ok(found.length > 0);
  return found;
}

/** Commands with a chapter of several tables, and those that pass on what somebody else has described. */
const elsewhere =
  /^(?:copy|sync|prune|search|openapi|dxf|hub (?:tags|delete-tags|describe|audit)|scout query)$/;

test("every command has its chapter", () => {
  for (const { name } of entries)
    if (!elsewhere.test(name)) assert.ok(sectionOf(`wharf ${name}`), `wharf ${name}`);
});

test("no chapter is there twice", () => {
  const names = sections.map(({ name }) => name);
  assert.deepEqual(names, [...new Set(names)]);
});

test("every example keeps to its own chapter", () => {
  const examples = sections.flatMap((section) =>
    section.examples.map((one) => [section, one] as const),
  );
  assert.ok(examples.length > 3);
  for (const [section, example] of examples) checkValue(example, section, sections);
});

test("wharf sync: every event, and every kind of them", async () => {
  interface Event {
    readonly type: string;
  }
  const entry = `source: ${app}, target: ${server.host}/mirror/app, backup: "was-{tag}", prune: true`;
  const write = (tags: string) =>
    writeFileSync(
      join(folder, "sync.yaml"),
      `sync: [{ ${entry}, tags: ${tags} }, { source: ${app}x, target: ${server.host}/y }]`,
    );
  const run = async (...flags: string[]) => {
    const { stdout } = await wharf(["sync", "sync.yaml", "--json", ...flags], {
      cwd: folder,
      environment,
    });
    return jsonLines<Event>(stdout);
  };
  write('["1.0", "9"]');
  const events = [...(await run("--dry-run")), ...(await run())];
  await wharfOk(["tag", `${server.host}/mirror/app:1.0`, "gone"], { environment });
  write("{ match: ^1 }");
  events.push(...(await run("--yes")));
  write("{ match: none }");
  events.push(...(await run("--missing")));
  for (const event of events) check(`wharf sync/${event.type}`, event);
  assert.deepEqual([...new Set(events.map(({ type }) => type))].toSorted(), [
    "done",
    "image",
    "note",
    "prune",
    "repository",
  ]);

  const child = spawnWharf(["sync", "sync.yaml", "--json", "--every", "1h", "--yes"], {
    cwd: folder,
    environment,
  });
  const ended = once(child, "close");
  const said = await hearing(child.stdout, /"type":"next".*\n/);
  child.kill("SIGTERM");
  await ended;
  check("wharf sync/next", jsonLines<Event>(said).at(-1));
});

test("wharf sync import, sync schema", async () => {
  const words = ["sync", "import", "-", "--target", "registry.example.com"];
  const stdin = "quay.io: { images: { coreos/etcd: [latest] } }";
  check("wharf sync import", await value(words, { stdin }));
  check("wharf sync schema", await value(["sync", "schema"]));
});

test("wharf copy: every event, and every kind of them", async () => {
  interface Event {
    readonly type: string;
  }
  const events = [
    ...(await lines(["copy", `${app}:1.0`, "oci:layout:1.0"])),
    ...(await lines(["copy", `${app}:1.0`, `${server.host}/one`, "--platform=linux/amd64"])),
  ] as Event[];
  for (const event of events) check(`wharf copy/${event.type}`, event);
  assert.equal(events.at(-1)?.type, "done");
  assert.deepEqual([...new Set(events.map(({ type }) => type))].toSorted(), [
    "blob",
    "done",
    "manifest",
    "note",
    "tag",
  ]);
});

test("wharf copy --plan, wharf prune: a plan, and what happened", async () => {
  check("wharf copy/--plan", await value(["copy", `${app}:1.0`, "oci:planned", "--plan"]));
  const copied = `${server.host}/pruned`;
  await lines(["copy", `${app}:1.0`, `${copied}:1.0`, "--tag=2.0", "--tag=3.0"]);
  const rules = ["--match=^[12]", "--keep-match=^1", "--include-untagged"];
  check("wharf prune/--dry-run", await value(["prune", copied, ...rules, "--dry-run"]));
  const all = ["prune", copied, "--keep-newest=0", "--include-untagged"];
  check("wharf prune/--dry-run", await value([...all, "--dry-run"]));
  const events = (await lines([...all, "--yes"])) as { readonly type: string }[];
  for (const event of events) check(`wharf prune/${event.type}`, event);
  assert.deepEqual([...new Set(events.map(({ type }) => type))].toSorted(), [
    "done",
    "manifest",
    "tag",
  ]);
});

test("wharf inspect: an index, an image, an artifact", async () => {
  for (const reference of [
    `${app}:1.0`,
    `${app}@${image.platforms[1]!.digest}`,
    `${app}@${image.sbom.digest}`,
  ])
    check("wharf inspect", await value(["inspect", reference]));
  check("wharf inspect", await value(["inspect", `${app}:1.0`, "--no-sizes", "--no-attachments"]));
});

test("wharf referrers: lines, and a tree", async () => {
  for (const line of await lines(["referrers", `${app}:1.0`])) check("wharf referrers", line);
  check("wharf referrers/--tree", await value(["referrers", `${app}:1.0`, "--tree"]));
});

test("wharf digest, tags, repos, tag, delete", async () => {
  check("wharf digest", await value(["digest", `${app}:1.0`]));
  for (const line of await lines(["tags", app])) check("wharf tags", line);
  for (const line of await lines(["tags", app, "--newest=2"])) check("wharf tags", line);
  for (const line of await lines(["repos", server.host])) check("wharf repos", line);
  for (const line of await lines(["tag", `${app}:1.0`, "2", "3"])) check("wharf tag", line);
  for (const line of await lines(["delete", `${app}:2`, `${app}:3`, "--yes"]))
    check("wharf delete", line);
});

test("wharf push, attach, discover, pull, detach", async () => {
  writeFileSync(join(folder, "file"), "a file");
  const artifact = `${server.host}/artifacts:v1`;
  check("wharf push", await value(["push", artifact, "file", "--type=a/b", "-a", "key=value"]));
  check("wharf push", await value(["push", "oci:artifacts", "file:text/plain"]));
  const attached = await value(["attach", artifact, "file", "--type=application/spdx+json"]);
  check("wharf attach", attached);
  const { digest } = attached as { readonly digest: string };
  const signed = `${artifact.slice(0, -3)}@${digest}`;
  check("wharf attach", await value(["attach", signed, "--type=a/signature", "-a", "key=value"]));
  check("wharf discover", await value(["discover", artifact]));
  check("wharf discover", await value(["discover", artifact, "--tree"]));
  for (const _ of ["written", "exists"])
    check("wharf pull", await value(["pull", artifact, "--output=pulled"]));
  for (const line of await lines(["detach", artifact, digest, "--yes"]))
    check("wharf detach", line);
});

test("wharf manifest and blob", async () => {
  const repository = `${server.host}/parts`;
  check("wharf manifest head", await value(["manifest", "head", `${app}:1.0`]));
  check("wharf manifest get", await value(["manifest", "get", `${app}:1.0`]));
  const empty =
    '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}';
  for (const words of [[`${repository}:1`], [`${repository}:1`, "-"]])
    check("wharf manifest put", await value(["manifest", "put", ...words], { stdin: empty }));
  const { digest } = (await value(["manifest", "head", `${repository}:1`])) as { digest: string };
  const deleted = await lines(["manifest", "delete", `${repository}@${digest}`, "--yes"]);
  check("wharf manifest delete", deleted[0]);

  writeFileSync(join(folder, "blob"), "some bytes");
  const put = (await value(["blob", "put", repository, "blob"])) as { digest: string };
  check("wharf blob put", put);
  const naming = ["blob", "alias", repository, "named", put.digest, put.digest];
  check("wharf blob alias", await value(naming));
  for (const named of await lines(["blob", "list", `${repository}:named`]))
    check("wharf blob list", named);
  const blob = `${repository}@${put.digest}`;
  check("wharf blob head", await value(["blob", "head", blob]));
  check("wharf blob get", await value(["blob", "get", blob, "--output=got"]));
  check("wharf blob mount", await value(["blob", "mount", blob, `${server.host}/sibling`]));
  check("wharf blob delete", (await lines(["blob", "delete", blob, "--yes"]))[0]);
});

test("wharf ping, rate-limit, login, whoami, logout", async () => {
  check("wharf ping", await value(["ping", server.host]));
  check("wharf rate-limit", await value(["rate-limit", server.host]));
  const login = ["login", server.host, "-u", "me", "--password-stdin"];
  check("wharf whoami", await value(["whoami", server.host]));
  check("wharf login", await value(login, { stdin: "open-sesame" }));
  check("wharf whoami", await value(["whoami", server.host]));
  check("wharf logout", await value(["logout", server.host]));
});

test("wharf registry serve, sandbox, completion, version", async () => {
  for (const words of ["registry serve --memory", "sandbox", "sandbox --separate"]) {
    const child = spawnWharf([...words.split(" "), "--port=0", "--json"]);
    const ended = once(child, "close");
    check(`wharf ${words.replace(/ --.*/, "")}`, JSON.parse(await firstLine(child)));
    child.kill("SIGTERM");
    await ended;
  }
  for (const shell of ["bash", "zsh", "fish"])
    check("wharf completion", await value(["completion", shell]));
  check("wharf version", await value(["version"]));
});

test("errors: one line on standard error, of the documented fields", async () => {
  for (const [words, status] of [
    [["digest", `${app}:nowhere`], 4],
    [["frobnicate"], 2],
    [["ping", "127.0.0.1:1"], 1],
  ] as const) {
    const said = await wharf([...words, "--json"], { environment });
    assert.equal(said.status, status);
    assert.equal(said.stderr.trimEnd().split("\n").length, 1);
    const error = JSON.parse(said.stderr) as { error: { exit: number } };
    check("Errors", error);
    assert.equal(error.error.exit, status);
    if (words[0] === "ping") check("wharf ping", JSON.parse(said.stdout));
  }
});
