/** `wharf sync` as a process: between our server and Debian's registry, and beside regsync and skopeo. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { connect } from "../src/registry/index.ts";
import { supports } from "../src/store/store.ts";
import { firstLine, hearing, jsonLines, temporaryFolder } from "./cli/stage.ts";
import { dockerRegistry, startDockerRegistry, type DockerRegistry } from "./docker-registry.ts";
import { ImageBuilder } from "./image-builder.ts";
import { isOnPath, skipWithout, tool } from "./tools.ts";
import { serveRegistry, spawnWharf, wharf, wharfOk } from "./wharf.ts";

const regsync = tool("regsync", "go install github.com/regclient/regclient/cmd/regsync@v0.11.7");
const skopeo = tool("skopeo", "apt-get install skopeo");

let ours: Awaited<ReturnType<typeof serveRegistry>>;
let debian: DockerRegistry | undefined;
const folder = temporaryFolder();
before(async () => {
  ours = await serveRegistry("unused", ["--memory"]);
  if (!dockerRegistry.skip) debian = await startDockerRegistry();
  await seed(ours.host);
});
after(async () => {
  await ours?.close();
  await debian?.close();
});

const tags = ["v1.0.0", "v1.1.0", "v1.2.0-rc1", "v2.0.0", "edge", "latest"];

/** Images for two platforms in `team/app`, signed by a digest's tag and by a referrer; one in `team/tool`. */
async function seed(host: string): Promise<void> {
  const registry = connect(host);
  for (const tag of tags) {
    const image = await imageOf(tag);
    await image.pushTo(registry.repository("team/app"));
  }
  await (await imageOf("1")).pushTo(registry.repository("team/tool"));
  await registry.close();
}

async function imageOf(tag: string) {
  const builder = new ImageBuilder();
  const base = await builder.addLayer([{ name: "etc/base", body: "the same for all" }]);
  const platforms = [];
  for (const architecture of ["amd64", "arm64"]) {
    const body = `${tag} for ${architecture}`;
    const own = await builder.addLayer([{ name: "app", body }]);
    platforms.push(builder.addImage({ os: "linux", architecture }, [base, own]));
  }
  const root = builder.addIndex(platforms, { annotations: { version: tag } });
  const text = builder.addBlob("text/plain", Buffer.from(`signed: ${tag}`));
  builder.addArtifact(root, "application/vnd.example.signature", text);
  const signature = await builder.addLayer([{ name: "signature", body: tag }]);
  const config = builder.addImage({ os: "linux", architecture: "amd64" }, [signature]);
  const { manifests } = builder.finish(tag, root, platforms);
  const written = manifests.find(({ descriptor }) => descriptor.digest === config.digest)!;
  const document = JSON.parse(Buffer.from(written.bytes).toString()) as { mediaType: string };
  builder.addManifest(document, `${root.digest.replace(":", "-")}.sig`);
  return builder.finish(tag, root, platforms);
}

/** Every repository of a registry below a prefix: what its tags name, and what refers to that. */
async function contents(host: string, prefix: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  const registry = connect(host);
  for await (const name of registry.listRepositories()) {
    if (!name.startsWith(`${prefix}/`)) continue;
    const repository = registry.repository(name);
    for await (const tag of repository.listTags()) {
      // A registry without referrers has these indexes in their place; what they list is looked at below.
      if (/^sha256-[0-9a-f]{64}$/.test(tag)) continue;
      const { digest } = await repository.resolve(tag);
      const about: string[] = [];
      if (supports(repository, "listReferrers"))
        for await (const referrer of repository.listReferrers(digest)) about.push(referrer.digest);
      found[`${name.slice(prefix.length + 1)}:${tag}`] = [digest, ...about.toSorted()].join(" ");
    }
  }
  await registry.close();
  return found;
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

test(
  "a registry follows another, and runs again without a copy",
  { skip: dockerRegistry.skip },
  async () => {
    const path = file(
      "mirror.yaml",
      `sync:
  - source: ${ours.host}/team/app
    target: ${debian!.host}/mirror/app
    tags: [latest, { semver: ">=1.1", newest: 2 }]
  - source: ${ours.host}/team/tool:1
    target: ${debian!.host}/mirror/tool:stable
    platforms: linux/arm64
`,
    );
    const plan = await wharfOk(["sync", path, "--dry-run"]);
    assert.match(
      plan.stdout,
      new RegExp(`^new +${debian!.host}/mirror/app:v2\\.0\\.0  [0-9a-f]{12}$`, "m"),
    );
    assert.match(plan.stderr, /^Nothing was copied: this is the plan/m);
    assert.deepEqual(await contents(debian!.host, "mirror"), {});

    const first = await wharfOk(["sync", path]);
    const table = first.stdout.slice(first.stdout.indexOf("TARGET"));
    for (const line of table.split("\n")) assert(line.length <= 80, line);
    assert.match(table, /^all +4 +4 +0 +0 +\d/m);
    const [source, target] = [
      await contents(ours.host, "team"),
      await contents(debian!.host, "mirror"),
    ];
    assert.deepEqual(
      Object.keys(target)
        .filter((name) => !name.endsWith(".sig"))
        .toSorted(),
      ["app:latest", "app:v1.1.0", "app:v2.0.0", "tool:stable"],
    );
    for (const tag of ["latest", "v1.1.0", "v2.0.0"])
      assert.equal(target[`app:${tag}`], source[`app:${tag}`]);

    const second = await wharfOk(["sync", path, "--json"]);
    const events = jsonLines<{ type: string; totals: Record<string, number> }>(second.stdout);
    assert.equal(events.at(-1)!.type, "done");
    assert.equal(events.at(-1)!.totals.same, 4);
    assert.match((await wharfOk(["sync", path])).stderr, /^Everything is up to date: 4 images/m);
  },
);

/** What regsync 0.11.7 wrote for the file below; where it is installed, it is asked again, and digests are compared too. */
const writtenByRegsync = [
  "all/team/tool:1",
  "app-one:latest",
  "app-one:v1.0.0",
  "app-one:v1.1.0",
  "platform:latest",
  "ranged:edge",
  "ranged:v1.1.0",
  "signed:edge",
  "signed:sha256-4275d98f6734874354bde3f205afff9754bba08553ae599a5e85314da46c2cb9.sig",
  "tool-latest:latest",
  "tool:one",
];

test(
  "a file of regsync gives the same here as there",
  { skip: skipWithout(dockerRegistry) },
  async () => {
    const config = (target: string) => `version: 1
creds:
  - { registry: "${ours.host}", tls: disabled }
  - { registry: "${debian!.host}", tls: disabled }
defaults: { parallel: 2, interval: 1h, backup: "was-{{.Ref.Tag}}" }
x-app: &app
  source: ${ours.host}/team/app
  type: repository
sync:
  - <<: *app
    target: ${debian!.host}/${target}/{{ index (split .Sync.Source "/") 2 }}-one
    tags: { allow: ['v\\d+\\.\\d+\\.\\d+', latest], deny: ['v2\\..*'] }
  - <<: *app
    target: ${debian!.host}/${target}/signed
    tags: { allow: [edge] }
    referrers: true
    digestTags: true
  - <<: *app
    target: ${debian!.host}/${target}/ranged
    tagSets: [{ semverRange: [">=1.1.0 <2.0.0"], deny: ['.*-rc.*'] }, { allow: [edge] }]
  - <<: *app
    target: ${debian!.host}/${target}/platform
    tags: { allow: [latest] }
    platform: linux/arm64
  - source: ${ours.host}/team/tool:1
    target: ${debian!.host}/${target}/tool:one
    type: image
  - source: ${ours.host}/team/tool:1
    target: ${debian!.host}/${target}/tool-latest
    type: image
  - source: ${ours.host}
    target: ${debian!.host}/${target}/all
    type: registry
    repos: { allow: ['team/.*'], deny: ['team/app'] }
    tags: { allow: ['.'] }
`;

    if (isOnPath("regsync"))
      await regsync.run(["once", "-c", file("theirs.yml", config("theirs"))]);
    const translated = await wharfOk(["sync", "import", file("ours.yml", config("mine"))]);
    assert.match(translated.stderr, /--every 1h/);
    const { stdout } = await wharfOk(["sync", "-"], { stdin: translated.stdout });
    const [theirs, mine] = [
      await contents(debian!.host, "theirs"),
      await contents(debian!.host, "mine"),
    ];
    assert.deepEqual(Object.keys(mine).toSorted(), writtenByRegsync, stdout);
    if (isOnPath("regsync")) assert.deepEqual(mine, theirs);
  },
);

test(
  "a file of skopeo sync gives the same here as there",
  { skip: skipWithout(dockerRegistry, skopeo) },
  async () => {
    const text = `${ours.host}:
  tls-verify: false
  images:
    team/tool: ["1"]
  images-by-tag-regex:
    team/app: ^v1\\.[0-9]+\\.0$
`;
    const path = file("skopeo.yml", text);
    const compare = async (name: string, flags: readonly string[]) => {
      const [theirs, mine] = [`${debian!.host}/theirs-${name}`, `${debian!.host}/mine-${name}`];
      const from = ["--src", "yaml", "--dest", "docker", "--dest-tls-verify=false"];
      // Who may be trusted is no matter of this test.
      await skopeo.run(["--insecure-policy", "sync", ...from, ...flags, path, theirs]);
      const translated = await wharfOk(["sync", "import", path, "--target", mine, ...flags]);
      await wharfOk(["sync", "-"], { stdin: translated.stdout });
      const found = await contents(debian!.host, `mine-${name}`);
      assert(Object.keys(found).length >= 3, JSON.stringify(found));
      assert.deepEqual(found, await contents(debian!.host, `theirs-${name}`));
    };
    await compare("plain", []);
    await compare("all", ["--all"]);
  },
);

test("a layout follows a registry, relative to the file", async () => {
  mkdirSync(join(folder, "below"), { recursive: true });
  const path = file(
    "below/layout.yaml",
    `sync: [{ source: "${ours.host}/team/app", target: "oci:images", tags: [v1.0.0, edge], referrers: false }]`,
  );
  await wharfOk(["sync", path]);
  const { stdout } = await wharfOk(["tags", `oci:${join(folder, "below", "images")}`]);
  assert.deepEqual(stdout.trim().split("\n"), ["edge", "v1.0.0"]);
});

test("what fails is listed at the end, and the rest is done", async () => {
  const path = file(
    "failing.yaml",
    `sync:
  - { source: ${ours.host}/team/app, target: ${ours.host}/f/app, tags: [edge, nonesuch] }
  - { source: ${ours.host}/team/none, target: ${ours.host}/f/none }
  - { source: ${ours.host}/team/tool, target: ${ours.host}/f/tool }`,
  );
  const { status, stderr, stdout } = await wharf(["sync", path]);
  assert.equal(status, 1);
  assert.match(stderr, /^wharf: 2 failures; what else there was is done$/m);
  assert.match(stderr, /f\/app:nonesuch: .*404/);
  assert.match(stderr, /f\/none: .*there is no repository team\/none/);
  assert.match(stdout, /^all +3 +2 +0 +0 +2$/m);
  assert.deepEqual(
    Object.keys(await contents(ours.host, "f"))
      .filter((name) => !name.includes("sha256-"))
      .toSorted(),
    ["app:edge", "tool:1"],
  );
});

test("tags are pruned only where the file says so and somebody agrees", async () => {
  const path = file(
    "prune.yaml",
    `sync: [{ source: ${ours.host}/team/tool, target: ${ours.host}/p/tool, prune: true }]`,
  );
  await wharfOk(["sync", path]);
  await wharfOk(["tag", `${ours.host}/p/tool:1`, "gone"]);
  const plan = await wharfOk(["sync", path, "-n"]);
  assert.match(plan.stdout, new RegExp(`^prune +${ours.host}/p/tool:gone$`, "m"));
  const refused = await wharf(["sync", path]);
  assert.equal(refused.status, 2);
  assert.match(refused.stderr, /Delete 1 tag that the source lacks: .*gone\? Nobody is there to/);
  const done = await wharfOk(["sync", path, "--yes"]);
  assert.match(done.stdout, new RegExp(`^pruned +${ours.host}/p/tool:gone$`, "m"));
  const { stdout } = await wharfOk(["tags", `${ours.host}/p/tool`]);
  assert.equal(stdout, "1\n");
});

test("it goes on and on with --every, reads the file anew, and ends in order", async () => {
  const entry = (target: string) =>
    `{ source: "${ours.host}/team/tool:1", target: ${ours.host}/${target} }`;
  const path = file("every.yaml", `sync: [${entry("e/one")}]`);
  const child = spawnWharf(["sync", path, "--every", "1s"]);
  const ended = new Promise((resolve) => child.on("close", resolve));
  await hearing(child.stderr, /Next run in/);
  file("every.yaml", `sync: [${entry("e/two")}]`);
  await hearing(child.stdout, /^new +\S+\/e\/two:1/m);
  child.kill("SIGTERM");
  assert([0, 130].includes((await ended) as number));
  assert.deepEqual(
    Object.keys(await contents(ours.host, "e"))
      .filter((name) => !name.includes("sha256-"))
      .toSorted(),
    ["one:1", "two:1"],
  );

  const waiting = spawnWharf(["sync", path, "--every", "1h", "--json"]);
  const over = new Promise((resolve) => waiting.on("close", resolve));
  await hearing(waiting.stdout, /"type":"next"/);
  waiting.kill("SIGTERM");
  assert.equal(await over, 0);
});

test("Ctrl-C says how far it was; the next run does the rest", async () => {
  const path = file(
    "cut.yaml",
    `sync: [{ source: ${ours.host}/team/app, target: "oci:cut", referrers: false }]`,
  );
  const child = spawnWharf(["sync", path, "--jobs", "1"]);
  const ended = new Promise((resolve) => child.on("close", resolve));
  let stderr = "";
  child.stderr.on("data", (data: Buffer) => (stderr += data.toString()));
  await firstLine(child);
  child.kill("SIGINT");
  const status = await ended;
  if (status === 130)
    assert.match(stderr, /Interrupted after \d of 6 images\n +Run the same again/);
  else assert.equal(status, 0); // it was faster
  const { stdout } = await wharfOk(["sync", path]);
  assert.match(stdout, /^oci:.*cut +6 /m);
  assert(existsSync(join(folder, "cut", "index.json")));
});

test("wrong input is told in words", async () => {
  const missing = await wharf(["sync", join(folder, "none.yaml")]);
  assert.equal(missing.status, 4);
  assert.match(missing.stderr, /none\.yaml: no such file/);
  const slip = await wharf(["sync", file("slip.yaml", "sync:\n  - source: a\n    taget: b\n")]);
  assert.equal(slip.status, 2);
  assert.match(
    slip.stderr,
    /slip\.yaml:3: 'sync\[0\]\.taget' is not known\n +Did you mean 'target'\?/,
  );
  const foreign = await wharf(["sync", file("their.yml", "creds: []\nsync: []")]);
  assert.match(foreign.stderr, /is a file of regsync\n +Translate it: wharf sync import /);
  for (const words of [
    ["--every", "5"],
    ["--every", "1h", "-n"],
    ["--jobs", "0"],
  ]) {
    const { status } = await wharf(["sync", file("any.yaml", "sync: []"), ...words]);
    assert.equal(status, 2, words.join(" "));
  }
  const schema = JSON.parse((await wharfOk(["sync", "schema"])).stdout) as { title: string };
  assert.equal(schema.title, "wharf sync");
});
