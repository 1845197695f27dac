/** What comes in between, what fails, and what was there before. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";

import { isError } from "../../../errors.ts";
import type { Descriptor } from "../../../reference/descriptor.ts";
import { imageOf } from "../../behaviours/content.ts";
import type { Content } from "../../behaviours/content.ts";
import { pushImage } from "../../behaviours/trial.ts";
import { openDatabase } from "../../disk/sqlite.ts";
import { onStep } from "../../disk/steps.ts";
import { failing, temporaryFolder } from "../../disk/testing.ts";
import { openLayout } from "../../layout/layout.ts";
import { openCollection } from "../collection.ts";
import { steps } from "../schema.ts";
import {
  blobsOf,
  day,
  descriptor,
  image,
  isHere,
  onStage,
  sharing,
  signature,
} from "./testing/stage.ts";

onStage(
  "what a killed run had announced hinders nobody, and the next goes on with it",
  async (s) => {
    await pushImage(s.repository, image, "1");
    await s.repository.deleteManifest(descriptor.digest);
    s.wait(2 * day);
    const [config, layer] = image.blobs;
    const database = openDatabase(join(s.folder, "catalog.db"));
    const announce = database.prepare("INSERT INTO retiring SELECT id, ? FROM repositories");
    for (const blob of image.blobs) announce.run(blob.descriptor.digest);
    assert.ok(await s.repository.statBlob(config!.descriptor.digest));
    assert.ok(await s.repository.fetchBlob(layer!.descriptor));
    assert.equal((await s.collection.collectGarbage()).blobs, 1);
    assert.ok(isHere(s, config!) && !isHere(s, layer!));
    assert.deepEqual(database.prepare("SELECT * FROM retiring").all(), []);
    database.close();
  },
);

onStage("a run whose announcement another took back removes nothing of it", async (s) => {
  await pushImage(s.repository, image, "1");
  await pushImage(s.repository, signature);
  await s.repository.deleteManifest(descriptor.digest);
  s.wait(2 * day);
  const database = openDatabase(join(s.folder, "catalog.db"));
  let turns = 0;
  onStep((step) => {
    if (step === "turn" && (turns += 1) === 2) database.exec("DELETE FROM retiring");
  });
  const { blobs } = await s.collection.collectGarbage();
  onStep(undefined);
  database.close();
  assert.equal(blobs, 0);
  for (const blob of image.blobs) assert.ok(isHere(s, blob));
  assert.equal((await s.collection.collectGarbage()).blobs, 2);
});

onStage(
  "who waits for another run can be interrupted, and the others have their turn",
  async (s) => {
    await pushImage(s.repository, image);
    s.wait(2 * day);
    const controller = new AbortController();
    const { signal } = controller;
    const reason = new Error("enough");
    const ended: string[] = [];
    const note = (name: string) => () => void ended.push(name);
    const first = s.collection.collectGarbage({ untagged: true }).finally(note("first"));
    const second = s.collection.collectGarbage({ untagged: true, signal }).finally(note("second"));
    const third = s.collection.verify().finally(note("third"));
    controller.abort(reason);
    await assert.rejects(second, { code: "INTERRUPTED" });
    assert.deepEqual(ended, ["second"]);
    assert.equal((await first).manifests, 1);
    assert.equal((await third).damaged.length, 0);
    await assert.rejects(s.collection.verify({ signal }), { code: "INTERRUPTED" });
  },
);

test("a run that fails at any step is finished by the next", async () => {
  for (let step = 1, failed: unknown = true; failed !== undefined; step += 2) {
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
