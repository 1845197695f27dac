/** Writes a file so that whoever reads it meets the old or the new content, whatever happens in between. */
import { randomUUID } from "node:crypto";
import { open, readlink, realpath, rename, unlink } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { isError, WharfError } from "../errors.ts";
import { makeFolders } from "../folders.ts";

/** Where a path leads when links are followed, also to a file that is not there yet. */
export async function followLinks(path: string): Promise<string> {
  let at = resolve(path);
  // As many as Linux follows.
  for (let links = 0; links < 40; links++) {
    try {
      return await realpath(at);
    } catch {
      const target = await readlink(at).catch(() => undefined);
      if (target === undefined) return at;
      at = resolve(dirname(at), target);
    }
  }
  return at;
}

/**
 * Replaces the content of a file that only its owner may read. The folder is made where it is missing.
 *
 * @param path without links, see {@link followLinks}
 * @throws WharfError FILE_FAILED, DISK_FULL
 */
export async function replacePrivateFile(path: string, content: string): Promise<void> {
  const folder = dirname(path);
  const draft = join(folder, `.${basename(path)}.${randomUUID()}`);
  try {
    await makePrivateFolder(folder);
    const file = await open(draft, "wx", 0o600);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
    await syncFolder(folder);
  } catch (error) {
    await unlink(draft).catch(() => {});
    throw notWritten(path, error);
  }
}

/**
 * Makes the folder of such a file where it is missing, for its owner alone.
 * @throws WharfError FILE_FAILED, DISK_FULL
 */
export async function makePrivateFolder(path: string): Promise<void> {
  try {
    await makeFolders(path, 0o700);
  } catch (error) {
    throw notWritten(path, error);
  }
}

function notWritten(path: string, error: unknown): WharfError {
  if (isError(error)) return error;
  const { code = "" } = error as NodeJS.ErrnoException;
  return new WharfError(
    code === "ENOSPC" || code === "EDQUOT" ? "DISK_FULL" : "FILE_FAILED",
    `${path} cannot be written (${code})`,
    { cause: error },
  );
}

/** Makes the rename last; a system that cannot sync a folder does so by itself. */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, "r");
    await handle.sync().finally(() => handle.close());
  } catch {
    return;
  }
}
