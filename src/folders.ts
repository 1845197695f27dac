/** Makes folders with their parents, one by one: Node's own way goes round for ever where the system makes none. */
import { mkdirSync, statSync } from "node:fs";
import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";

import { WharfError } from "./errors.ts";

/** Attempts where a parent was there a moment ago: others may remove it when it is empty. */
const attempts = 3;

/**
 * Makes a folder, parents included. Node's `recursive` never ends where the system has a folder, but makes none in it,
 * as in `/proc`.
 * @param mode permission bits of folders that are made
 * @returns paths of those that are new, the deepest first
 * @throws WharfError FILE_FAILED where a parent takes no folders; what else fails with the operating system's error
 */
export async function makeFolders(path: string, mode = 0o777): Promise<string[]> {
  const made: string[] = [];
  for (let left = attempts; ; left -= 1) {
    try {
      await mkdir(path, { mode });
      return [path, ...made];
    } catch (error) {
      if (!lacksParent(error, path)) {
        if ((await stat(path).catch(() => undefined))?.isDirectory()) return made;
        throw error;
      }
      if (left === 0) throw takesNone(path, error);
    }
    made.unshift(...(await makeFolders(dirname(path), mode)));
  }
}

/** As {@link makeFolders}, at once. */
export function makeFoldersSync(path: string, mode = 0o777): void {
  for (let left = attempts; ; left -= 1) {
    try {
      mkdirSync(path, { mode });
      return;
    } catch (error) {
      if (!lacksParent(error, path)) {
        if (isFolder(path)) return;
        throw error;
      }
      if (left === 0) throw takesNone(path, error);
    }
    makeFoldersSync(dirname(path), mode);
  }
}

function lacksParent(error: unknown, path: string): boolean {
  return (error as NodeJS.ErrnoException).code === "ENOENT" && dirname(path) !== path;
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function takesNone(path: string, cause: unknown): WharfError {
  const message = `${path}: cannot be made, ${dirname(path)} takes no folders`;
  return new WharfError("FILE_FAILED", message, { hint: "Name another folder.", cause });
}
