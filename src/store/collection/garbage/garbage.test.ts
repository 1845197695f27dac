import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";

import { isError } from "../../../errors.ts";
import type { Descriptor } from "../../../reference/descriptor.ts";
import { contentOf, imageOf, indexOf, noise } from "../../behaviours/content.ts";
import type { Content, Image } from "../../behaviours/content.ts";
import { pushContent, pushImage, refuses } from "../../behaviours/trial.ts";
import { openDatabase } from "../../disk/sqlite.ts";
import { onStep } from "../../disk/steps.ts";
import { failing, temporaryFolder } from "../../disk/testing.ts";
import { openLayout } from "../../layout/layout.ts";
import { openCollection } from "../collection.ts";
import type { StoredCollection } from "../collection.ts";
import type { StoredRepository } from "../repository.ts";
import { steps } from "../schema.ts";

const hour = 3600_000;
const day = 24 * hour;
const minute = 60_000;

interface Stage {
  readonly folder: string;
  readonly collection: StoredCollection;
  readonly repository: StoredRepository;
  /** Lets time pass. */
  wait(milliseconds: number): void;
  /** Closes and opens again, as a restart does, with something done in between. */
  restart(between?: () => Promise<void>): Promise<Stage>;
}

/** Runs with a data directory whose clock is in our hand. */
function onStage(title: string, run: (stage: Stage) => Promise<void>): void {
  test(title, async () => {
    const { folder, remove } = await temporaryFolder();
    let time = Date.UTC(2026, 0, 1);
    const opened: StoredCollection[] = [];
    const open = async (): Promise<Stage> => {
      const collection = await openCollection(folder, { now: () => time });
      opened.push(collection);
      return {
        folder,
        collection,
        repository: collection.repository("a/b"),
        wait: (milliseconds) => (time += milliseconds),
        async restart(between) {
          await opened.pop()?.close();
          await between?.();
          return open();
        },
      };
    };
    try {
      await run(await open());
    } finally {
      for (const collection of opened) await collection.close();
      await remove();
    }
  });
}

const image = imageOf("image");
const { descriptor } = image.manifest;
const signature = imageOf("signature", { artifactType: "application/x.sig", subject: descriptor });
const lone = contentOf(noise(3000, "lone"));

const blobsOf = ({ blobs, children, manifest }: Image): Content[] => [
  manifest,
  ...blobs,
  ...children.flatMap(blobsOf),
];
const bytesOf = (image: Image) => blobsOf(image).reduce((sum, { bytes }) => sum + bytes.length, 0);

/** Not by `statBlob`, which would confirm it. */
function isHere({ folder }: Stage, { descriptor: { digest } }: Content, name = "a+b"): boolean {
  return existsSync(join(folder, "repositories", name, "blobs", "sha256", digest.slice(7)));
}

async function hasManifest({ repository }: Stage, { manifest }: Image): Promise<boolean> {
  const { digest } = manifest.descriptor;
  const found = await repository.resolve(digest).catch(() => undefined);
  return found !== undefined;
}

describe("blobs", () => {
  onStage("they go when the last manifest that named them is gone, with its bytes", async (s) => {
    await pushImage(s.repository, image, "1");
    s.wait(30 * day);
    const nothing = await s.collection.collectGarbage();
    assert.deepEqual([nothing.manifests, nothing.blobs, nothing.bytes], [0, 0, 0]);
    await s.repository.deleteManifest(descriptor.digest);
    const planned = await s.collection.collectGarbage({ dryRun: true });
    for (const blob of image.blobs) assert.ok(isHere(s, blob));
    const freed = await s.collection.collectGarbage();
    const { length } = image.manifest.bytes;
    assert.deepEqual([freed.blobs, freed.bytes], [2, bytesOf(image) - length]);
    assert.deepEqual(planned, freed);
    for (const blob of image.blobs) assert.ok(!isHere(s, blob));
    assert.deepEqual(await readdir(join(s.folder, "pool", "sha256")), []);
  });

  onStage("those that another manifest names stay", async (s) => {
    const other = sharing(image, "other");
    await pushImage(s.repository, image, "1");
    await pushImage(s.repository, other, "2");
    s.wait(2 * day);
    await s.repository.deleteManifest(descriptor.digest);
    assert.equal((await s.collection.collectGarbage()).blobs, 1);
    assert.ok(isHere(s, image.blobs[1]!));
  });

  onStage("one that no manifest ever named stays, unless told otherwise", async (s) => {
    await pushImage(s.repository, image, "1");
    await pushContent(s.repository, lone);
    s.wait(365 * day);
    assert.equal((await s.collection.collectGarbage({ untagged: true })).blobs, 0);
    assert.ok(isHere(s, lone));
    const options = { unreferencedBlobs: true };
    const planned = await s.collection.collectGarbage({ ...options, dryRun: true });
    const freed = await s.collection.collectGarbage(options);
    assert.deepEqual([freed.blobs, freed.bytes], [1, 3000]);
    assert.deepEqual(planned, freed);
    assert.ok(!isHere(s, lone));
    assert.ok(isHere(s, image.blobs[0]!));
  });

  onStage("what another repository has frees no bytes until it is gone there too", async (s) => {
    for (const name of ["a/b", "c"]) await pushImage(s.collection.repository(name), image, "1");
    s.wait(2 * day);
    await s.repository.deleteManifest(descriptor.digest);
    const first = await s.collection.collectGarbage();
    assert.deepEqual([first.blobs, first.bytes], [2, 0]);
    assert.ok(isHere(s, image.blobs[0]!, "c"));
    await s.collection.repository("c").deleteManifest(descriptor.digest);
    const second = await s.collection.collectGarbage();
    assert.deepEqual(
      [second.blobs, second.bytes],
      [2, bytesOf(image) - image.manifest.bytes.length],
    );
  });

  onStage("a plan counts what two repositories share once", async (s) => {
    for (const name of ["a/b", "c"]) {
      await pushImage(s.collection.repository(name), image, "1");
      await s.collection.repository(name).deleteTag("1");
    }
    s.wait(2 * day);
    const planned = await s.collection.collectGarbage({ untagged: true, dryRun: true });
    assert.deepEqual(
      planned.repositories.map(({ name, bytes }) => [name, bytes]),
      [
        ["a/b", 0],
        ["c", bytesOf(image)],
      ],
    );
    assert.deepEqual(await s.collection.collectGarbage({ untagged: true }), planned);
  });

  const confirmations: [string, (s: Stage) => Promise<unknown>][] = [
    ["a look", ({ repository }) => repository.statBlob(image.blobs[1]!.descriptor.digest)],
    ["a push", ({ repository }) => pushContent(repository, image.blobs[1]!)],
    [
      "a mount",
      async ({ collection, repository }) => {
        await pushContent(collection.repository("z"), image.blobs[1]!);
        await repository.mountBlob(image.blobs[1]!.descriptor, collection.repository("z"));
      },
    ],
    [
      "an upload",
      async ({ repository }) => {
        const upload = await repository.createUpload();
        await upload.append(once(image.blobs[1]!.bytes));
        await upload.commit(image.blobs[1]!.descriptor.digest);
      },
    ],
  ];
  for (const [what, confirm] of confirmations) {
    onStage(`${what} protects one for a day, also over a restart`, async (s) => {
      await pushImage(s.repository, image, "1");
      await s.repository.deleteManifest(descriptor.digest);
      s.wait(40 * hour);
      await confirm(s);
      s.wait(23 * hour);
      const later = await s.restart();
      await later.collection.collectGarbage();
      assert.ok(!isHere(later, image.blobs[0]!));
      assert.ok(isHere(later, image.blobs[1]!));
      later.wait(hour + 2 * minute);
      await later.collection.collectGarbage();
      assert.ok(!isHere(later, image.blobs[1]!));
    });
  }

  onStage("many looks at one are not more than one write a minute behind", async (s) => {
    await pushImage(s.repository, image, "1");
    await s.repository.deleteManifest(descriptor.digest);
    const { digest } = image.blobs[1]!.descriptor;
    for (let n = 0; n < 200; n++) {
      await s.repository.statBlob(digest);
      s.wait(minute / 3);
    }
    s.wait(day - minute / 3);
    await s.collection.collectGarbage();
    assert.ok(isHere(s, image.blobs[1]!));
    assert.ok(!isHere(s, image.blobs[0]!));
  });

  onStage("a manifest that needs one that is gone is refused, and the tag stays", async (s) => {
    await pushImage(s.repository, image, "1");
    const other = sharing(image, "other");
    const required = other.blobs.map((blob) => blob.descriptor.digest);
    const push = () => s.repository.pushManifest(other.manifest, { tag: "1", required });
    await refuses(push(), "BLOB_NOT_FOUND");
    assert.equal((await s.repository.resolve("1")).digest, descriptor.digest);
    await pushContent(s.repository, other.blobs[0]!);
    await push();
    assert.equal((await s.repository.resolve("1")).digest, other.manifest.descriptor.digest);
  });
});

describe("manifests", () => {
  onStage("without a tag they stay, unless told otherwise", async (s) => {
    await pushImage(s.repository, image, "1");
    await s.repository.deleteTag("1");
    s.wait(365 * day);
    assert.equal((await s.collection.collectGarbage()).manifests, 0);
    const options = { untagged: true };
    const planned = await s.collection.collectGarbage({ ...options, dryRun: true });
    const freed = await s.collection.collectGarbage(options);
    assert.deepEqual(planned, freed);
    assert.deepEqual([freed.manifests, freed.blobs, freed.bytes], [1, 2, bytesOf(image)]);
    assert.ok(!(await hasManifest(s, image)));
    for (const blob of blobsOf(image)) assert.ok(!isHere(s, blob));
  });

  onStage("a tagged index keeps its children and what refers to them", async (s) => {
    const index = indexOf("index");
    const subject = index.children[0]!.manifest.descriptor;
    const referrer = imageOf("referrer", { artifactType: "application/x.sig", subject });
    await pushImage(s.repository, index, "1");
    await pushImage(s.repository, referrer);
    s.wait(2 * day);
    assert.equal((await s.collection.collectGarbage({ untagged: true })).manifests, 0);
    await s.repository.deleteTag("1");
    s.wait(2 * day);
    const freed = await s.collection.collectGarbage({ untagged: true });
    assert.deepEqual([freed.manifests, freed.blobs], [4, 6]);
  });

  onStage("a referrer lives with its subject, and goes with it", async (s) => {
    await pushImage(s.repository, image, "1");
    await pushImage(s.repository, signature);
    s.wait(2 * day);
    assert.equal((await s.collection.collectGarbage({ untagged: true })).manifests, 0);
    await s.repository.deleteTag("1");
    s.wait(2 * day);
    assert.equal((await s.collection.collectGarbage({ untagged: true })).manifests, 2);
  });

  onStage("a referrer whose subject is not here stays", async (s) => {
    await pushImage(s.repository, signature);
    s.wait(2 * day);
    assert.equal((await s.collection.collectGarbage({ untagged: true })).manifests, 0);
    assert.ok(await hasManifest(s, signature));
  });

  onStage("one that lost its tag has the grace period, whenever it was pushed", async (s) => {
    await pushImage(s.repository, image, "1");
    s.wait(30 * day);
    await pushImage(s.repository, imageOf("next"), "1");
    s.wait(23 * hour);
    assert.equal((await s.collection.collectGarbage({ untagged: true })).manifests, 0);
    s.wait(2 * hour);
    assert.equal((await s.collection.collectGarbage({ untagged: true })).manifests, 1);
  });

  onStage("a look at one protects it and its subject, for whoever pushes an index", async (s) => {
    await pushImage(s.repository, image);
    await pushImage(s.repository, signature);
    s.wait(30 * day);
    await s.repository.resolve(signature.manifest.descriptor.digest);
    s.wait(23 * hour);
    const later = await s.restart();
    assert.equal((await later.collection.collectGarbage({ untagged: true })).manifests, 0);
    later.wait(2 * hour);
    assert.equal((await later.collection.collectGarbage({ untagged: true })).manifests, 2);
  });

  onStage("what is tagged while others are removed stays, with all it leads to", async (s) => {
    const garbage = Array.from({ length: 250 }, (_, n) => imageOf(`garbage ${n}`));
    await Promise.all(garbage.map((one) => pushImage(s.repository, one)));
    const index = indexOf("index");
    await pushImage(s.repository, index);
    s.wait(2 * day);
    const collecting = s.collection.collectGarbage({ untagged: true });
    // The first turn removes the oldest.
    await new Promise<void>((resolve) => onStep((step) => step === "commit" && resolve()));
    onStep(undefined);
    await s.repository.tag(index.manifest.descriptor, "rescued");
    assert.equal((await collecting).manifests, garbage.length);
    for (const blob of blobsOf(index)) assert.ok(isHere(s, blob));
    for (const rescued of [index, ...index.children]) assert.ok(await hasManifest(s, rescued));
  });
});

describe("what goes wrong", () => {
  test("a run that fails at any step is finished by the next", async () => {
    for (let step = 1, failed: unknown = true; failed !== undefined; step++) {
      const { folder, remove } = await temporaryFolder();
      const time = { now: Date.UTC(2026, 0, 1) };
      const collection = await openCollection(folder, { now: () => time.now });
      try {
        const [a, b] = ["a", "b"].map((name) => collection.repository(name));
        await pushImage(a!, imageOf("kept"), "1");
        for (const repository of [a!, b!]) {
          await pushImage(repository, image);
          await pushImage(repository, signature);
        }
        time.now += 2 * day;
        const collect = () => collection.collectGarbage({ untagged: true });
        failed = await failing(step, "EIO", collect);
        if (failed !== undefined) assert.ok(isError(failed, "FILE_FAILED"), String(failed));
        await collect();
        const garbage = [image, signature].flatMap(blobsOf);
        for (const place of ["repositories/a/blobs", "repositories/b/blobs", "pool"]) {
          const names = await readdir(join(folder, place, "sha256"));
          const isThere = ({ descriptor: one }: Content) => names.includes(one.digest.slice(7));
          assert.deepEqual(garbage.filter(isThere), [], `step ${step}, ${place}`);
          if (place !== "repositories/b/blobs") assert.ok(blobsOf(imageOf("kept")).every(isThere));
        }
      } finally {
        await collection.close();
        await remove();
      }
    }
  });

  onStage("blobs of a repository whose manifests cannot be read are left alone", async (s) => {
    await pushImage(s.repository, image, "1");
    const other = sharing(image, "other");
    await pushImage(s.repository, other, "2");
    await s.repository.deleteManifest(other.manifest.descriptor.digest);
    // As if pushed before the catalogue noted what manifests name, and damaged since.
    const database = openDatabase(join(s.folder, "catalog.db"));
    database.exec("DELETE FROM uses; UPDATE manifests SET noted = 0");
    database.close();
    const path = join(s.folder, "repositories/a+b/blobs/sha256", descriptor.digest.slice(7));
    const good = await readFile(path);
    await writeFile(path, "{");
    s.wait(2 * day);
    const damaged = await s.collection.collectGarbage();
    assert.deepEqual(damaged.unreadable, [{ name: "a/b", digest: descriptor.digest }]);
    assert.equal(damaged.blobs, 0);
    await writeFile(path, good);
    assert.equal((await s.collection.collectGarbage()).blobs, 1);
    for (const blob of blobsOf(image)) assert.ok(isHere(s, blob));
  });

  onStage("a catalogue of the first version is brought up to date", async (s) => {
    await pushImage(s.repository, image, "1");
    const { mediaType, digest, size } = descriptor;
    const later = await s.restart(async () => {
      const path = join(s.folder, "catalog.db");
      await rm(path);
      const database = openDatabase(path);
      database.exec(`${steps[0]}; PRAGMA user_version = 1;
        INSERT INTO repositories (name) VALUES ('a/b');
        INSERT INTO manifests VALUES (1, '${digest}', '${mediaType}', ${size}, NULL, NULL);
        INSERT INTO tags VALUES (1, '1', '${digest}')`);
      database.close();
    });
    assert.deepEqual(await later.repository.resolve("1"), descriptor);
    later.wait(2 * day);
    assert.equal((await later.collection.collectGarbage()).blobs, 0);
    await later.repository.deleteManifest(digest);
    assert.equal((await later.collection.collectGarbage()).blobs, 2);
  });

  onStage("nothing of what we made for other tools is taken for garbage", async (s) => {
    await pushImage(s.repository, image, "1");
    await pushImage(s.repository, signature);
    const later = await s.restart();
    later.wait(2 * day);
    const freed = await later.collection.collectGarbage({
      untagged: true,
      unreferencedBlobs: true,
    });
    assert.equal(freed.blobs, 0);
    const layout = await openLayout(join(s.folder, "repositories", "a+b"));
    const tag = `sha256-${descriptor.digest.slice(7)}`;
    const { manifests } = JSON.parse(await readFile(join(layout.folder, "index.json"), "utf8")) as {
      manifests: (Descriptor & { annotations?: Record<string, string> })[];
    };
    const listing = manifests.find(({ annotations }) =>
      Object.values(annotations ?? {}).includes(tag),
    );
    assert.ok(listing !== undefined);
    assert.ok(existsSync(join(layout.folder, "blobs", "sha256", listing.digest.slice(7))));
  });
});

async function* once(bytes: Uint8Array) {
  yield bytes.slice();
}

/** An image with the same layer and another configuration. */
function sharing({ blobs, manifest }: Image, seed: string): Image {
  const config = imageOf(seed).blobs[0]!;
  const fields = JSON.parse(new TextDecoder().decode(manifest.bytes)) as object;
  const text = JSON.stringify({ ...fields, config: config.descriptor });
  return {
    manifest: contentOf(text, manifest.descriptor.mediaType),
    blobs: [config, blobs[1]!],
    children: [],
  };
}
