/** Keeps two of us from changing the same file at once. Docker and podman do not lock theirs, so this is among ourselves. */
import { randomUUID } from "node:crypto";
import { open, readFile, stat, unlink } from "node:fs/promises";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { interrupted, WharfError } from "../errors.ts";
import type { Cancellable } from "../http/bytes.ts";

export interface LockOptions extends Cancellable {
  /** Milliseconds to wait for another. @default 10 000 */
  readonly timeout?: number;
}

// The lock is held while a file of some kilobytes is read and written: whoever holds it longer has died on another machine.
const staleAfter = 30_000;
const pollEvery = 25;

/**
 * Runs `work` while no other process of ours does so for the same file. The lock is a file beside it, which names its
 * owner; that of a process that has died is removed.
 * @throws WharfError LOCKED, INTERRUPTED, FILE_FAILED
 */
export async function withLock<T>(
  path: string,
  work: () => Promise<T>,
  { signal, timeout = 10_000 }: LockOptions = {},
): Promise<T> {
  const lock = `${path}.wharf-lock`;
  const owner = JSON.stringify({ pid: process.pid, host: hostname(), id: randomUUID() });
  const deadline = performance.now() + timeout;
  while (!(await create(lock, owner))) {
    if (signal?.aborted) throw interrupted(signal);
    if (performance.now() > deadline) {
      throw new WharfError("LOCKED", `${path} is being changed by another process`, {
        hint: `If none is running, remove ${lock}.`,
      });
    }
    if (!(await removeStale(lock))) {
      await sleep(pollEvery, undefined, signal && { signal }).catch(() => {});
    }
  }
  try {
    return await work();
  } finally {
    if ((await read(lock))?.owner === owner) await unlink(lock).catch(() => {});
  }
}

async function create(path: string, content: string): Promise<boolean> {
  try {
    const file = await open(path, "wx", 0o600);
    try {
      await file.writeFile(content);
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return false;
    throw new WharfError("FILE_FAILED", `${path} cannot be made (${code})`, { cause: error });
  }
}

/**
 * Removes a lock whose owner is gone. Only one process at a time may do so (a second lock guards that), for else
 * the slower of two would remove the lock that the faster has just taken.
 */
async function removeStale(lock: string): Promise<boolean> {
  const seen = await read(lock);
  if (seen === undefined) return true;
  if (!isStale(seen)) return false;
  const guard = `${lock}.stale`;
  const other = await read(guard);
  if (other !== undefined && isStale(other)) await unlink(guard).catch(() => {});
  if (!(await create(guard, seen.owner))) return false;
  try {
    if ((await read(lock))?.owner === seen.owner) await unlink(lock).catch(() => {});
    return true;
  } finally {
    await unlink(guard).catch(() => {});
  }
}

interface Held {
  readonly owner: string;
  /** Milliseconds. */
  readonly age: number;
}

async function read(path: string): Promise<Held | undefined> {
  try {
    const [owner, { mtimeMs }] = await Promise.all([readFile(path, "utf8"), stat(path)]);
    return { owner, age: Date.now() - mtimeMs };
  } catch {
    return undefined;
  }
}

function isStale({ owner, age }: Held): boolean {
  if (age > staleAfter) return true;
  try {
    const { pid, host } = JSON.parse(owner) as { pid?: unknown; host?: unknown };
    return typeof pid === "number" && host === hostname() && !isAlive(pid);
  } catch {
    return false; // just made, not yet written
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
