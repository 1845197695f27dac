/** Manifests that cost a pull, kept on the disk by digest: a plan and the copy after it, or two copies, pay once. */
import { readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeFolders } from "../folders.ts";
import type { Digest } from "../reference/descriptor.ts";
import { digestOf, parseDigest } from "../reference/digest.ts";
import { manifestLimit, parseManifest } from "../reference/manifest.ts";
import { cacheFolder } from "../store/disk/cacheFolder.ts";
import type { Manifest } from "../store/store.ts";

/** Where manifests are kept. */
export interface Shelf {
  get(digest: Digest): Promise<Manifest | undefined>;
  put(manifest: Manifest): Promise<void>;
}

export interface DiskShelf extends Shelf {
  /** Forgets what was not used for the longest, where there is too much. */
  close(): Promise<void>;
}

/** A shelf for one plan: its indexes, which are read twice. */
export function memoryShelf(): Shelf {
  const kept = new Map<Digest, Manifest>();
  return {
    get: async (digest) => kept.get(digest),
    async put(manifest) {
      if (kept.size < 64) kept.set(manifest.descriptor.digest, manifest);
    },
  };
}

/** Files; a manifest has some kilobytes, and never more than 4 MiB. */
const mostFiles = 2000;
const mostBytes = 64 * 1024 * 1024;

/**
 * Opens a shelf, which several processes may use at once. It is there to save pulls: where it cannot be read or written,
 * everything works without it. What is damaged is read anew.
 * @param folder @default manifests in the user's folder for caches
 */
export function openShelf(folder: string = join(cacheFolder(), "manifests")): DiskShelf {
  const fileOf = (digest: Digest) => join(folder, digest.replace(":", "-"));
  let written = false;
  return {
    async get(digest) {
      const { algorithm } = parseDigest(digest);
      const path = fileOf(digest);
      try {
        const { size } = await stat(path);
        if (size > manifestLimit) return undefined;
        const bytes = await readFile(path);
        if (digestOf(bytes, algorithm) !== digest) return undefined;
        const { mediaType } = parseManifest(bytes);
        const now = new Date();
        await utimes(path, now, now);
        return { descriptor: { mediaType, digest, size }, bytes };
      } catch {
        return undefined;
      }
    },
    async put({ descriptor: { digest, mediaType }, bytes }) {
      // What does not say its own type, and what is signed, would be read as something else.
      const { algorithm } = parseDigest(digest);
      if (digestOf(bytes, algorithm) !== digest || !saysType(bytes, mediaType)) return;
      const temporary = join(folder, `.${crypto.randomUUID()}`);
      written = true;
      try {
        await makeFolders(folder, 0o700);
        await writeFile(temporary, bytes, { mode: 0o600 });
        await rename(temporary, fileOf(digest));
      } catch {
        await rm(temporary, { force: true }).catch(() => {});
      }
    },
    async close() {
      if (written) await tidy(folder).catch(() => {});
    },
  };
}

function saysType(bytes: Uint8Array, mediaType: string): boolean {
  return parseManifest(bytes).mediaType === mediaType;
}

async function tidy(folder: string): Promise<void> {
  const names = await readdir(folder);
  const files = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      const { size, mtimeMs } = await stat(path);
      return { path, size, used: mtimeMs, temporary: name.startsWith(".") };
    }),
  );
  files.sort((a, b) => b.used - a.used);
  let bytes = 0;
  for (const [at, { path, size, used, temporary }] of files.entries()) {
    bytes += size;
    // A temporary file that old belongs to a process that was killed.
    const stale = used < Date.now() - 3_600_000;
    const surplus = at >= mostFiles || bytes > mostBytes;
    if (temporary ? stale : surplus) await rm(path, { force: true });
  }
}
