/** Changes to files and folders, each announced, each failing with an error that names the path. */
import { closeSync, constants, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import type { Stats } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { link, lstat, open, rename, rm, rmdir } from "node:fs/promises";
import { dirname } from "node:path";

import { WharfError } from "../../errors.ts";
import { makeFolders } from "../../folders.ts";
import { diskError, failedWith } from "./failure.ts";
import { announce } from "./steps.ts";

/** Creates a file that is not there yet. */
export async function createFile(path: string): Promise<FileHandle> {
  return attempt(path, () => {
    announce("create", path);
    return open(path, "wx");
  });
}

/** Makes a file's bytes survive a power cut. */
export async function syncFile(handle: FileHandle, path: string): Promise<void> {
  await attempt(path, () => {
    announce("sync", path);
    return handle.datasync();
  });
}

/** Makes a folder's names survive a power cut. */
export async function syncFolder(path: string): Promise<void> {
  await attempt(path, async () => {
    announce("sync", path);
    const handle = await open(path, constants.O_RDONLY);
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  });
}

export async function renameFile(from: string, to: string): Promise<void> {
  await attempt(to, () => {
    announce("rename", to);
    return rename(from, to);
  });
}

/** Writes a new file and moves it to its place, without waiting for the disk. */
export function putFile(chunks: readonly Uint8Array[], temporary: string, path: string): void {
  try {
    announce("create", temporary);
    const file = openSync(temporary, "wx");
    try {
      announce("write", temporary);
      for (const chunk of chunks) writeFileSync(file, chunk);
    } finally {
      closeSync(file);
    }
    announce("rename", path);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw diskError(error, path);
  }
}

/** Gives a file another name. Fails with the operating system's error, since callers tell its codes apart. */
export async function linkFile(from: string, to: string): Promise<void> {
  announce("link", to);
  await link(from, to);
}

/** @returns whether the file was there */
export async function removeFile(path: string): Promise<boolean> {
  return attempt(path, async () => {
    announce("remove", path);
    try {
      await rm(path);
      return true;
    } catch (error) {
      if (failedWith(error, "ENOENT")) return false;
      throw error;
    }
  });
}

/** Removes a folder if it is empty. */
export async function removeEmptyFolder(path: string): Promise<void> {
  announce("remove", path);
  await rmdir(path).catch(() => {});
}

export interface CreateFolderOptions {
  /** Whether each name that is new is to survive a power cut. @default true */
  readonly durable?: boolean;
  /** Permission bits of folders that are made. @default what the process's mask allows */
  readonly mode?: number;
}

/**
 * Creates a folder, parents included.
 * @throws WharfError FILE_FAILED, DISK_FULL
 */
export async function createFolder(
  path: string,
  { durable = true, mode = 0o777 }: CreateFolderOptions = {},
): Promise<void> {
  await attempt(path, async () => {
    announce("create", path);
    const made = await makeFolders(path, mode);
    if (durable) for (const folder of made) await syncFolder(dirname(folder));
  });
}

/**
 * Opens a file for reading, but only if it is one: no symbolic link that leads elsewhere, no pipe that would block.
 * @returns undefined where nothing is there
 * @throws WharfError LAYOUT_INVALID where it is something else
 */
export async function openRegular(
  path: string,
): Promise<{ handle: FileHandle; size: number } | undefined> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  let handle: FileHandle;
  try {
    handle = await open(path, flags);
  } catch (error) {
    if (failedWith(error, "ENOENT", "ENOTDIR")) return undefined;
    if (failedWith(error, "ELOOP", "EMLINK", "ENXIO")) throw notRegular(path);
    throw diskError(error, path);
  }
  try {
    const found = await handle.stat();
    if (!found.isFile()) throw notRegular(path);
    return { handle, size: found.size };
  } catch (error) {
    await handle.close();
    throw diskError(error, path);
  }
}

/** What is known of a file, by the rules of {@link openRegular}; undefined where nothing is there. */
export async function statRegular(path: string): Promise<Stats | undefined> {
  try {
    const found = await lstat(path);
    if (!found.isFile()) throw notRegular(path);
    return found;
  } catch (error) {
    if (failedWith(error, "ENOENT", "ENOTDIR")) return undefined;
    throw diskError(error, path);
  }
}

/** Bytes of a file, by the rules of {@link openRegular}; undefined where nothing is there. */
export async function sizeOfRegular(path: string): Promise<number | undefined> {
  return (await statRegular(path))?.size;
}

async function attempt<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw diskError(error, path);
  }
}

/** The error for a link, a device or a folder in place of a file. */
export function notRegular(path: string): WharfError {
  return new WharfError("LAYOUT_INVALID", `${path}: is not a regular file`, {
    hint: "Links and devices in place of content are not followed; replace it by the file.",
  });
}
