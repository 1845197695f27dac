/**
 * When somebody last relied on a blob being here: the time of modification of its file, which else means nothing, since
 * what a digest names never changes.
 *
 * A client that was told that a blob is here will not send it again, and names it in a manifest some time later. Who
 * collects garbage must know of that promise, also after a restart, also in another process. In a file's time it costs
 * one call of the system, no transaction and no wait for the disk; hard links share it, so that a blob which one
 * repository confirms stays a while longer in the others too. After kill -9 it is there; a power cut may take the last
 * seconds of it, but by then the client has lost its connection, and a manifest that names a missing blob is refused.
 */
import { lutimes } from "node:fs/promises";

import { diskError, failedWith } from "./failure.ts";
import { statRegular } from "./files.ts";
import { announce } from "./steps.ts";

/**
 * Milliseconds that a file's time may be behind the last confirmation, so that a thousand looks at one blob write its
 * time once. Whoever reads the time allows for it.
 */
export const confirmationLag = 60_000;

/** Milliseconds for which a confirmation does for the next; and again for as long in the memory of a process. */
export const confirmedFor = confirmationLag / 2;

/**
 * Notes that somebody relies on the file. It comes before the answer that it is there; where names are collected, a look
 * whether this one is about to go comes in between: see `turns.ts`.
 * @param now milliseconds since 1970
 * @returns the file's bytes; undefined where it is not there
 */
export async function confirmFile(path: string, now: number): Promise<number | undefined> {
  const found = await statRegular(path);
  if (found === undefined) return undefined;
  if (now - found.mtimeMs < confirmedFor) return found.size;
  return (await touchFile(path, now)) ? found.size : undefined;
}

/** Sets a file's time. @returns whether the file is there */
export async function touchFile(path: string, now: number): Promise<boolean> {
  const time = new Date(now);
  try {
    announce("touch", path);
    await lutimes(path, time, time);
    return true;
  } catch (error) {
    if (failedWith(error, "ENOENT", "ENOTDIR")) return false;
    // On a read-only disk nothing is collected; of another user's file only its owner can set the time.
    if (failedWith(error, "EROFS", "EPERM", "EACCES")) return true;
    throw diskError(error, path);
  }
}
