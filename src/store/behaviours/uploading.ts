/** Uploads in pieces, and mounts. */
import assert from "node:assert/strict";

import { absent, contentOf, noise, readBlob } from "./content.ts";
import { behaviour, pushContent, refuses } from "./trial.ts";
import type { Trial } from "./trial.ts";

const blob = contentOf(noise(50_000, "uploaded"));
const { digest } = blob.descriptor;
const needs = ["createUpload", "openUpload", "statBlob", "fetchBlob"] as const;

async function* body(start: number, end: number) {
  for (let from = start; from < end; from += 3000) {
    yield blob.bytes.slice(from, Math.min(from + 3000, end));
  }
}

export function uploading(trial: Trial): void {
  behaviour(trial, "a blob comes in pieces", needs, [], async (s) => {
    const upload = await s.createUpload();
    assert.equal(upload.size, 0);
    assert.equal(await upload.append(body(0, 20_000)), 20_000);
    assert.equal(await upload.append(body(20_000, 50_000), { offset: 20_000 }), 50_000);
    assert.equal(await s.statBlob(digest), undefined);
    const stored = await upload.commit(digest);
    assert.equal(stored.digest, digest);
    assert.equal(stored.size, 50_000);
    assert.deepEqual(await readBlob(s, blob.descriptor), Buffer.from(blob.bytes));
    await refuses(s.openUpload(upload.id), "UPLOAD_UNKNOWN");
  });

  behaviour(trial, "an upload is resumed by its id", needs, [], async (s) => {
    const { id } = await s.createUpload();
    await (await s.openUpload(id)).append(body(0, 10));
    const resumed = await s.openUpload(id);
    assert.equal(resumed.size, 10);
    await resumed.append(body(10, 50_000));
    await (await s.openUpload(id)).commit(digest);
    assert.equal((await s.statBlob(digest))?.size, 50_000);
  });

  behaviour(
    trial,
    "a piece from the wrong offset is refused, and changes nothing",
    needs,
    [],
    async (s) => {
      const upload = await s.createUpload();
      await upload.append(body(0, 1000));
      for (const offset of [0, 999, 1001]) {
        await refuses(upload.append(body(offset, 2000), { offset }), "UPLOAD_INVALID");
      }
      assert.equal(upload.size, 1000);
      await upload.append(body(1000, 50_000), { offset: 1000 });
      await upload.commit(digest);
    },
  );

  behaviour(trial, "a body that breaks keeps what came", needs, [], async (s) => {
    const upload = await s.createUpload();
    async function* broken() {
      yield* body(0, 12_000);
      throw new Error("the body broke");
    }
    await assert.rejects(upload.append(broken()), /the body broke/);
    assert.equal(upload.size, 12_000);
    assert.equal((await s.openUpload(upload.id)).size, 12_000);
    await upload.append(body(12_000, 50_000), { offset: 12_000 });
    await upload.commit(digest);
    assert.deepEqual(await readBlob(s, blob.descriptor), Buffer.from(blob.bytes));
  });

  behaviour(trial, "an upload of other bytes is not stored, and is gone", needs, [], async (s) => {
    const upload = await s.createUpload();
    await upload.append(body(0, 100));
    await refuses(upload.commit(digest), "DIGEST_MISMATCH");
    assert.equal(await s.statBlob(digest), undefined);
    await refuses(s.openUpload(upload.id), "UPLOAD_UNKNOWN");
  });

  behaviour(trial, "an empty upload is the empty blob", needs, [], async (s) => {
    const empty = contentOf("");
    const upload = await s.createUpload();
    await upload.commit(empty.descriptor.digest);
    assert.equal((await s.statBlob(empty.descriptor.digest))?.size, 0);
  });

  behaviour(trial, "an upload may end with a sha512 digest", needs, [], async (s) => {
    const strong = contentOf(blob.bytes, blob.descriptor.mediaType, "sha512");
    for (const options of [{}, { algorithm: "sha512" }]) {
      const upload = await s.createUpload(options);
      await upload.append(body(0, 50_000));
      await upload.commit(strong.descriptor.digest);
    }
    assert.deepEqual(await readBlob(s, strong.descriptor), Buffer.from(blob.bytes));
  });

  behaviour(trial, "a cancelled upload is gone", needs, [], async (s) => {
    const upload = await s.createUpload();
    await upload.append(body(0, 100));
    await upload.cancel();
    await refuses(s.openUpload(upload.id), "UPLOAD_UNKNOWN");
  });

  behaviour(trial, "an id that was never given is not known", needs, [], async (s) => {
    for (const id of ["nobody", "../../etc/passwd", "", ".", "a/b", "0".repeat(32)]) {
      await refuses(s.openUpload(id), "UPLOAD_UNKNOWN");
    }
  });

  behaviour(trial, "two pieces at once are not mixed", needs, [], async (s) => {
    const upload = await s.createUpload();
    const outcomes = await Promise.allSettled([
      upload.append(body(0, 50_000), { offset: 0 }),
      upload.append(body(0, 50_000), { offset: 0 }),
    ]);
    assert.deepEqual(outcomes.map(({ status }) => status).toSorted(), ["fulfilled", "rejected"]);
    await upload.commit(digest);
    assert.deepEqual(await readBlob(s, blob.descriptor), Buffer.from(blob.bytes));
  });
}

export function mounting(trial: Trial): void {
  const mounts = ["canMount", "mountBlob", "statBlob", "pushBlob", "fetchBlob"] as const;

  behaviour(
    trial,
    "a blob is readable only where it was pushed or mounted",
    mounts,
    [],
    async (s, sibling) => {
      if (sibling === undefined) return;
      await pushContent(s, blob);
      assert.equal(await sibling.statBlob(digest), undefined);
      await refuses(readBlob(sibling, blob.descriptor), "BLOB_NOT_FOUND");
      assert.ok(sibling.canMount(s));
      assert.equal(await sibling.mountBlob(blob.descriptor, s), true);
      assert.deepEqual(await readBlob(sibling, blob.descriptor), Buffer.from(blob.bytes));
    },
  );

  behaviour(
    trial,
    "what the other store lacks cannot be mounted",
    mounts,
    [],
    async (s, sibling) => {
      if (sibling === undefined) return;
      assert.equal(await sibling.mountBlob({ ...blob.descriptor, digest: absent }, s), false);
      assert.equal(await sibling.statBlob(absent), undefined);
    },
  );

  behaviour(trial, "nothing is mounted from a stranger", mounts, [], async (s) => {
    assert.equal(s.canMount({}), false);
    assert.equal(await s.mountBlob(blob.descriptor, {}), false);
  });
}
