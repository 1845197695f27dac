/** Hard links, where they can be had. */
import { linkSync } from "node:fs";

import { diskError, failedWith } from "./failure.ts";
import { linkFile } from "./files.ts";
import { announce } from "./steps.ts";

const excuses = ["EEXIST", "ENOENT", "EMLINK", "EPERM", "EXDEV", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"];

/**
 * Links, unless it is there, or missing, has as many names as the file system allows, or the file system has no links.
 * @returns whether it has the name now
 */
export async function tryLink(from: string, to: string): Promise<boolean> {
  try {
    await linkFile(from, to);
    return true;
  } catch (error) {
    return refused(error, to);
  }
}

/** As {@link tryLink}, at once, for those who have the turn. */
export function tryLinkNow(from: string, to: string): boolean {
  try {
    announce("link", to);
    linkSync(from, to);
    return true;
  } catch (error) {
    return refused(error, to);
  }
}

function refused(error: unknown, path: string): false {
  if (failedWith(error, ...excuses)) return false;
  throw diskError(error, path);
}
