/** SQLite, loaded when it is first used. */
import type { DatabaseSync } from "node:sqlite";

import { WharfError } from "../../errors.ts";
import { diskError } from "./failure.ts";

export type Database = DatabaseSync;

let constructor: typeof DatabaseSync | undefined;

/**
 * Opens a database. It never waits for a lock of another process, which would stop this one: see {@link isBusy}.
 * @throws WharfError FILE_FAILED, DISK_FULL, LAYOUT_INVALID
 */
export function openDatabase(path: string): Database {
  constructor ??= load();
  try {
    return new constructor(path, { timeout: 0 });
  } catch (error) {
    throw databaseError(error, path);
  }
}

/** Whether another process holds the lock. */
export function isBusy(error: unknown): boolean {
  return primaryCode(error) === 5;
}

/** The error for a failed statement. Numbers: SQLite's "Result and Error Codes". */
export function databaseError(error: unknown, path: string): WharfError {
  switch (primaryCode(error)) {
    case 5:
      return new WharfError("LOCKED", `${path}: another process holds it`, { cause: error });
    case 11:
    case 26:
      return new WharfError("LAYOUT_INVALID", `${path}: the database is damaged`, {
        cause: error,
        hint: "Move it away: it is made anew from the layouts beside it.",
      });
    case 13:
      return new WharfError("DISK_FULL", `${path}: no space left on the disk`, { cause: error });
    case undefined:
      return diskError(error, path);
    default:
      return new WharfError("FILE_FAILED", `${path}: ${(error as Error).message}`, {
        cause: error,
      });
  }
}

function primaryCode(error: unknown): number | undefined {
  const code = (error as { errcode?: number } | undefined)?.errcode;
  return code === undefined ? undefined : code & 0xff;
}

/**
 * Node 22 warns on stderr that SQLite is experimental, once, when the module is loaded. What we use of it has not changed
 * since; that one warning is held back, all others pass.
 */
function load(): typeof DatabaseSync {
  const { emitWarning } = process;
  process.emitWarning = ((warning: string | Error, ...rest: never[]) => {
    if (String(warning).includes("SQLite")) return;
    emitWarning.call(process, warning, ...rest);
  }) as typeof emitWarning;
  try {
    return process.getBuiltinModule("node:sqlite").DatabaseSync;
  } finally {
    process.emitWarning = emitWarning;
  }
}
