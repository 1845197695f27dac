/**
 * Locks between processes. Node has no flock; SQLite's write lock on an empty database is one, works on every system that
 * SQLite does, and is freed by the system when its holder is killed.
 */
import { closeSync, lstatSync, openSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import { interrupted, WharfError } from "../../errors.ts";
import type { Cancellable } from "../../http/bytes.ts";
import { diskError, failedWith } from "./failure.ts";
import { notRegular, removeFile } from "./files.ts";
import { databaseError, isBusy, openDatabase } from "./sqlite.ts";
import type { Database } from "./sqlite.ts";

/** A lock that is held. */
export interface Lock {
  /** Frees it, and removes its file. */
  release(): Promise<void>;
}

/** Milliseconds that we wait for another holder. What is done under a lock takes milliseconds, so this means it hangs. */
const patience = 30_000;

/**
 * Takes the lock whose file is `path`, as soon as nobody holds it.
 * @throws WharfError LOCKED after 30 s, INTERRUPTED
 */
export async function takeLock(path: string, { signal }: Cancellable = {}): Promise<Lock> {
  const deadline = performance.now() + patience;
  for (let wait = 1; ; wait = Math.min(wait * 2, 20)) {
    if (signal?.aborted) throw interrupted(signal);
    const lock = tryLock(path);
    if (lock !== undefined) return lock;
    if (performance.now() > deadline) {
      throw new WharfError("LOCKED", `${path}: another process holds it`);
    }
    // Random, so that those who wait do not come back all at once.
    await sleep(wait * (0.5 + Math.random()), undefined, signal && { signal }).catch(() => {});
  }
}

/**
 * Takes the lock if nobody holds it. The folder must exist.
 *
 * A holder removes the file before it lets go. Who opened the file before that, and locks it after, holds a lock that
 * nobody else can see; therefore the name must still lead to the same file once the lock is taken.
 */
export function tryLock(path: string): Lock | undefined {
  const file = identify(path) ?? createLockFile(path);
  const database = openDatabase(path);
  try {
    database.exec("PRAGMA journal_mode = MEMORY; BEGIN IMMEDIATE");
    if (file !== undefined && identify(path) === file) {
      return { release: () => release(database, path) };
    }
    database.close();
    return undefined;
  } catch (error) {
    database.close();
    if (isBusy(error)) return undefined;
    throw databaseError(error, path);
  }
}

async function release(database: Database, path: string): Promise<void> {
  try {
    await removeFile(path);
  } finally {
    database.close();
  }
}

/** @returns undefined where another process was faster */
function createLockFile(path: string): string | undefined {
  try {
    closeSync(openSync(path, "wx"));
  } catch (error) {
    if (!failedWith(error, "EEXIST")) throw diskError(error, path);
  }
  return identify(path);
}

/** Which file a name leads to. The time of birth tells apart files that got the same number one after the other. */
function identify(path: string): string | undefined {
  try {
    const found = lstatSync(path, { bigint: true });
    if (!found.isFile()) throw notRegular(path);
    return `${found.ino} ${found.birthtimeNs}`;
  } catch (error) {
    if (failedWith(error, "ENOENT", "ENOTDIR")) return undefined;
    throw diskError(error, path);
  }
}
