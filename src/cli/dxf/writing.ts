/** Commands of dxf that change something. */
import { sep } from "node:path";
import type { ByPlatform } from "../../blobstore/contents.ts";
import { hashFile } from "../../blobstore/pushable.ts";
import { sortedJson } from "../../blobstore/sortedJson.ts";
import type { BlobStore } from "../../blobstore/store.ts";
import { WharfError } from "../../errors.ts";
import type { Digest } from "../../reference/descriptor.ts";
import type { Bar } from "./bar.ts";
import { aliasIn, digestIn, type Session } from "./session.ts";

export async function pushBlob(session: Session): Promise<void> {
  const store = await session.store();
  const [file = "", alias] = session.words;
  const { signal } = session.call;
  let bar: Bar | undefined;
  const pushing = store.pushBlob(file, {
    signal,
    onProgress(done, size = 0, known = "") {
      bar ??= session.bar(known, size);
      bar?.update(done);
    },
  });
  // What went wrong stands below it.
  const digest = await pushing.finally(() => bar?.end());
  await named(session, store, digest, alias);
}

export async function mountBlob(session: Session): Promise<void> {
  const store = await session.store();
  const [from = "", digest = "", alias] = session.words;
  await store.mountBlob(from, digest, session.options);
  await named(session, store, digest, alias);
}

/** Gives a blob its name, and prints its digest when all is done. */
async function named(session: Session, store: BlobStore, digest: Digest, word?: string) {
  if (word !== undefined) await store.setAlias(aliasIn(word) ?? word, digest, session.options);
  await session.print([digest]);
}

export async function setAlias(session: Session): Promise<void> {
  const store = await session.store();
  const { options, call } = session;
  const [alias = "", ...words] = session.words;
  const digests: Digest[] = [];
  for (const word of words)
    digests.push(word.includes(sep) ? await hashFile(word, options) : digestIn(word));
  await call.output.write(await store.setAlias(alias, digests, options));
}

export async function deleteAlias(session: Session): Promise<void> {
  const store = await session.store();
  const lines: string[] = [];
  for (const alias of session.words) {
    const gone = await store.deleteAlias(alias, session.options);
    if (isList(gone)) lines.push(...gone);
    else lines.push(sortedJson(gone));
  }
  await session.print(lines);
}

const isList = (value: Digest[] | ByPlatform<unknown>): value is Digest[] => Array.isArray(value);

/** Names go first: an alias of blobs that are gone would be worse than blobs without an alias. */
export async function deleteBlob(session: Session): Promise<void> {
  const store = await session.store();
  const { words, options } = session;
  const { signal } = options;
  const wanted: (Digest[] | ByPlatform<Digest>)[] = [];
  if (words.length === 0) wanted.push(await blobsInInput(session, store));
  for (const word of words) {
    const alias = aliasIn(word);
    if (alias === undefined) wanted.push([digestIn(word)]);
    else if (session.call.flags["keep-alias"]) wanted.push(await blobsBehind(store, alias, signal));
    else wanted.push(await store.deleteAlias(alias, { signal }));
  }
  for (const blobs of wanted) {
    if (isList(blobs)) await deleteAll(store, blobs, signal);
    else
      for (const child of Object.values(blobs)) {
        const layers = await store.deleteAlias(child, { signal });
        if (isList(layers)) await deleteAll(store, layers, signal);
      }
  }
}

/** A layer may occur twice in an image, and in those of two platforms. */
async function deleteAll(store: BlobStore, blobs: readonly Digest[], signal: AbortSignal) {
  for (const digest of new Set(blobs)) await store.deleteBlob(digest, { signal });
}

async function blobsBehind(store: BlobStore, alias: string, signal: AbortSignal) {
  const found = await store.getAlias(alias, { signal });
  return isList(found) ? found : Object.values(found).flat();
}

/** @throws WharfError UNSUPPORTED for an index: its manifests would stay, and name what is gone */
async function blobsInInput(session: Session, store: BlobStore): Promise<Digest[]> {
  const found = await store.getAlias(await session.manifest(), { signal: session.options.signal });
  if (isList(found)) return found;
  throw new WharfError("UNSUPPORTED", "Standard input holds an index, not one manifest", {
    hint: "Delete by alias: wharf dxf del-blob REPO @ALIAS.",
  });
}
