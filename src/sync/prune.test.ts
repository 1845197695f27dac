import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";

import type { Repository } from "../store/store.ts";
import { pushImage } from "../transfer/testing/images.ts";
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

async function push(store: Repository, ...tags: string[]): Promise<void> {
  for (const tag of tags) await pushImage(store, { tag, layers: [`layer of ${tag}`] });
}

async function tagsOf(name: string): Promise<string[]> {
  const tags: string[] = [];
  for await (const tag of stage.to.repository(name).listTags()) tags.push(tag);
  return tags.toSorted();
}

const yes = { confirmPrune: async () => true };

test("tags that the source lacks go where the file says so, and only then", async () => {
  await push(stage.from.repository("app"), "1", "2", "other");
  await push(stage.to.repository("app"), "1", "gone", "old-1", `sha256-${"a".repeat(64)}.sig`);
  const file = (more: string) =>
    `sync: [{ source: FROM/app, target: TO/app, tags: { match: '^[0-9]' }, backup: 'old-{tag}' ${more} }]`;
  await stage.sync(file(""), yes);
  assert.equal((await tagsOf("app")).length, 5);
  const asked: string[][] = [];
  await stage.sync(file(", prune: true"), {
    confirmPrune: async (tags) => (asked.push([...tags]), false),
  });
  assert.deepEqual(asked, [[`${stage.to.host}/app:gone`]]);
  assert.equal((await tagsOf("app")).length, 5);
  const { totals } = await stage.sync(file(", prune: true"), yes);
  assert.equal(totals.pruned, 1);
  assert.deepEqual(await tagsOf("app"), ["1", "2", "old-1", `sha256-${"a".repeat(64)}.sig`]);
});

test("tags that the filter leaves out go only where that is meant", async () => {
  await push(stage.from.repository("app"), "1", "2", "3");
  await push(stage.to.repository("app"), "1", "2");
  const file = (tags: string) =>
    `sync: [{ source: FROM/app, target: TO/app, tags: { newest: 1 }, prune: { tags: ${tags} } }]`;
  await stage.sync(file("gone"), yes);
  assert.deepEqual(await tagsOf("app"), ["1", "2", "3"]);
  await stage.sync(file("unselected"), yes);
  assert.deepEqual(await tagsOf("app"), ["3"]);
});

test("where more would go than the limit, or the source lists nothing, none does", async () => {
  await push(stage.from.repository("app"), "1");
  await push(stage.to.repository("app"), "1", "a", "b", "c");
  const { failures, totals } = await stage.sync(
    "sync: [{ source: FROM/app, target: TO/app, prune: { limit: 2 } }]",
    yes,
  );
  assert.equal(totals.pruned, 0);
  assert.match(failures[0]!.error.message, /3 tags are to be pruned; the limit is 2, so none is/);
  assert.equal((await tagsOf("app")).length, 4);

  await push(stage.from.repository("empty"), "1");
  await stage.from.repository("empty").deleteTag("1");
  await push(stage.to.repository("empty"), "1");
  const emptied = await stage.sync(
    "sync: [{ source: FROM/empty, target: TO/empty, prune: true }]",
    yes,
  );
  assert.match(emptied.failures[0]!.error.message, /lists no tags at all/);
  assert.deepEqual(await tagsOf("empty"), ["1"]);
});

test("a repository of which something failed is not pruned, nor one whose source is gone", async () => {
  await push(stage.from.repository("app"), "1");
  await push(stage.to.repository("app"), "gone");
  await push(stage.to.repository("lost"), "1");
  const { totals } = await stage.sync(
    `sync:
  - { source: FROM/app, target: TO/app, tags: ["1", "0"], prune: true }
  - { source: FROM/lost, target: TO/lost, prune: true }`,
    yes,
  );
  assert.equal(totals.failed, 2);
  assert.deepEqual(await tagsOf("app"), ["1", "gone"]);
  assert.deepEqual(await tagsOf("lost"), ["1"]);
});

test("a tag that comes back before it is deleted is spared, and so are siblings", async () => {
  await push(stage.from.repository("app"), "1");
  const image = await pushImage(stage.to.repository("app"), { tag: "gone", layers: ["x"] });
  await stage.to.repository("app").tag(image, "back");
  await stage.to.repository("app").tag(image, "1");
  const { events } = await stage.sync(
    "sync: [{ source: FROM/app, target: TO/app, prune: true, overwrite: true }]",
    {
      confirmPrune: async () => {
        await push(stage.from.repository("app"), "back");
        return true;
      },
    },
  );
  assert.deepEqual(await tagsOf("app"), ["1", "back"]);
  const spared = events.filter((event) => event.type === "prune" && event.state === "spared");
  assert.equal(spared.length, 1);
  await stage.to.repository("app").resolve(image.digest);
});

test("a registry that takes siblings along is found out at the first, and they come back", async () => {
  await push(stage.from.repository("app"), "1", "2");
  const to = stage.to.repository("app");
  const image = await pushImage(to, { tag: "gone", layers: ["x"] });
  // A sibling among backups, which nobody selects and nobody deletes.
  await to.tag(image, "old-gone");
  await push(to, "alone");
  stage.to.greedy = true;
  const { events, totals } = await stage.sync(
    "sync: [{ source: FROM/app, target: TO/app, backup: 'old-{tag}', prune: true }]",
    yes,
  );
  assert.equal((await to.resolve("old-gone")).digest, image.digest);
  const failed = events.filter((event) => event.type === "prune" && event.state === "failed");
  assert.match(JSON.stringify(failed), /old-gone together with gone; they are back/);
  assert(totals.failed >= 1);
  await to.resolve("alone");
});

test("where the filter selects nothing, nothing goes", async () => {
  await push(stage.from.repository("app"), "1", "2");
  await push(stage.to.repository("app"), "1", "2");
  const { events, failures } = await stage.sync(
    "sync: [{ source: FROM/app, target: TO/app, tags: { match: '^v' }, prune: { tags: unselected } }]",
    yes,
  );
  assert.deepEqual(await tagsOf("app"), ["1", "2"]);
  assert(!events.some((event) => event.type === "prune" && event.state === "planned"));
  assert.match(
    failures[0]!.error.message,
    /`tags` selects none of the 2 that the source has, so none is/,
  );
});

test("an unselected tag that the source has got since is spared", async () => {
  await push(stage.from.repository("app"), "1", "2");
  await push(stage.to.repository("app"), "1", "new");
  const { events } = await stage.sync(
    "sync: [{ source: FROM/app, target: TO/app, tags: { newest: 1 }, prune: { tags: unselected } }]",
    {
      confirmPrune: async () => {
        await push(stage.from.repository("app"), "new");
        return true;
      },
    },
  );
  assert.deepEqual(await tagsOf("app"), ["2", "new"]);
  const spared = events.filter((event) => event.type === "prune" && event.state === "spared");
  assert.equal(spared.length, 1);
});

test("what the run has compared is not asked for again before tags go", async () => {
  const names = Array.from({ length: 30 }, (_, n) => `1.${n}`);
  await push(stage.from.repository("app"), ...names);
  const to = stage.to.repository("app");
  await push(to, ...names, "gone", "sibling", `sha256-${"a".repeat(64)}.sig`);
  await to.tag(await to.resolve("1.7"), "also-gone");
  const file = "sync: [{ source: FROM/app, target: TO/app, prune: { tags: gone } }]";
  await push(stage.from.repository("app"), "sibling");
  stage.to.requests.length = 0;
  const { totals } = await stage.sync(file, yes);
  assert.equal(totals.pruned, 2);
  const asked = (tag: string) =>
    stage.to.requests.filter((request) => request === `HEAD /v2/app/manifests/${tag}`).length;
  // Those that are compared, once; the one on the manifest of a tag that goes, before and after that.
  for (const name of names) assert.equal(asked(name), name === "1.7" ? 3 : 1, name);
  assert.equal(asked(`sha256-${"a".repeat(64)}.sig`), 0);
  assert.deepEqual((await tagsOf("app")).length, names.length + 2);
});

test("a sibling that the run has compared comes back where the registry takes it along", async () => {
  await push(stage.from.repository("app"), "1", "2");
  const to = stage.to.repository("app");
  await push(to, "1", "2");
  await to.tag(await to.resolve("2"), "gone");
  stage.to.greedy = true;
  await stage.sync("sync: [{ source: FROM/app, target: TO/app, prune: true }]", yes);
  assert.equal(
    (await to.resolve("2")).digest,
    (await stage.from.repository("app").resolve("2")).digest,
  );
});
