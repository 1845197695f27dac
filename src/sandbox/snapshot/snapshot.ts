/** A sandbox as one SQLite file: its rows, and the content of its repositories, each blob once. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { WharfError } from "../../errors.ts";
import type { Descriptor, Digest } from "../../reference/descriptor.ts";
import { isIndexType } from "../../reference/manifest.ts";
import type { Repository } from "../../store/store.ts";
import type { Shelves } from "../registry/shelves.ts";
import { State } from "../state/state.ts";
import { leaveWaiting, readBlob, store, type StoredImage, storeImage } from "../state/stored.ts";
import { checkRows } from "./sound.ts";

/** What SQLite's files begin with. */
const magic = "SQLite format 3\0";

/** Whether these are a snapshot, as far as their beginning tells. */
export function isSnapshot(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, magic.length)).toString("latin1") === magic;
}

/** @returns a file that {@link restoreSnapshot} takes */
export async function takeSnapshot(state: State, shelves: Shelves): Promise<Uint8Array> {
  return within(async (file) => {
    state.saveTo(file);
    if (hasPlaced(state, shelves)) {
      const copy = new State(file, "copy");
      try {
        await keepContent(copy, shelves);
      } finally {
        copy.close();
      }
    }
    return readFile(file);
  });
}

/** Makes everything as it was. @throws WharfError LAYOUT_INVALID for what is no snapshot */
export async function restoreSnapshot(
  state: State,
  shelves: Shelves,
  snapshot: Uint8Array,
): Promise<void> {
  if (!isSnapshot(snapshot))
    throw new WharfError("LAYOUT_INVALID", "this is no snapshot of a sandbox");
  await within(async (file) => {
    await writeFile(file, snapshot, { mode: 0o600 });
    state.checkFile(file);
    await shelves.move((enter) =>
      state.loadFrom(file, () => {
        checkRows(state);
        enter();
      }),
    );
  });
}

function hasPlaced(state: State, shelves: Shelves): boolean {
  return repositoriesOf(state).some(({ path }) => !shelves.isWaiting(path));
}

/** Writes what the registry has of each repository beside the rows, so that it waits there after a restore. */
async function keepContent(copy: State, shelves: Shelves): Promise<void> {
  for (const { id, path } of repositoriesOf(copy)) {
    if (shelves.isWaiting(path)) continue;
    const manifests = copy.all<ManifestRow>(
      "SELECT digest, media_type, blobs FROM manifests WHERE repository = ?",
      id,
    );
    if (manifests.length === 0) continue;
    const image = await keepBytes(copy, shelves.bare(path), manifests);
    const there = new Set<string>(image.manifests.map(({ digest }) => digest));
    const tags = copy
      .all<{ name: string; digest: string }>(
        "SELECT name, digest FROM tags WHERE repository = ?",
        id,
      )
      .filter(({ digest }) => there.has(digest));
    const name = `content of ${path}`;
    storeImage(copy, name, image);
    leaveWaiting(
      copy,
      path,
      [name],
      tags.map((tag) => [tag.name, tag.digest]),
    );
  }
}

interface ManifestRow {
  readonly digest: Digest;
  readonly media_type: string;
  /** JSON: digests and sizes. */
  readonly blobs: string;
}

/** Writes manifests and blobs of a repository. @returns those that are there still */
async function keepBytes(
  copy: State,
  repository: Repository,
  rows: readonly ManifestRow[],
): Promise<StoredImage> {
  const manifests: Descriptor[] = [];
  const ordered = [false, true].flatMap((indexes) =>
    rows.filter(({ media_type }) => isIndexType(media_type) === indexes),
  );
  for (const { digest } of ordered) {
    const manifest = await repository.fetchManifest(digest).catch(() => undefined);
    if (!manifest) continue;
    store(copy, digest, manifest.bytes);
    manifests.push(manifest.descriptor);
  }
  const blobs: Descriptor[] = [];
  const known = rows.flatMap((row) => JSON.parse(row.blobs) as { digest: Digest; size: number }[]);
  for (const { digest, size } of new Map(known.map((blob) => [blob.digest, blob])).values()) {
    const descriptor = { mediaType: "application/octet-stream", digest, size };
    const bytes = await read(repository, descriptor);
    if (!bytes) continue;
    store(copy, digest, bytes);
    blobs.push(descriptor);
  }
  return { manifests, blobs };
}

/** What was deleted meanwhile is undefined. */
async function read(repository: Repository, blob: Descriptor): Promise<Uint8Array | undefined> {
  if (!(await repository.statBlob(blob.digest))) return undefined;
  return readBlob(repository, blob);
}

function repositoriesOf(state: State): { id: number; path: string }[] {
  return state.all(
    "SELECT r.id, a.name || '/' || r.name AS path FROM repositories r JOIN accounts a ON a.number = owner",
  );
}

async function within<Result>(work: (file: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), "wharf-sandbox-"));
  try {
    return await work(join(folder, "snapshot.db"));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
