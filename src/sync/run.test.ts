import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { after, beforeEach, test } from "node:test";

import { WharfError } from "../errors.ts";
import { connect, type RemoteRegistry } from "../registry/remote.ts";
import { openCollection } from "../store/collection/collection.ts";
import { openLayout } from "../store/layout/layout.ts";
import type { Repository } from "../store/store.ts";
import {
  amd64,
  arm64,
  pushImage,
  pushIndex,
  pushPlatforms,
  pushReferrer,
} from "../transfer/testing/images.ts";
import { openStage, type Stage } from "../../test/sync-stage.ts";

let stage: Stage;
const stages: Stage[] = [];
beforeEach(async () => {
  stage = await openStage();
  stages.push(stage);
});
after(async () => {
  for (const opened of stages) await opened.close();
});

/** Pushes images that differ, one a tag. */
async function pushTags(store: Repository, ...tags: string[]): Promise<void> {
  for (const tag of tags) await pushImage(store, { tag, layers: [`layer of ${tag}`] });
}

async function tagsOf(store: Pick<Repository, "listTags">): Promise<string[]> {
  const tags: string[] = [];
  for await (const tag of store.listTags()) tags.push(tag);
  return tags.toSorted();
}

/** Requests that Docker Hub counts as pulls. */
const pulls = (requests: readonly string[]) =>
  requests.filter((request) => /^GET .*\/manifests\//.test(request));

test("tags are selected, copied, and compared without a pull when it runs again", async () => {
  const { from, to } = stage;
  await pushTags(from.repository("app"), "1.0", "1.1", "1.2", "2.0", "2.0-rc1", "latest");
  const file =
    "sync: [{ source: FROM/app, target: TO/mirror/app, tags: [latest, { semver: '>=1.1', newest: 2 }] }]";
  const first = await stage.sync(file);
  assert.deepEqual(first.images, [
    "new TO/mirror/app:1.2",
    "new TO/mirror/app:2.0",
    "new TO/mirror/app:latest",
  ]);
  assert.deepEqual(await tagsOf(to.repository("mirror/app")), ["1.2", "2.0", "latest"]);

  from.requests.length = to.requests.length = 0;
  const second = await stage.sync(file);
  assert.equal(second.totals.same, 3);
  assert.equal(second.totals.bytes, 0);
  assert.deepEqual(pulls(from.requests), []);
  assert.equal(from.requests.length, 1 + 3); // the list, and a question for each
  assert.equal(to.requests.length, 3);
});

test("the newest by date are those that were made last", async () => {
  const { from } = stage;
  const dates = { old: "2024-01-01", newest: "2025-06-01", middle: "2025-01-01", none: undefined };
  for (const [tag, created] of Object.entries(dates))
    await pushImage(from.repository("app"), {
      tag,
      layers: [tag],
      ...(created && { config: { created: `${created}T00:00:00Z` } }),
    });
  const { images } = await stage.sync(
    "sync: [{ source: FROM/app, target: TO/app, tags: { newest: 2, sort: date } }]",
  );
  assert.deepEqual(images, ["new TO/app:middle", "new TO/app:newest"]);
});

test("a tag that moved is updated, and what it named is kept where that is wished", async () => {
  const { from, to } = stage;
  const file = "sync: [{ source: FROM/app, target: TO/app, backup: 'old-{tag}' }]";
  await pushTags(from.repository("app"), "1", "2");
  await stage.sync(file);
  const before = await to.repository("app").resolve("1");
  await pushImage(from.repository("app"), { tag: "1", layers: ["another"] });
  const { images, events } = await stage.sync(file);
  assert.deepEqual(images, ["same TO/app:2", "updated TO/app:1"]);
  const updated = events.find((event) => event.type === "image" && event.state === "updated");
  assert.equal(updated?.type === "image" && updated.previous, before.digest);
  assert.equal((await to.repository("app").resolve("old-1")).digest, before.digest);
  const now = await from.repository("app").resolve("1");
  assert.equal((await to.repository("app").resolve("1")).digest, now.digest);
});

test("two backups of one day are both kept, and neither is pruned", async () => {
  const { from, to } = stage;
  const file = (more = "") =>
    `sync: [{ source: FROM/app, target: TO/app, backup: '{tag}-{date}'${more} }]`;
  const versions: string[] = [];
  for (const layer of ["first", "second", "third"]) {
    const { digest } = await pushImage(from.repository("app"), { tag: "1", layers: [layer] });
    versions.push(digest);
    await stage.sync(file());
  }
  await stage.sync(file(", prune: { limit: 100 }"), { confirmPrune: async () => true });
  const kept = new Map<string, string>();
  for await (const tag of to.repository("app").listTags())
    kept.set((await to.repository("app").resolve(tag)).digest, tag);
  assert.deepEqual([...kept.keys()].toSorted(), versions.toSorted());
  assert.match(kept.get(versions[0]!)!, /^1-\d{8}$/);
  assert.match(kept.get(versions[1]!)!, /^1-\d{8}-\d{6}$/);
});

test("tags that the target has stay, where nothing is to be overwritten", async () => {
  const { from, to } = stage;
  await pushTags(from.repository("app"), "1", "2");
  await pushImage(to.repository("app"), { tag: "1", layers: ["own"] });
  const before = await to.repository("app").resolve("1");
  const kept = await stage.sync("sync: [{ source: FROM/app, target: TO/app, overwrite: false }]");
  assert.deepEqual(kept.images, ["kept TO/app:1", "new TO/app:2"]);
  const missing = await stage.sync("sync: [{ source: FROM/app, target: TO/app }]", {
    missing: true,
  });
  assert.deepEqual(missing.images, ["kept TO/app:1", "same TO/app:2"]);
  assert.equal((await to.repository("app").resolve("1")).digest, before.digest);
});

test("a dry run tells what would be done, and does nothing", async () => {
  const { from, to } = stage;
  await pushTags(from.repository("app"), "1", "2", "3");
  await pushImage(to.repository("app"), { tag: "1", layers: ["own"] });
  await pushTags(to.repository("app"), "2", "gone");
  to.requests.length = 0;
  const file =
    "sync: [{ source: FROM/app, target: TO/app, prune: true }, { source: 'FROM/app:1', target: 'oci:out' }]";
  const { images, totals } = await stage.sync(file, { dryRun: true });
  assert.deepEqual(images, [
    "new TO/app:3",
    "new oci:DIR/out:1",
    "same TO/app:2",
    "updated TO/app:1",
  ]);
  assert.equal(totals.pruned, 1);
  assert(totals.bytes > 0);
  assert(
    to.requests.every((request) => /^(HEAD|GET) /.test(request)),
    to.requests.join(),
  );
  await assert.rejects(readFile(join(stage.folder, "out", "index.json")));
});

test("a registry that counts pulls is spared by a dry run, and kept above a floor", async () => {
  const { from, to } = stage;
  const tags = ["1", "2", "3", "4", "5"];
  await pushTags(from.repository("app"), ...tags);
  from.pullsLeft = 13;
  const file = "sync: [{ source: FROM/app, target: TO/app }]";
  const plan = await stage.sync(file, { dryRun: true });
  assert.equal(plan.totals.new, 5);
  assert.deepEqual(pulls(from.requests), []);
  assert.equal(plan.pulls[0]!.limit.remaining, 13);

  const options = { pulls: { keep: 10 }, jobs: 2 };
  const short = await stage.sync(file, options);
  assert.equal(short.totals.new, 3);
  assert.equal(short.totals.failed, 2);
  assert.equal(short.failures[0]!.error.code, "PULL_BUDGET_REACHED");
  assert.deepEqual(
    short.pulls.map(({ limit, pulls: { images } }) => [limit.remaining, images]),
    [[10, 3]],
  );
  from.pullsLeft = 100;
  const rest = await stage.sync(file, options);
  assert.deepEqual([rest.totals.same, rest.totals.new, rest.totals.failed], [3, 2, 0]);
  assert.equal(from.pullsLeft, 98);
  assert.deepEqual(await tagsOf(to.repository("app")), tags);
});

test("one failure stops neither its repository nor the others", async () => {
  const { from, to } = stage;
  await pushTags(from.repository("app"), "1");
  await pushTags(from.repository("other"), "1");
  const { images, failures, totals } = await stage.sync(`
sync:
  - { source: FROM/app, target: TO/app, tags: ["0", "1"] }
  - { source: FROM/nothing, target: TO/nothing }
  - { source: FROM/other, target: TO/other }`);
  assert.deepEqual(images, ["failed TO/app:0", "new TO/app:1", "new TO/other:1"]);
  assert.equal(totals.failed, 2);
  assert.deepEqual(failures.map(({ error }) => error.code).toSorted(), [
    "MANIFEST_NOT_FOUND",
    "REPOSITORY_NOT_FOUND",
  ]);
  await to.repository("other").resolve("1");
});

test("with failFast the first failure ends it", async () => {
  await pushTags(stage.from.repository("app"), "1");
  const file = "sync: [{ source: FROM/app, target: TO/app, tags: ['0', '1'] }]";
  await assert.rejects(stage.sync(file, { failFast: true, jobs: 1 }), {
    code: "MANIFEST_NOT_FOUND",
  });
  await assert.rejects(stage.to.repository("app").resolve("1"));
});

test("a failure that concerns a whole repository is not met by each of its images", async () => {
  const tags = Array.from({ length: 30 }, (_, i) => `t${i}`);
  const locked = {
    resolve: () => Promise.reject(new WharfError("UNAUTHORIZED", "Who is there?")),
  };
  const own = connect(stage.to.host);
  const registry = async (host: string) =>
    host === stage.to.host ? own : ({ repository: () => locked } as unknown as RemoteRegistry);
  const file = `sync: [{ source: locked.example/a, target: TO/a, tags: [${tags.join(", ")}], platforms: local }]`;
  const { totals, failures, images } = await stage.sync(file, { registry, jobs: 2 });
  await own.close();
  assert.equal(totals.failed, 30);
  assert(images.length <= 3, `${images.length} were tried`);
  assert.equal(failures.at(-1)!.left, 30 - images.length);
});

test("after an interruption the next run does the rest", async () => {
  const { from, to } = stage;
  const tags = Array.from({ length: 12 }, (_, i) => `${i}`);
  await pushTags(from.repository("app"), ...tags);
  const file = "sync: [{ source: FROM/app, target: TO/app }]";
  const stop = new AbortController();
  let seen = 0;
  const options = {
    jobs: 1,
    signal: stop.signal,
    onEvent: ({ type }: { type: string }) => {
      if (type === "image" && (seen += 1) === 5)
        stop.abort(new WharfError("INTERRUPTED", "Enough"));
    },
  };
  await assert.rejects(stage.sync(file, options), { code: "INTERRUPTED" });
  const there = await tagsOf(to.repository("app"));
  assert(there.length >= 5 && there.length < 12, `${there.length} are there`);
  from.requests.length = 0;
  const { totals } = await stage.sync(file);
  assert.equal(totals.same, there.length);
  assert.equal(totals.new, 12 - there.length);
  assert.equal(pulls(from.requests).length, 12 - there.length);
});

test("one platform, or an index of those that there are; compared without a pull later on", async () => {
  const { from, to } = stage;
  await pushPlatforms(from.repository("app"), "all");
  await pushIndex(
    from.repository("app"),
    [await pushImage(from.repository("app"), { platform: amd64 })],
    {
      tag: "few",
    },
  );
  const file = `
sync:
  - { source: FROM/app, target: TO/one, platforms: linux/amd64 }
  - { source: FROM/app, target: TO/two, platforms: [linux/amd64, linux/arm64] }`;
  const { totals, failures } = await stage.sync(file);
  assert.deepEqual(failures, []);
  assert.equal(totals.new, 4);
  const one = await to.repository("one").fetchManifest("all");
  assert.doesNotMatch(new TextDecoder().decode(one.bytes), /"manifests"/);
  const two = await to.repository("two").fetchManifest("all");
  assert.match(new TextDecoder().decode(two.bytes), new RegExp(arm64.architecture));

  from.requests.length = 0;
  const again = await stage.sync(file);
  assert.equal(again.totals.same, 4);
  assert.deepEqual(pulls(from.requests), []);
  // Who has no memory pays with a pull, and finds the same.
  await rm(join(stage.folder, "platforms.txt"));
  const forgetful = await stage.sync(file);
  assert.equal(forgetful.totals.same, 4);
  assert.equal(forgetful.totals.bytes, 0);
});

test("signatures go along with what is copied, later ones where they are always looked for", async () => {
  const { from, to } = stage;
  const image = await pushImage(from.repository("app"), { tag: "1" });
  const early = await pushReferrer(from.repository("app"), image, "text/early");
  const file = (referrers: string) =>
    `sync: [{ source: FROM/app, target: TO/${referrers}, referrers: ${referrers} }]`;
  for (const wish of ["true", "always", "false"]) await stage.sync(file(wish));
  const late = await pushReferrer(from.repository("app"), image, "text/late");
  for (const wish of ["true", "always", "false"]) await stage.sync(file(wish));
  const found = async (wish: string) => {
    const digests: string[] = [];
    for await (const { digest } of to.repository(wish).listReferrers(image.digest))
      digests.push(digest);
    return digests.toSorted();
  };
  assert.deepEqual(await found("true"), [early.digest]);
  assert.deepEqual(await found("always"), [early.digest, late.digest].toSorted());
  assert.deepEqual(await found("false"), []);
});

test("a registry is copied with all its repositories, into another or a data directory", async () => {
  const { from, to } = stage;
  for (const name of ["team/a", "team/b/c", "team/old", "other"])
    await pushTags(from.repository(name), "1");
  const { images } = await stage.sync(`
sync:
  - { source: FROM/team, target: TO/mirror, type: registry, repositories: { exclude: ^old$ } }
  - { source: FROM, target: "oci:data", type: registry }`);
  assert.deepEqual(images, [
    "new TO/mirror/a:1",
    "new TO/mirror/b/c:1",
    "new oci:DIR/data/repositories/other:1",
    "new oci:DIR/data/repositories/team+a:1",
    "new oci:DIR/data/repositories/team+b+c:1",
    "new oci:DIR/data/repositories/team+old:1",
  ]);
  const back = await stage.sync('sync: [{ source: "oci:data", target: TO/back, type: registry }]');
  assert.equal(back.totals.new, 4);
  await to.repository("back/team/b/c").resolve("1");
  const none = await stage.sync('sync: [{ source: "oci:none", target: TO/n, type: registry }]');
  assert.equal(none.failures[0]!.error.code, "FILE_NOT_FOUND");
  assert(!existsSync(join(stage.folder, "none")));
  const collection = await openCollection(join(stage.folder, "data"));
  assert.deepEqual(await tagsOf(collection.repository("team/a")), ["1"]);
  await collection.close();
});

test("a layout takes several repositories' images, and what it has lost is mended", async () => {
  const { from } = stage;
  await pushTags(from.repository("a"), "1");
  await pushTags(from.repository("b"), "2");
  const file = `
sync:
  - { source: "FROM/a:1", target: "oci:both:a" }
  - { source: FROM/b, target: "oci:both" }`;
  assert.equal((await stage.sync(file)).totals.new, 2);
  const layout = await openLayout(join(stage.folder, "both"));
  assert.deepEqual(await tagsOf(layout), ["2", "a"]);
  const { bytes } = await layout.fetchManifest("a");
  await layout.close();
  const { layers } = JSON.parse(new TextDecoder().decode(bytes)) as {
    layers: { digest: string }[];
  };
  const blob = join(stage.folder, "both", "blobs", layers[0]!.digest.replace(":", "/"));
  await rm(blob);
  const { totals, images } = await stage.sync(file);
  assert.deepEqual(images, ["same oci:DIR/both:2", "same oci:DIR/both:a"]);
  assert(totals.bytes > 0);
  await readFile(blob);
});

test("what one repository of the target got is mounted into the next", async () => {
  const { from, to } = stage;
  for (const name of ["a", "b"])
    await pushImage(from.repository(name), { tag: "1", layers: ["base", `of ${name}`] });
  const { totals, events } = await stage.sync(
    "sync: [{ source: FROM/a, target: TO/a }, { source: FROM/b, target: TO/b }]",
    { jobs: 1 },
  );
  assert.equal(totals.new, 2);
  const copies = events.flatMap((event) => (event.type === "image" ? [event.totals!.blobs] : []));
  assert.deepEqual(
    copies.map(({ copied, mounted }) => [copied, mounted]),
    [
      [3, 0],
      [1, 2],
    ],
  );
  const mounts = to.requests.filter((request) => /^POST .*[?&]mount=.*from=a/.test(request));
  assert.equal(mounts.length, 2);
  assert.equal((await stage.sync("sync: [{ source: FROM/b, target: TO/b }]")).totals.same, 1);
});

test("images by digest need no tag", async () => {
  const { from, to } = stage;
  const { digest } = await pushImage(from.repository("app"), { tag: "1" });
  const file = `sync: [{ source: FROM/app, target: TO/app, tags: ["${digest}"] }]`;
  assert.deepEqual((await stage.sync(file)).images, [`new TO/app@${digest}`]);
  assert.deepEqual(await tagsOf(to.repository("app")), []);
  assert.deepEqual((await stage.sync(file)).images, [`same TO/app@${digest}`]);
});

test("where the filter wants nothing, that is said", async () => {
  await pushTags(stage.from.repository("app"), "1");
  const { events, totals } = await stage.sync(
    "sync: [{ source: FROM/app, target: TO/app, tags: { match: ^v } }]",
  );
  assert.equal(totals.images, 0);
  const note = events.find(({ type }) => type === "note");
  assert.match(note?.type === "note" ? note.message : "", /no tag of .* is wanted \(it has 1\)/);
});

test("several repositories are copied at once, and no more images than are wanted", async () => {
  const { from } = stage;
  const names = ["a", "b", "c", "d"];
  for (const name of names) await pushTags(from.repository(name), "1", "2", "3");
  const entries = names.map((name) => `{ source: FROM/${name}, target: TO/${name} }`);
  const { totals } = await stage.sync(`sync: [${entries.join(", ")}]`, { jobs: 3 });
  assert.equal(totals.new, 12);
});
