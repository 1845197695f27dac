/** `wharf tags --newest` and `wharf prune`, against our registry and Debian's. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { connect, isError, openLayout, type RemoteRegistry } from "../src/entrance/registry.ts";
import {
  amd64,
  arm64,
  pushImage,
  pushIndex,
  pushReferrer,
} from "../src/transfer/testing/images.ts";
import type { Repository, Target } from "../src/store/store.ts";
import { registries } from "./cli/stage.ts";
import { onTerminal, plain, terminal } from "./cli/terminal.ts";
import { startFaultyProxy } from "./faulty-proxy.ts";
import { spawnWharf, wharf, wharfOk } from "./wharf.ts";

const day = 86_400_000;
const ago = (days: number) => new Date(Date.now() - days * day).toISOString();

const image = (store: Target, tag: string, days: number) =>
  pushImage(store, { tag, layers: [tag], config: { created: ago(days) } });

/** Images of 400, 90, 10 and 1 days under `1.0` to `1.3`, the oldest also as `stable`; one of unknown age. */
async function fill(store: Repository): Promise<void> {
  const oldest = await image(store, "1.0", 400);
  await store.tag(oldest, "stable");
  for (const [tag, days] of [
    ["1.1", 90],
    ["1.2", 10],
    ["1.3", 1],
  ] as const)
    await image(store, tag, days);
  await pushImage(store, { tag: "jib", config: { created: "1970-01-01T00:00:00Z" } });
}

async function isThere(store: Repository, reference: string): Promise<boolean> {
  try {
    await store.resolve(reference);
    return true;
  } catch (error) {
    if (isError(error, "MANIFEST_NOT_FOUND")) return false;
    throw error;
  }
}

async function tagsOf(store: Repository): Promise<string[]> {
  const tags: string[] = [];
  for await (const tag of store.listTags()) tags.push(tag);
  return tags;
}

for (const { name, skip, start } of registries)
  describe(name, { skip }, () => {
    let server: Awaited<ReturnType<typeof start>>;
    let registry: RemoteRegistry;
    const cache = mkdtempSync(join(tmpdir(), "wharf-cache-"));
    const environment = { XDG_CACHE_HOME: cache };
    let number = 0;
    const repository = async () => {
      const store = registry.repository(`prune/${(number += 1)}`);
      await fill(store);
      return { store, name: `${server.host}/${store.name}` };
    };
    before(async () => {
      server = await start();
      registry = connect(server.host);
    });
    after(async () => {
      await registry.close();
      await server.close();
      rmSync(cache, { recursive: true, force: true });
    });

    test("the newest tags, with the source of each date, and from the cache the next time", async () => {
      const { name } = await repository();
      const { stdout, stderr } = await wharfOk(["tags", name, "--newest", "2"], { environment });
      const lines = stdout.trimEnd().split("\n");
      assert.equal(lines.length, 2);
      assert.match(lines[0]!, /^1\.3 {2}\d{4}-\d\d-\d\d \d\d:\d\d UTC {2}1 day ago +created$/);
      assert.match(lines[1]!, /^1\.2 .* 10 days ago {2}created$/);
      assert.match(stderr, /1 more have no known date/);
      const again = await wharfOk(["tags", name, "--sort=date", "--debug"], { environment });
      assert.match(again.stdout, /^jib +unknown +a placeholder is written$/m);
      assert(!again.stderr.includes("/blobs/"));
      assert.doesNotMatch(again.stderr, /GET \S+\/manifests\//);
      const semver = await wharfOk(["tags", name, "--semver=>=1.1", "--sort=semver"]);
      assert.equal(semver.stdout, "1.3\n1.2\n1.1\n");
    });

    test("a dry run shows a plan and changes nothing", async () => {
      const { store, name } = await repository();
      const before = await tagsOf(store);
      const rules = ["--older-than=30d", "--keep-match=^stable$", "--dry-run"];
      const { stdout, stderr } = await wharfOk(["prune", name, ...rules], { environment });
      assert.match(stdout, /^keep +1\.3 .* created +later than 30d ago$/m);
      assert.match(stdout, /^delete +1\.0 .* created +earlier than 30d ago$/m);
      assert.match(stdout, /^keep +stable +--keep-match$/m);
      assert.match(stdout, /^keep +jib +date unknown: a placeholder is written$/m);
      assert(stdout.split("\n").every((line) => line.length <= 80));
      assert.equal(stderr, "To delete: 2 tags; 4 tags stay, 1 of unknown date\n");
      assert.deepEqual(await tagsOf(store), before);
    });

    test("what is pruned goes, its sibling and what is new or of unknown age stay", async () => {
      const { store, name } = await repository();
      const { digest } = await store.resolve("1.0");
      const rules = ["--keep-newest=2", "--keep-match=^stable$", "--include-untagged"];
      const { digest: old } = await store.resolve("1.1");
      const { stdout } = await wharfOk(["prune", name, ...rules, "--yes"], { environment });
      assert.deepEqual(stdout.trimEnd().split("\n").toSorted(), [
        `Deleted ${name}:1.0`,
        `Deleted ${name}:1.1`,
        `Deleted ${name}@${old}`,
      ]);
      assert.deepEqual((await tagsOf(store)).toSorted(), ["1.2", "1.3", "jib", "stable"]);
      assert.equal((await store.resolve("stable")).digest, digest);
      assert.equal(await isThere(store, old), false);
      const again = await wharfOk(["prune", name, ...rules, "--yes"], { environment });
      assert.match(again.stderr, /^Nothing to delete/);
    });

    test("children of an index that stays and referrers of images that stay are spared", async () => {
      const store = registry.repository(`prune/${(number += 1)}`);
      const created = { config: { created: ago(100) } };
      const shared = await pushImage(store, { platform: amd64, ...created });
      const own = await pushImage(store, { platform: arm64, ...created });
      const old = await pushIndex(store, [shared, own], { tag: "old" });
      await pushIndex(store, [shared], { tag: "kept" });
      const lost = await pushReferrer(store, old, "application/spdx+json");
      const sbom = await pushReferrer(store, shared, "application/spdx+json");
      const words = [
        `${server.host}/${store.name}`,
        "--match=^old$",
        "--include-untagged",
        "--json",
      ];
      const dry = await wharfOk(["prune", ...words, "--dry-run"], { environment });
      const { manifests } = JSON.parse(dry.stdout) as {
        manifests: { digest: string; as: string }[];
      };
      // Where the registry lists no referrers itself, there is also the tag that does.
      assert.deepEqual(
        manifests.filter(({ as }) => as !== "attached").map(({ digest, as }) => [digest, as]),
        [
          [old.digest, "untagged"],
          [own.digest, "child"],
          [lost.digest, "referrer"],
        ],
      );
      const { stdout } = await wharfOk(["prune", ...words, "--yes"], { environment });
      const events = stdout
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as { type: string });
      assert.deepEqual(events.at(-1), {
        type: "done",
        tags: { deleted: 1, left: 0, failed: 0 },
        manifests: { deleted: manifests.length, left: 0, failed: 0 },
      });
      for (const { digest } of [shared, sbom]) assert(await isThere(store, digest));
      for (const { digest } of [old, own, lost]) assert.equal(await isThere(store, digest), false);
    });

    test("a tag that moves between plan and deletion is left alone", async (context) => {
      const { store, name } = await repository();
      const proxy = await startFaultyProxy(server.host);
      context.after(() => proxy.close());
      const moved = await store.resolve("1.3");
      // The plan is made when all configurations were read: the next HEAD is the one before the deletion.
      let heads = 0;
      let moving: Promise<void> | undefined;
      proxy.fault = ({ method, target }) => {
        if (method === "HEAD" && target.endsWith("/manifests/1.1") && (heads += 1) === 2) {
          moving = store.tag(moved, "1.1");
          return { status: 503 };
        }
        return undefined;
      };
      const through = name.replace(server.host, proxy.host);
      const rules = ["--older-than=30d", "--match=^1\\.1$", "--yes"];
      const { stdout, stderr } = await wharfOk(["prune", through, ...rules], { environment });
      await moving;
      assert.equal(stdout, "");
      assert.match(stderr, /Left .*:1\.1: it was moved to sha256:/);
      assert.equal((await store.resolve("1.1")).digest, moved.digest);
    });

    test("killed at any change, the next run finishes, and siblings never suffer", async (context) => {
      const proxy = await startFaultyProxy(server.host);
      context.after(() => proxy.close());
      for (let step = 1; ; step += 3) {
        const { store, name } = await repository();
        const { digest } = await store.resolve("stable");
        const rules = ["--older-than=30d", "--keep-match=^stable$", "--yes"];
        const through = name.replace(server.host, proxy.host);
        const child = spawnWharf(["prune", through, ...rules], { environment });
        let changes = 0;
        proxy.fault = ({ method }) => {
          if (method === "GET" || method === "HEAD") return undefined;
          changes += 1;
          // Half of the time the change has been made when the process ends.
          if (changes < step) return undefined;
          child.kill("SIGKILL");
          return step % 2 === 0 ? { cutAnswer: -1 } : { status: 503 };
        };
        await new Promise((resolve) => child.on("close", resolve));
        proxy.fault = () => undefined;
        assert.equal((await store.resolve("stable")).digest, digest, `after ${step} changes`);
        await wharfOk(["prune", name, ...rules], { environment });
        const left = (await tagsOf(store)).toSorted();
        assert.deepEqual(left, ["1.2", "1.3", "jib", "stable"], `after ${step} changes`);
        assert.equal((await store.resolve("stable")).digest, digest);
        if (changes < step) break;
        assert(step < 40);
      }
    });
  });

test("a registry that deletes nothing says so before anything is changed", async (context) => {
  const server = await registries[0].start();
  context.after(() => server.close());
  const proxy = await startFaultyProxy(server.host);
  context.after(() => proxy.close());
  const registry = connect(server.host);
  context.after(() => registry.close());
  const store = registry.repository("stubborn");
  await fill(store);
  proxy.fault = ({ method }) => (method === "DELETE" ? { status: 405 } : undefined);
  const said = await wharf(["prune", `${proxy.host}/stubborn`, "--older-than=30d", "--yes"]);
  assert.equal(said.status, 1);
  assert.match(said.stderr, /The registry does not delete/);
  assert.equal((await tagsOf(store)).length, 6);
});

test("a layout is pruned like a registry", async (context) => {
  const folder = mkdtempSync(join(tmpdir(), "prune-layout-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const layout = await openLayout(folder, { create: true });
  await fill(layout);
  await layout.close();
  await wharfOk(["prune", `oci:${folder}`, "--keep-newest=1", "--include-untagged", "-y"]);
  const { stdout } = await wharfOk(["tags", `oci:${folder}`]);
  assert.equal(stdout, "1.3\njib\n");
});

test(
  "on a terminal the plan is shown, and the answer counts",
  { skip: terminal.skip },
  async (context) => {
    const folder = mkdtempSync(join(tmpdir(), "prune-terminal-"));
    context.after(() => rmSync(folder, { recursive: true, force: true }));
    const layout = await openLayout(folder, { create: true });
    await fill(layout);
    await layout.close();
    const words = ["prune", `oci:${folder}`, "--older-than=30d"];
    const asked = /Delete 3 tags of oci:\S+ \[y\/N\] /;
    const no = await onTerminal(words, { steps: [{ after: asked, type: "n\r" }] });
    assert.equal(no.status, 130);
    assert.match(plain(no.text), /delete {2}1\.0 .*\n[^]*Nothing was changed/);
    const yes = await onTerminal(words, { steps: [{ after: asked, type: "y\r" }] });
    assert.equal(yes.status, 0);
    const { stdout } = await wharfOk(["tags", `oci:${folder}`]);
    assert.equal(stdout, "1.2\n1.3\njib\n");
  },
);

test("without a terminal somebody must say yes; rules that say nothing are no rules", async () => {
  for (const [words, expected] of [
    [["--keep-newest=1"], /Look with --dry-run, then pass --yes/],
    [["--keep-newest=1", "--json"], /CONFIRMATION_REQUIRED/],
    [["--yes"], /No rule says which tags go/],
    [["--keep-match=x", "--yes"], /No rule says which tags go/],
    [["--match=(", "--yes"], /--match: Invalid regular expression/],
    [["--older-than=5m", "--yes"], /--older-than is a span of time, not '5m'/],
    [["--older-than=2026-13-45", "--yes"], /--older-than is a time or a day/],
    [["--keep-newest=-1", "--yes"], /whole number from 0/],
    [["--newest-by=semver", "--match=x", "--yes"], /goes with --keep-newest/],
  ] as const) {
    const { status, stderr } = await wharf(["prune", "localhost:1/app", ...words]);
    assert.equal(status, 2, stderr);
    assert.match(stderr, expected);
  }
});
