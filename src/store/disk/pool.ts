/**
 * One more name for each blob of several layouts, by which they share bytes: a hard link. It only saves space: what a
 * layout holds it has under a name of its own, and nobody can read what is only here.
 */
import { lstatSync } from "node:fs";
import { lstat } from "node:fs/promises";
import { join } from "node:path";

import type { Digest } from "../../reference/descriptor.ts";
import { parseDigest } from "../../reference/digest.ts";
import { touchFile } from "./confirmation.ts";
import { createFolder, removeFile } from "./files.ts";
import { sameBytes } from "./sameBytes.ts";
import { tryLink, tryLinkNow } from "./tryLink.ts";

/** A finished file whose bytes have just been verified. */
export interface VerifiedFile {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

/** A blob of the pool that somebody relies on by now. */
export interface SharedBlob {
  /** Gives it that name, too. @returns false where that cannot be done, for whatever reason */
  giveName(path: string): boolean;
}

export class Pool {
  readonly folder: string;

  /** @param folder it need not exist yet */
  constructor(folder: string) {
    this.folder = folder;
  }

  /** Where the shared name of a blob is, or would be. @throws WharfError DIGEST_INVALID */
  path(digest: Digest): string {
    const { algorithm, encoded } = parseDigest(digest);
    return join(this.folder, algorithm, encoded);
  }

  /**
   * The shared blob, to be used in place of a file whose bytes have just been verified.
   *
   * The shared bytes were verified too, but perhaps years ago; a disk or a stray program may have changed them since. They
   * must not win over bytes that are known to be good, or a damaged blob could never be mended by pushing it again. So both
   * are compared, which takes one read of the disk: less than receiving, hashing and writing the same bytes took just
   * before. To hash the shared ones would take more; to let the new ones win unseen would store each blob as often as
   * it is pushed. What differs is forgotten here, and the verified file takes its place; repositories that have the
   * damaged one under a name of their own keep it until they are checked (`garbage/verify.ts`).
   *
   * @param now milliseconds since 1970
   * @returns undefined where there is none, or none that is good
   */
  async find(digest: Digest, verified: VerifiedFile, now: number): Promise<SharedBlob | undefined> {
    const shared = this.path(digest);
    const found = await lstat(shared).catch(() => undefined);
    if (found === undefined) return undefined;
    const isSame =
      found.isFile() && found.size === verified.size && (await sameBytes(verified.path, shared));
    if (!isSame) {
      await removeFile(shared);
      return undefined;
    }
    // Confirmed first, so that nobody sees it under the new name as one that was not relied on for long.
    await touchFile(shared, now);
    return {
      giveName: (path) =>
        tryLinkNow(shared, path) || lstatSync(path, { throwIfNoEntry: false })?.ino === found.ino,
    };
  }

  /** Shares the blob at `path`. */
  async give(digest: Digest, path: string): Promise<void> {
    const shared = this.path(digest);
    if (await tryLink(path, shared)) return;
    const folder = join(shared, "..");
    if ((await lstat(folder).catch(() => undefined)) !== undefined) return;
    await createFolder(folder);
    await tryLink(path, shared);
  }

  /** Forgets a blob that no layout has any more. @returns whether it was such a one, so that its bytes are freed */
  async drop(digest: Digest): Promise<boolean> {
    const path = this.path(digest);
    const found = await lstat(path).catch(() => undefined);
    // A layout that takes it just now keeps it: removing a name does not remove the file.
    return found?.nlink === 1 && (await removeFile(path));
  }
}
