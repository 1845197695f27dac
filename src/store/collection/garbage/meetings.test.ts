/** A collector and somebody who relies on what it is about to remove, in every order of their steps. */
import assert from "node:assert/strict";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { contentOf, imageOf, noise, readBlob } from "../../behaviours/content.ts";
import type { Content } from "../../behaviours/content.ts";
import { pushContent, pushImage } from "../../behaviours/trial.ts";
import { temporaryFolder } from "../../disk/testing.ts";
import { openCollection } from "../collection.ts";
import type { StoredCollection } from "../collection.ts";
import { Other } from "./testing/meeting.ts";
import type { Act } from "./testing/meeting.ts";
import { day } from "./testing/stage.ts";

let folder: string;
let remove: () => Promise<void>;
let collection: StoredCollection;
let other: Other;
let now = Date.UTC(2026, 0, 1);

before(async () => {
  ({ folder, remove } = await temporaryFolder());
  collection = await openCollection(folder, { now: () => now });
  for (const name of ["a/b", "c", "d"])
    await pushImage(collection.repository(name), imageOf("kept"), "1");
  await settle();
  other = new Other(folder);
  await other.ready();
});

after(async () => {
  await other.close();
  await collection.close();
  await remove();
});

/** Has `index.json` written now, and not while something is tried. */
const settle = () => (collection as StoredCollection & { catchUp(): Promise<void> }).catchUp();

const pathOf = ({ descriptor: { digest } }: Content, name = "a+b") =>
  join(folder, "repositories", name, "blobs/sha256", digest.slice(7));

interface Meeting {
  readonly act: Act;
  /** Where the blob lies that nothing needs, beside a/b. */
  readonly also?: string;
  /** Where it is to be afterwards, if somebody was told so. */
  readonly place?: string;
  /** Whether the pool does not have it. */
  readonly alone?: boolean;
}

const cases: readonly (Meeting & { readonly title: string })[] = [
  { act: "look", title: "who looks" },
  { act: "look", title: "who looks, and the pool does not have it", alone: true },
  { act: "push", title: "who pushes it again" },
  { act: "push", title: "who pushes it again, and the pool does not have it", alone: true },
  { act: "upload", title: "who uploads it" },
  { act: "upload", title: "who uploads it, and the pool does not have it", alone: true },
  { act: "mount", title: "who mounts it from another repository", also: "c" },
  { act: "mount elsewhere", title: "who mounts it in another repository", place: "d" },
];

for (const { title, act, also, place = "a/b", alone = false } of cases)
  test(`${title} is told the truth, and nobody misses what was told`, async () => {
    const told = await inEveryOrder(async (order, number) => {
      const blob = contentOf(noise(500, `${title} ${number}`));
      for (const name of ["a/b", ...(also === undefined ? [] : [also])])
        await pushContent(collection.repository(name), blob);
      if (alone) rmSync(join(folder, "pool/sha256", blob.descriptor.digest.slice(7)));
      now += 3 * day;
      const path = pathOf(blob, place.replace("/", "+"));
      const words = `${title}, ${JSON.stringify(order)}`;
      const found = await other.meet(
        { act, content: blob.descriptor, bytes: blob.bytes, now },
        order,
        () => collection.collectGarbage({ unreferencedBlobs: true }),
        (wasTold) => assert.ok(!wasTold || existsSync(path), `${words}: it was missing`),
      );
      assert.equal(typeof found.told, "boolean", `${words}: ${String(found.told)}`);
      if (found.told === true) {
        const bytes = await readBlob(collection.repository(place), blob.descriptor);
        assert.deepEqual(bytes, Buffer.from(blob.bytes), words);
      }
      for (const name of ["a/b", "c", "d"])
        await collection
          .repository(name)
          .deleteBlob(blob.descriptor.digest)
          .catch(() => {});
      return found;
    });
    assert.ok(told.has(true));
    // Who brings the bytes is never told that they are missing.
    if (act !== "push" && act !== "upload") assert.ok(told.has(false));
  });

test("who asks for a manifest is told the truth, and has all of it", async () => {
  const told = await inEveryOrder(async (order, number) => {
    const image = imageOf(`asked for ${number}`);
    const repository = collection.repository("a/b");
    await pushImage(repository, image);
    now += 3 * day;
    await settle();
    const { descriptor, bytes } = image.manifest;
    const found = await other.meet(
      { act: "resolve", content: descriptor, bytes, now },
      order,
      () => collection.collectGarbage({ untagged: true }),
      (wasTold) => assert.ok(!wasTold || existsSync(pathOf(image.manifest))),
    );
    if (found.told === true) {
      const words = JSON.stringify(order);
      assert.deepEqual(await repository.resolve(descriptor.digest), descriptor, words);
      for (const blob of image.blobs) assert.ok(existsSync(pathOf(blob)), words);
      await repository.deleteManifest(descriptor.digest);
    }
    now += 3 * day;
    await collection.collectGarbage();
    return found;
  });
  assert.ok(told.has(true) && told.has(false));
});

/** @returns all that was told */
async function inEveryOrder(
  tryOrder: (
    order: { at: number; count: number },
    number: number,
  ) => Promise<{ told: unknown; came: boolean; ended: boolean }>,
): Promise<Set<unknown>> {
  const told = new Set<unknown>();
  let number = 0;
  for (let at = 1, isThere = true; isThere; at += 1)
    for (let count = 1; ; count += 1) {
      const found = await tryOrder({ at, count }, (number += 1));
      told.add(found.told);
      isThere = found.came;
      if (!found.came || found.ended || count === 30) break;
    }
  return told;
}
