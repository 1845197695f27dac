import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { WharfError } from "../../errors.ts";
import type { Descriptor, Digest } from "../../reference/descriptor.ts";
import { referrersTag } from "../../reference/digestTags.ts";
import { openLayout } from "../../store/layout/layout.ts";
import { createMemoryRepository } from "../../store/memory.ts";
import type { Repository } from "../../store/store.ts";
import {
  amd64,
  arm64,
  pushAttestation,
  pushImage,
  pushIndex,
  pushReferrer,
} from "../../transfer/testing/images.ts";
import { observed } from "../../transfer/testing/observed.ts";
import { executePrune, type PruneEvent } from "./execute.ts";
import { planPrune, type PrunePlan } from "./plan.ts";
import type { PruneRules } from "./rules.ts";

const now = Date.parse("2026-06-01T00:00:00Z");
const day = 86_400_000;
const ago = (days: number) => new Date(now - days * day).toISOString();
const image = (store: Repository, tag: string, days?: number) =>
  pushImage(store, {
    tag,
    layers: [tag],
    config: days === undefined ? {} : { created: ago(days) },
  });

/** A repository of images that are so many days old, and one of unknown age. */
async function aged(store: Repository = createMemoryRepository()) {
  for (const [tag, days] of [
    ["1.0", 400],
    ["1.1", 90],
    ["1.2", 40],
    ["1.3", 10],
    ["edge", 1],
  ] as const)
    await image(store, tag, days);
  await pushImage(store, { tag: "jib", config: { created: "1970-01-01T00:00:00Z" } });
  return store;
}

const plan = (store: Repository, rules: PruneRules) => planPrune(store, rules, { now });
const prunedBy = ({ tags }: PrunePlan) =>
  tags.filter(({ action }) => action === "prune").map(({ tag }) => tag);
const reasons = ({ tags }: PrunePlan) =>
  Object.fromEntries(tags.map(({ tag, reason }) => [tag, reason]));

async function tagsOf(store: Repository): Promise<string[]> {
  const tags: string[] = [];
  for await (const tag of store.listTags()) tags.push(tag);
  return tags;
}

async function isThere(store: Repository, digest: Digest): Promise<boolean> {
  return store.resolve(digest).then(
    () => true,
    () => false,
  );
}

async function execute(store: Repository, planned: PrunePlan) {
  const events: PruneEvent[] = [];
  const result = await executePrune(store, planned, { onEvent: (event) => events.push(event) });
  return { result, events };
}

test("the newest stay, whatever else; unknown dates are neither new nor old", async () => {
  const store = await aged();
  const planned = await plan(store, { keepNewest: 2 });
  assert.deepEqual(reasons(planned), {
    "1.0": "not-newest",
    "1.1": "not-newest",
    "1.2": "not-newest",
    "1.3": "newest",
    edge: "newest",
    jib: "unknown-date",
  });
});

test("all rules must agree before a tag goes", async () => {
  const store = await aged();
  const old = now - 30 * day;
  assert.deepEqual(prunedBy(await plan(store, { olderThan: old })), ["1.0", "1.1", "1.2"]);
  assert.deepEqual(prunedBy(await plan(store, { olderThan: old, keepNewest: 3 })), ["1.0", "1.1"]);
  assert.deepEqual(prunedBy(await plan(store, { olderThan: old, match: "\\.[01]$" })), [
    "1.0",
    "1.1",
  ]);
  const planned = await plan(store, { olderThan: old, keepMatch: ["^1\\.0$", "^x"], match: "^1" });
  assert.deepEqual(reasons(planned), {
    "1.0": "keep-match",
    "1.1": "old",
    "1.2": "old",
    "1.3": "recent",
    edge: "not-matched",
    jib: "not-matched",
  });
  assert.deepEqual(prunedBy(await plan(store, { match: "jib|edge" })), ["edge", "jib"]);
});

test("what stays in any case is none of the newest", async () => {
  const store = await aged();
  assert.deepEqual(prunedBy(await plan(store, { keepMatch: "edge", keepNewest: 3 })), ["1.0"]);
});

test("the newest versions stay, and what is no version is left alone", async () => {
  const store = await aged();
  const planned = await plan(store, { keepNewest: 2, newestBy: "semver" });
  assert.deepEqual(prunedBy(planned), ["1.0", "1.1"]);
  assert.equal(reasons(planned)["jib"], "no-version");
});

test("rules that say nothing, or nonsense, are refused before anything is asked", async () => {
  const store = observed(await aged());
  const asked = store.count();
  for (const rules of [
    {},
    { keepMatch: "x" },
    { keepMatch: "x", includeUntagged: true },
    { match: "(" },
  ])
    await assert.rejects(plan(store, rules), { code: "USAGE" });
  assert.equal(store.count(), asked);
});

test("a sibling of a pruned tag lives on", async () => {
  const store = await aged();
  await store.tag(await store.resolve("1.0"), "stable");
  const planned = await plan(store, {
    olderThan: now - 30 * day,
    keepMatch: "stable",
    includeUntagged: true,
  });
  const { result } = await execute(store, planned);
  assert.deepEqual(result.tags, { deleted: 3, left: 0, failed: 0 });
  assert.deepEqual(await tagsOf(store), ["1.3", "edge", "jib", "stable"]);
  assert.equal(result.manifests.deleted, 2);
  await store.fetchManifest("stable");
});

test("without includeUntagged only tags go", async () => {
  const store = await aged();
  const { digest } = await store.resolve("1.0");
  const { result } = await execute(store, await plan(store, { match: "^1\\.0" }));
  assert.equal(result.tags.deleted, 1);
  assert(await isThere(store, digest));
});

test("a tag that moved since it was planned is left alone, and one that is gone is no failure", async () => {
  const store = await aged();
  for (const includeUntagged of [false, true]) {
    await image(store, "a", 300);
    await image(store, "b", 301);
    await image(store, "c", 302);
    const planned = await plan(store, { match: "^[abc]$", includeUntagged });
    const moved = await image(store, "new", 0);
    await store.tag(moved, "a");
    await store.deleteTag("b");
    const { result, events } = await execute(store, planned);
    const states = events.flatMap((event) =>
      event.type === "tag" ? [`${event.tag} ${event.state}`] : [],
    );
    assert.deepEqual(states.toSorted(), ["a moved", "b gone", "c deleted"]);
    assert.deepEqual(result.tags, { deleted: 1, left: 2, failed: 0 });
    assert.equal((await store.resolve("a")).digest, moved.digest);
  }
});

test("a tag that moves while it is deleted, which the deletion sees, is left alone as well", async () => {
  const store = await aged();
  await image(store, "a", 300);
  const planned = await plan(store, { match: "^a$" });
  const moved = await image(store, "new", 0);
  store.deleteTag = async (tag) => {
    await store.tag(moved, tag);
    throw new WharfError("CONFLICT", "the tag was moved meanwhile");
  };
  const { result } = await execute(store, planned);
  assert.deepEqual(result.tags, { deleted: 0, left: 1, failed: 0 });
});

test("with untagged manifests go children, referrers and digest tags, and theirs", async () => {
  const store = createMemoryRepository();
  const children = [
    await pushImage(store, { platform: amd64 }),
    await pushImage(store, { platform: arm64 }),
  ];
  const attestation = await pushAttestation(store, children[0]!);
  const index = await pushIndex(store, [...children, attestation], { tag: "old" });
  const sbom = await pushReferrer(store, index, "application/spdx+json");
  const signature = await pushReferrer(store, sbom, "application/signature");
  const cosign = await pushImage(store, {
    tag: `${referrersTag(children[1]!.digest)}.sig`,
    layers: ["sig"],
  });
  const planned = await plan(store, { match: "old", includeUntagged: true });
  const { result } = await execute(store, planned);
  const all = [...children, attestation, index, sbom, signature, cosign];
  assert.equal(result.manifests.deleted, all.length);
  for (const { digest } of all) assert.equal(await isThere(store, digest), false);
  assert.deepEqual(await tagsOf(store), []);
});

test("children of an index that stays, and what refers to them, stay", async () => {
  const store = createMemoryRepository();
  const shared = await pushImage(store, { platform: amd64, tag: "single" });
  const own = await pushImage(store, { platform: arm64 });
  const nested = await pushIndex(store, [shared]);
  await pushIndex(store, [nested], { tag: "kept" });
  const old = await pushIndex(store, [shared, own], { tag: "old" });
  const sbom = await pushReferrer(store, shared, "application/spdx+json");
  const cosign = await pushImage(store, {
    tag: `${referrersTag(shared.digest)}.sig`,
    layers: ["sig"],
  });
  const planned = await plan(store, { match: "old|single", includeUntagged: true });
  assert.deepEqual(
    planned.manifests.map(({ descriptor }) => descriptor.digest),
    [old.digest, own.digest],
  );
  const { result } = await execute(store, planned);
  assert.deepEqual(result.tags.deleted, 2);
  for (const { digest } of [shared, nested, sbom, cosign]) assert(await isThere(store, digest));
  for (const { digest } of [old, own]) assert.equal(await isThere(store, digest), false);
});

test("what refers to an image that stays is kept, also where its own tag goes", async (context) => {
  const folder = mkdtempSync(join(tmpdir(), "prune-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const layout = await openLayout(folder, { create: true });
  context.after(() => layout.close());
  for (const store of [createMemoryRepository(), layout]) {
    const kept = await pushImage(store, { tag: "kept", layers: ["kept"] });
    const old = await pushImage(store, { tag: "old", layers: ["old"] });
    const sbom = await pushReferrer(store, kept, "application/spdx+json");
    await store.tag(sbom, "old-sbom");
    const signature = await pushReferrer(store, sbom, "application/signature");
    await store.tag(signature, "old-signature");
    const orphan = await pushReferrer(store, old, "application/spdx+json");
    await store.tag(orphan, "old-orphan");
    const index = await pushIndex(store, [sbom, orphan], { tag: "old-index" });
    const planned = await plan(store, { match: "old", includeUntagged: true });
    assert.deepEqual(
      planned.manifests.map(({ descriptor }) => descriptor.digest).toSorted(),
      [old.digest, orphan.digest, index.digest].toSorted(),
    );
    const { result } = await execute(store, planned);
    assert.equal(result.tags.deleted, 5);
    assert.deepEqual(await tagsOf(store), ["kept"]);
    for (const { digest } of [kept, sbom, signature]) assert(await isThere(store, digest));
    for (const { digest } of [old, orphan, index])
      assert.equal(await isThere(store, digest), false);
    const listed: string[] = [];
    for await (const { digest } of store.listReferrers(kept.digest)) listed.push(digest);
    assert.deepEqual(listed, [sbom.digest]);
  }
});

test("what a tag got hold of meanwhile stays", async () => {
  const store = createMemoryRepository();
  const child = await pushImage(store, { platform: amd64 });
  const index = await pushIndex(store, [child], { tag: "old" });
  const planned = await plan(store, { match: "old", includeUntagged: true });
  await store.tag(child, "rescued");
  const { events } = await execute(store, planned);
  assert.deepEqual(
    events.map((event) => (event.type === "tag" ? event.tag : event.digest) + " " + event.state),
    [`${child.digest} needed`, "old deleted", `${index.digest} deleted`],
  );
  assert(await isThere(store, child.digest));
  await store.tag(child, "again");
  const both = await plan(store, { match: "again|rescued", includeUntagged: true });
  await store.tag(child, "third");
  await execute(store, both);
  assert.deepEqual(await tagsOf(store), ["third"]);
});

test("a layout forgets what no tag names", async (context) => {
  const folder = mkdtempSync(join(tmpdir(), "prune-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const layout = await openLayout(folder, { create: true });
  await aged(layout);
  const stray = await pushImage(layout, { layers: ["stray"] });
  const child = await pushImage(layout, { platform: amd64, layers: ["child"] });
  await pushIndex(layout, [child], { tag: "kept" });
  const kept = await layout.resolve("kept");
  const sbom = await pushReferrer(layout, kept, "application/spdx+json");
  const planned = await plan(layout, { includeUntagged: true, keepNewest: 100 });
  assert.deepEqual(
    planned.manifests.map(({ descriptor }) => descriptor.digest),
    [stray.digest],
  );
  await execute(layout, planned);
  assert.equal(await isThere(layout, stray.digest), false);
  for (const { digest } of [kept, child, sbom]) assert(await isThere(layout, digest));
  await layout.close();
});

test("a registry that takes siblings along is found out at the first, and they come back", async () => {
  const inner = await aged();
  const { digest } = await inner.resolve("1.0");
  await inner.tag({ digest } as Descriptor, "stable");
  const store = observed(inner, {
    replace: {
      deleteTag: async (tag: string) => inner.deleteManifest((await inner.resolve(tag)).digest),
    },
  });
  const planned = await plan(store, { olderThan: now - 30 * day, keepMatch: "stable" });
  await assert.rejects(execute(store, planned), /stable together with 1\.0; they are back/);
  assert.equal((await inner.resolve("stable")).digest, digest);
  assert.equal((await inner.resolve("1.1")).digest.length, 71);
});

/** A registry that deletes manifests with all their tags, and fails as told. */
function greedy(inner: Repository, fails: (method: string, argument: string) => boolean) {
  let deleted = false;
  return observed(inner, {
    before: (method, argument) => {
      if (deleted && fails(method, argument)) throw new WharfError("SERVER_ERROR", "busy");
    },
    replace: {
      deleteTag: async (tag: string) => {
        deleted = true;
        await inner.deleteManifest((await inner.resolve(tag)).digest);
      },
    },
  });
}

async function withSiblings() {
  const inner = await aged();
  const { digest } = await inner.resolve("1.0");
  for (const tag of ["stable", "lts"]) await inner.tag({ digest } as Descriptor, tag);
  return { inner, digest };
}

const keepsSiblings = { olderThan: now - 30 * day, keepMatch: "stable|lts" };

test("siblings come back also where nobody can look whether they are gone", async () => {
  const { inner, digest } = await withSiblings();
  const store = greedy(inner, (method) => method === "resolve");
  const planned = await plan(store, keepsSiblings);
  await assert.rejects(execute(store, planned), (error: WharfError) => {
    assert.equal(error.code, "SERVER_ERROR");
    assert.match(error.message, /^1\.0 is deleted.*(stable, lts|lts, stable).*put back/);
    return true;
  });
  for (const tag of ["stable", "lts"]) assert.equal((await inner.resolve(tag)).digest, digest);
  assert(await inner.resolve("1.1"));
});

test("a look that fails once stops nothing where all siblings live", async () => {
  const { inner } = await withSiblings();
  let looks = 0;
  const store = observed(inner, {
    before: (method, tag) => {
      if (method === "resolve" && tag === "stable" && ++looks === 2)
        throw new WharfError("SERVER_ERROR", "busy");
    },
  });
  const { result } = await execute(store, await plan(store, keepsSiblings));
  assert.equal(looks, 3);
  assert.equal(result.tags.deleted, 3);
});

test("siblings that cannot be put back are named, the others are back", async () => {
  const { inner, digest } = await withSiblings();
  const store = greedy(inner, () => false);
  const push = inner.pushManifest.bind(inner);
  const refusing = observed(store, {
    replace: {
      pushManifest: async (...[manifest, options]: Parameters<Repository["pushManifest"]>) => {
        if (options?.tag === "lts") throw new WharfError("FORBIDDEN", "no");
        return push(manifest, options);
      },
    },
  });
  await assert.rejects(execute(refusing, await plan(refusing, keepsSiblings)), (error) => {
    assert(error instanceof WharfError);
    assert.match(error.message, /lts could not be put back \(no\)/);
    assert.match(error.details.hint ?? "", new RegExp(digest));
    return true;
  });
  assert.equal((await inner.resolve("stable")).digest, digest);
});

test("an answer that is lost is no reason not to look after the siblings", async () => {
  const { inner, digest } = await withSiblings();
  const store = observed(inner, {
    replace: {
      deleteTag: async (tag: string) => {
        await inner.deleteManifest((await inner.resolve(tag)).digest);
        throw new WharfError("CONNECTION_FAILED", "reset");
      },
    },
  });
  await assert.rejects(execute(store, await plan(store, keepsSiblings)), /stable/);
  for (const tag of ["stable", "lts"]) assert.equal((await inner.resolve(tag)).digest, digest);
});

test("a tag that a manifest got meanwhile is watched over as well", async () => {
  const inner = createMemoryRepository();
  const { digest } = await pushImage(inner, { tag: "old", layers: ["x"] });
  const store = greedy(inner, () => false);
  const planned = await plan(store, { match: "old", includeUntagged: true });
  await inner.tag({ digest } as Descriptor, "rescued");
  await assert.rejects(execute(store, planned), /rescued together with old; they are back/);
  assert.equal((await inner.resolve("rescued")).digest, digest);
});

test("one tag that cannot be deleted does not stop the others; who may delete nothing is told at once", async () => {
  const failing = (code: "SERVER_ERROR" | "FORBIDDEN" | "UNSUPPORTED") => ({
    before: (method: string, tag: string) => {
      if (method === "deleteTag" && tag === "1.1") throw new WharfError(code, "no");
    },
  });
  const store = observed(await aged(), failing("SERVER_ERROR"));
  const planned = await plan(store, { olderThan: now - 30 * day });
  const { result, events } = await execute(store, planned);
  assert.deepEqual(result.tags, { deleted: 2, left: 0, failed: 1 });
  assert.equal(events.find(({ state }) => state === "failed")?.error?.code, "SERVER_ERROR");
  for (const code of ["FORBIDDEN", "UNSUPPORTED"] as const) {
    const refusing = observed(await aged(), failing(code));
    await assert.rejects(execute(refusing, await plan(refusing, { match: "^1\\.1$" })), { code });
  }
});

test("interrupted, the next plan finds what is left", async () => {
  const controller = new AbortController();
  const store = observed(await aged(), {
    before: (method, tag) => {
      if (method === "deleteTag" && tag === "1.0") controller.abort();
    },
  });
  const rules = { olderThan: now - 30 * day, includeUntagged: true };
  const { signal } = controller;
  await assert.rejects(
    executePrune(store, await plan(store, { ...rules, includeUntagged: false }), {
      signal,
      concurrency: 1,
    }),
    { code: "INTERRUPTED" },
  );
  assert.deepEqual(prunedBy(await plan(store, rules)), ["1.1", "1.2"]);
  await execute(store, await plan(store, rules));
  assert.deepEqual(prunedBy(await plan(store, rules)), []);
});

test("what a killed deletion left under a tag goes, although it has no date", async () => {
  const store = await aged();
  await pushImage(store, {
    tag: "half",
    layers: ["half"],
    fields: { annotations: { "org.wharfinger.throw-away": "id" } },
  });
  const planned = await plan(store, { olderThan: now - 30 * day });
  assert.equal(reasons(planned)["half"], "unfinished");
  assert.equal(reasons(planned)["jib"], "unknown-date");
});
