/** Files that are not finished yet, each process's apart, and what became of those whose process died. */
import { randomBytes } from "node:crypto";
import type { Dirent } from "node:fs";
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";

import { WharfError } from "../../errors.ts";
import { diskError, failedWith } from "./failure.ts";
import { createFolder, removeEmptyFolder, removeFile, renameFile } from "./files.ts";
import { tryLock } from "./lock.ts";
import type { Lock } from "./lock.ts";

const lockName = "lock";
/** Only what has such a name is ours to take or remove. */
const folderPattern = /^[0-9a-f]{16}$/;
const partPattern = /^[0-9a-f]{16}\.part$/;

/**
 * A folder of our own below `root`, on the same file system as what is made in it, so that finished files are renamed to
 * their place. A lock in it is held as long as we live; a folder whose lock is free belongs to nobody any more.
 */
export class Workspace {
  readonly #root: string;
  readonly #folder: string;
  readonly #lock: Lock;

  /**
   * Opens a folder of our own, and cleans up after those that died.
   * @param keep names of files of the dead that are moved here; the others are removed
   * @param options.durable whether files here are to survive a power cut
   * @throws WharfError LAYOUT_INVALID where `root` is a link: what lies behind it is not ours to clean up
   */
  static async open(
    root: string,
    keep: (name: string) => boolean = () => false,
    options: { readonly durable?: boolean } = {},
  ) {
    for (let attempt = 0; attempt < 10; attempt++) {
      const folder = join(root, randomBytes(8).toString("hex"));
      await checkRoot(root);
      await createFolder(folder, options);
      const lock = claim(folder);
      // Somebody who cleans up may take the folder for a dead one until its lock is held.
      if (lock === undefined) continue;
      const workspace = new Workspace(root, folder, lock);
      try {
        await workspace.adopt(keep);
        return workspace;
      } catch (error) {
        await workspace.close();
        throw error;
      }
    }
    throw new WharfError("LOCKED", `${root}: no folder for temporary files could be made`);
  }

  constructor(root: string, folder: string, lock: Lock) {
    this.#root = root;
    this.#folder = folder;
    this.#lock = lock;
  }

  /** Where a file of that name is, or would be; without a name, a new temporary one. */
  path(name = `${randomBytes(8).toString("hex")}.part`): string {
    return join(this.#folder, name);
  }

  /** Names of the files here. */
  async list(): Promise<string[]> {
    const found = await entries(this.#folder);
    return found.map(({ name }) => name).filter((name) => name !== lockName);
  }

  /** Takes over from those that died what `keep` wants, and removes what they had not finished. */
  async adopt(keep: (name: string) => boolean = () => false): Promise<void> {
    for (const entry of await entries(this.#root)) {
      const folder = join(this.#root, entry.name);
      if (folder === this.#folder || !entry.isDirectory() || !folderPattern.test(entry.name))
        continue;
      const lock = claim(folder);
      if (lock === undefined) continue;
      try {
        for (const { name } of await entries(folder)) {
          if (keep(name)) await renameFile(join(folder, name), this.path(name));
          else if (partPattern.test(name)) await removeFile(join(folder, name));
        }
      } finally {
        await lock.release();
      }
      await removeEmptyFolder(folder);
    }
  }

  /** Lets go. Files that are still here are left to whoever adopts them. */
  async close(): Promise<void> {
    await this.#lock.release();
    await removeEmptyFolder(this.#folder);
    await removeEmptyFolder(this.#root);
  }
}

/** The lock of a folder; undefined where it is held, or the folder is gone or none. */
function claim(folder: string): Lock | undefined {
  try {
    return tryLock(join(folder, lockName));
  } catch (error) {
    const cause = (error as Error).cause;
    if (failedWith(cause, "ENOENT", "ENOTDIR")) return undefined;
    throw error;
  }
}

/** @throws WharfError LAYOUT_INVALID where it is there, but no folder */
async function checkRoot(path: string): Promise<void> {
  const found = await lstat(path).catch((error: unknown) => {
    if (failedWith(error, "ENOENT")) return undefined;
    throw diskError(error, path);
  });
  if (found === undefined || found.isDirectory()) return;
  throw new WharfError("LAYOUT_INVALID", `${path}: is no folder of ours`, {
    hint: "Remove what is there; the folder is made when something is written.",
  });
}

async function entries(folder: string): Promise<Dirent[]> {
  return readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    if (failedWith(error, "ENOENT")) return [];
    throw diskError(error, folder);
  });
}
