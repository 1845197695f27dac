/**
 * One more name for each blob of several layouts, by which they share bytes: a hard link. It only saves space: what a
 * layout holds it has under a name of its own, and nobody can read what is only here.
 */
import { stat } from "node:fs/promises";
import { join } from "node:path";

import type { Digest } from "../../reference/descriptor.ts";
import { parseDigest } from "../../reference/digest.ts";
import { diskError, failedWith } from "./failure.ts";
import { createFolder, linkFile, removeFile } from "./files.ts";

export class Pool {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Gives the shared blob the name `path`. One that has not the blob's size was cut short since it was shared, and is
   * forgotten: it must not take the place of bytes that have just been verified.
   * @returns false where that cannot be done, for whatever reason
   */
  async take(digest: Digest, path: string, size: number): Promise<boolean> {
    const shared = this.#path(digest);
    const found = await stat(shared).catch(() => undefined);
    if (found === undefined) return false;
    if (found.size === size) return tryLink(shared, path);
    await removeFile(shared);
    return false;
  }

  /** Shares the blob at `path`. */
  async give(digest: Digest, path: string): Promise<void> {
    const shared = this.#path(digest);
    if (await tryLink(path, shared)) return;
    const folder = join(shared, "..");
    if ((await stat(folder).catch(() => undefined)) !== undefined) return;
    await createFolder(folder);
    await tryLink(path, shared);
  }

  /** Forgets a blob that no layout has any more. */
  async drop(digest: Digest): Promise<void> {
    const path = this.#path(digest);
    const found = await stat(path).catch(() => undefined);
    // A layout that takes it just now keeps it: removing a name does not remove the file.
    if (found?.nlink === 1) await removeFile(path);
  }

  #path(digest: Digest): string {
    const { algorithm, encoded } = parseDigest(digest);
    return join(this.#folder, algorithm, encoded);
  }
}

/**
 * Links, unless it is there, or missing, has as many names as the file system allows, or the file system has no links.
 */
export async function tryLink(from: string, to: string): Promise<boolean> {
  const excuses = [
    "EEXIST",
    "ENOENT",
    "EMLINK",
    "EPERM",
    "EXDEV",
    "ENOTSUP",
    "EOPNOTSUPP",
    "ENOSYS",
  ];
  try {
    await linkFile(from, to);
    return true;
  } catch (error) {
    if (failedWith(error, ...excuses)) return false;
    throw diskError(error, to);
  }
}
