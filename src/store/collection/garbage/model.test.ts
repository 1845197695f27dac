/** Random histories of several repositories, against a simple model of what must live. */
import assert from "node:assert/strict";
import { existsSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { mock, test } from "node:test";

import fc from "fast-check";

import { isError } from "../../../errors.ts";
import type { Descriptor, Digest } from "../../../reference/descriptor.ts";
import { mediaTypes } from "../../../reference/descriptor.ts";
import { contentOf, noise } from "../../behaviours/content.ts";
import type { Content } from "../../behaviours/content.ts";
import { pushContent } from "../../behaviours/trial.ts";
import { temporaryFolder } from "../../disk/testing.ts";
import { openCollection } from "../collection.ts";
import type { StoredCollection } from "../collection.ts";

const hour = 3600_000;
const lag = 60_000;
const names = ["a", "b/c"];
const tags = ["1", "2"];

interface Node extends Content {
  readonly blobs: readonly Content[];
  readonly children: readonly Digest[];
  readonly subject?: Digest;
}

/** All that is ever pushed: images that share layers, indexes, nested ones, referrers, referrers of those. */
const layers = Array.from({ length: 6 }, (_, n) => contentOf(noise(100 + n, `layer ${n}`)));
const nodes: Node[] = [];
const image = (blobs: number[], subject?: Node) =>
  node({ blobs: blobs.map((n) => layers[n]!), subject });
const index = (children: Content[], subject?: Node) => node({ children, subject });

const [first, second, third] = [image([0, 1]), image([1, 2]), image([3])];
const pair = index([first, second]);
const nested = index([pair, third]);
const signature = image([4], first);
image([4, 5], signature);
const list = index([third, signature], second);
image([5], nested);
image([0, 5], list);
index([layers[2]!, third]);

function node(parts: {
  blobs?: Content[];
  children?: Content[];
  subject?: Node | undefined;
}): Node {
  const { blobs = [], children, subject } = parts;
  const described = { ...(subject && { subject: subject.descriptor }) };
  const body = children
    ? { mediaType: mediaTypes.ociIndex, manifests: children.map(({ descriptor }) => descriptor) }
    : { mediaType: mediaTypes.ociManifest, config: blobs[0]!.descriptor, layers: layersOf(blobs) };
  const text = JSON.stringify({
    schemaVersion: 2,
    ...body,
    ...described,
    annotations: { n: String(nodes.length) },
  });
  const made = {
    ...contentOf(text, body.mediaType),
    blobs,
    children: children?.map(({ descriptor: { digest } }) => digest) ?? [],
    ...(subject && { subject: subject.descriptor.digest }),
  };
  nodes.push(made);
  return made;
}

function layersOf(blobs: Content[]): Descriptor[] {
  return blobs.slice(1).map(({ descriptor }) => descriptor);
}

/** What a repository holds, as simply as can be said. */
class Shelf {
  readonly manifests = new Map<Digest, { readonly node: Node; since: number }>();
  readonly tags = new Map<string, Digest>();
  readonly files = new Set<Digest>();
  /** Named by a manifest that is gone. */
  readonly released = new Set<Digest>();

  setTag(tag: string, digest: Digest, now: number): void {
    for (const touched of [digest, this.tags.get(tag)]) this.touch(touched, now);
    this.tags.set(tag, digest);
  }

  touch(digest: Digest | undefined, now: number): void {
    const found = this.manifests.get(digest ?? "");
    if (found) found.since = now;
  }

  remove(digest: Digest): void {
    const { node } = this.manifests.get(digest)!;
    this.manifests.delete(digest);
    for (const [tag, tagged] of this.tags) if (tagged === digest) this.tags.delete(tag);
    for (const named of namedBy(node)) this.released.add(named);
    this.released.add(digest);
  }

  isNamed(digest: Digest): boolean {
    return [...this.manifests.values()].some(({ node }) => namedBy(node).includes(digest));
  }
}

const namedBy = ({ blobs, children }: Node) => [...blobs.map(digestOf), ...children];
const digestOf = ({ descriptor: { digest } }: Content) => digest;

class Model {
  now = Date.UTC(2026, 0, 1);
  readonly shelves = new Map(names.map((name) => [name, new Shelf()]));
  /** When the bytes were last relied on, in whichever repository. */
  readonly confirmed = new Map<Digest, number>();

  collect(untagged: boolean, unreferenced: boolean, grace: number): number {
    const limit = this.now - grace - (grace > 0 ? lag : 0);
    let removed = 0;
    for (const shelf of this.shelves.values()) {
      const stays = untagged ? this.#staying(shelf, limit) : new Set(shelf.manifests.keys());
      for (const digest of [...shelf.manifests.keys()].filter((one) => !stays.has(one))) {
        shelf.remove(digest);
        removed += 1;
      }
      const candidates = new Set([...shelf.released, ...(unreferenced ? shelf.files : [])]);
      for (const digest of candidates) {
        const isNeeded = shelf.manifests.has(digest) || shelf.isNamed(digest);
        const isYoung = (this.confirmed.get(digest) ?? 0) >= limit && shelf.files.has(digest);
        if (isNeeded || !isYoung) shelf.released.delete(digest);
        if (!isNeeded && !isYoung) shelf.files.delete(digest);
      }
    }
    return removed;
  }

  #staying(shelf: Shelf, limit: number): Set<Digest> {
    const { manifests, tags: tagged } = shelf;
    const stays = new Set<Digest>(tagged.values());
    const relied: Digest[] = [];
    for (const [digest, { node, since }] of manifests) {
      const isOrphan = node.subject !== undefined && !manifests.has(node.subject);
      if (isOrphan) stays.add(digest);
      else if (stays.has(digest)) continue;
      else if (since >= limit || this.confirmed.get(digest)! >= limit) relied.push(digest);
    }
    for (let next = relied.pop(); next !== undefined; next = relied.pop()) {
      stays.add(next);
      const subject = manifests.get(next)?.node.subject;
      if (subject !== undefined && manifests.has(subject)) relied.push(subject);
    }
    for (let before = -1; before !== stays.size;) {
      before = stays.size;
      for (const [digest, { node }] of manifests) {
        if (node.subject !== undefined && stays.has(node.subject)) stays.add(digest);
        if (stays.has(digest)) for (const child of node.children) stays.add(child);
      }
    }
    return stays;
  }
}

type Act = (model: Model, collection: StoredCollection, folder: string) => Promise<void>;

const at = fc.constantFrom(...names);
const some = fc.constantFrom(...nodes);
const layer = fc.constantFrom(...layers);
const tag = fc.constantFrom(...tags);

async function push(
  model: Model,
  collection: StoredCollection,
  name: string,
  node: Node,
  named?: string,
): Promise<void> {
  const repository = collection.repository(name);
  for (const blob of node.blobs) await pushContent(repository, blob);
  const manifest = { descriptor: node.descriptor, bytes: node.bytes };
  await repository.pushManifest(manifest, named === undefined ? {} : { tag: named });
  const shelf = model.shelves.get(name)!;
  for (const content of [...node.blobs, node]) {
    shelf.files.add(digestOf(content));
    model.confirmed.set(digestOf(content), model.now);
  }
  shelf.manifests.set(digestOf(node), { node, since: model.now });
  shelf.touch(node.subject, model.now);
  if (named !== undefined) shelf.setTag(named, digestOf(node), model.now);
}

/** The manifests that one names or refers to, those first that are named. */
function nodesOf({ children, subject }: Node): Node[] {
  const named = nodes.filter(
    (one) => children.includes(digestOf(one)) || digestOf(one) === subject,
  );
  return [...new Set(named.flatMap((one) => [...nodesOf(one), one]))];
}

/** Each does the same to the collection and to the model; what is not there is not found by either. */
const acts: fc.Arbitrary<{ readonly what: string; readonly act: Act }>[] = [
  fc
    .tuple(at, some, fc.boolean(), fc.option(tag, { freq: 2, nil: undefined }))
    .map(([name, node, isWhole, named]) => ({
      what: `push ${nodes.indexOf(node)} to ${name}:${named}${isWhole ? ", and what it names" : ""}`,
      async act(model, collection) {
        for (const before of isWhole ? nodesOf(node) : [])
          await push(model, collection, name, before);
        await push(model, collection, name, node, named);
      },
    })),
  fc.tuple(at, layer).map(([name, blob]) => ({
    what: `push layer ${layers.indexOf(blob)} to ${name}`,
    async act(model, collection) {
      await pushContent(collection.repository(name), blob);
      model.shelves.get(name)!.files.add(digestOf(blob));
      model.confirmed.set(digestOf(blob), model.now);
    },
  })),
  fc.tuple(at, at, layer).map(([name, from, blob]) => ({
    what: `mount layer ${layers.indexOf(blob)} from ${from} to ${name}`,
    async act(model, collection) {
      const source = collection.repository(from);
      const mounted = await collection.repository(name).mountBlob(blob.descriptor, source);
      assert.equal(mounted, model.shelves.get(from)!.files.has(digestOf(blob)));
      if (!mounted) return;
      model.shelves.get(name)!.files.add(digestOf(blob));
      model.confirmed.set(digestOf(blob), model.now);
    },
  })),
  fc.tuple(at, layer).map(([name, blob]) => ({
    what: `look at layer ${layers.indexOf(blob)} of ${name}`,
    async act(model, collection) {
      const found = await collection.repository(name).statBlob(digestOf(blob));
      assert.equal(found !== undefined, model.shelves.get(name)!.files.has(digestOf(blob)));
      if (found !== undefined) model.confirmed.set(digestOf(blob), model.now);
    },
  })),
  fc.tuple(at, some).map(([name, node]) => ({
    what: `look at ${nodes.indexOf(node)} of ${name}`,
    async act(model, collection) {
      const found = collection.repository(name).resolve(digestOf(node));
      const isThere = await unlessMissing(found);
      assert.equal(isThere, model.shelves.get(name)!.manifests.has(digestOf(node)));
      if (isThere) model.confirmed.set(digestOf(node), model.now);
    },
  })),
  fc.tuple(at, some, tag).map(([name, node, named]) => ({
    what: `tag ${nodes.indexOf(node)} as ${name}:${named}`,
    async act(model, collection) {
      const shelf = model.shelves.get(name)!;
      const isThere = await unlessMissing(collection.repository(name).tag(node.descriptor, named));
      assert.equal(isThere, shelf.manifests.has(digestOf(node)));
      if (isThere) shelf.setTag(named, digestOf(node), model.now);
    },
  })),
  fc.tuple(at, tag).map(([name, named]) => ({
    what: `untag ${name}:${named}`,
    async act(model, collection) {
      const shelf = model.shelves.get(name)!;
      const isThere = await unlessMissing(collection.repository(name).deleteTag(named));
      assert.equal(isThere, shelf.tags.has(named));
      shelf.touch(shelf.tags.get(named), model.now);
      shelf.tags.delete(named);
    },
  })),
  fc.tuple(at, some).map(([name, node]) => ({
    what: `delete ${nodes.indexOf(node)} of ${name}`,
    async act(model, collection) {
      const shelf = model.shelves.get(name)!;
      const isThere = await unlessMissing(
        collection.repository(name).deleteManifest(digestOf(node)),
      );
      assert.equal(isThere, shelf.manifests.has(digestOf(node)));
      if (!isThere) return;
      shelf.remove(digestOf(node));
      shelf.files.delete(digestOf(node));
    },
  })),
  fc.constantFrom(1, 12, 23, 25, 100).map((hours) => ({
    what: `wait ${hours} h`,
    async act(model) {
      model.now += hours * hour;
    },
  })),
];

const collecting = fc
  .tuple(fc.boolean(), fc.boolean(), fc.constantFrom(0, 12 * hour, 24 * hour))
  .map(([untagged, unreferencedBlobs, grace]) => ({
    what: `collect ${JSON.stringify({ untagged, unreferencedBlobs, grace: grace / hour })}`,
    async act(model: Model, collection: StoredCollection, folder: string) {
      // Between the last look and the collection some time has passed.
      model.now += hour;
      const options = { untagged, unreferencedBlobs, grace };
      const planned = await collection.collectGarbage({ ...options, dryRun: true });
      const before = bytesIn(folder);
      const freed = await collection.collectGarbage(options);
      assert.deepEqual(freed, planned);
      assert.equal(freed.bytes, before - bytesIn(folder));
      assert.equal(freed.manifests, model.collect(untagged, unreferencedBlobs, grace));
    },
  }));

test(
  "what must live lives, and what must go goes, whatever has happened before",
  { timeout: 120_000 },
  async () => {
    const history = fc.array(fc.oneof({ weight: 5, arbitrary: fc.oneof(...acts) }, collecting), {
      minLength: 5,
      maxLength: 25,
    });
    // `index.json` is written when the collection is closed, and not whenever a tenth of a second has passed: what is made
    // for it comes and goes, so that a dry run and the run after it would not find the same.
    mock.timers.enable({ apis: ["setTimeout"] });
    await fc.assert(
      fc.asyncProperty(history, async (happenings) => {
        const { folder, remove } = await temporaryFolder();
        const model = new Model();
        const collection = await openCollection(folder, { now: () => model.now });
        try {
          for (const { act } of happenings) {
            await act(model, collection, folder);
            check(model, collection, folder);
          }
          await collection.close();
          for (const name of names) await checkLayout(join(folder, "repositories", folderOf(name)));
        } finally {
          await collection.close().catch(() => {});
          await remove();
        }
      }),
      { numRuns: Number(process.env.GARBAGE_RUNS ?? 40) },
    );
  },
);

const folderOf = (name: string) => name.replaceAll("/", "+");

function pathOf(folder: string, name: string, digest: Digest): string {
  return join(folder, "repositories", folderOf(name), "blobs", "sha256", digest.slice(7));
}

/** Not through the store, since a look protects. */
function check(model: Model, _: StoredCollection, folder: string): void {
  for (const [name, shelf] of model.shelves)
    for (const content of [...layers, ...nodes]) {
      const digest = digestOf(content);
      const isHere = existsSync(pathOf(folder, name, digest));
      assert.equal(isHere, shelf.files.has(digest), `${name}: ${describe(content)}`);
    }
  for (const content of [...layers, ...nodes]) {
    const isHeld = [...model.shelves.values()].some(({ files }) => files.has(digestOf(content)));
    const shared = join(folder, "pool", "sha256", digestOf(content).slice(7));
    assert.equal(existsSync(shared), isHeld, `pool: ${describe(content)}`);
  }
}

function describe(content: Content): string {
  const place = layers.indexOf(content);
  return place < 0 ? `manifest ${nodes.indexOf(content as Node)}` : `layer ${place}`;
}

/** Bytes on the disk of all that we push; what has several names counts once. */
function bytesIn(folder: string): number {
  let bytes = 0;
  for (const content of [...layers, ...nodes]) {
    const path = join(folder, "pool", "sha256", digestOf(content).slice(7));
    bytes += statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  }
  return bytes;
}

/** Other tools find whatever `index.json` names. */
async function checkLayout(folder: string): Promise<void> {
  const path = join(folder, "index.json");
  if (!existsSync(path)) return;
  const { manifests } = JSON.parse(await readFile(path, "utf8")) as { manifests: Descriptor[] };
  for (const { digest } of manifests)
    assert.ok(existsSync(join(folder, "blobs", "sha256", digest.slice(7))), digest);
}

async function unlessMissing(work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    if (isError(error, "MANIFEST_NOT_FOUND")) return false;
    throw error;
  }
}
