/** What the operating system says, in our words. */
import { WharfError } from "../../errors.ts";

const full = ["ENOSPC", "EDQUOT"];

/** The error for `path` of a failed call to the file system; a {@link WharfError} stays what it is. */
export function diskError(error: unknown, path: string): WharfError {
  if (error instanceof WharfError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === undefined)
    return new WharfError("INTERNAL", `${path}: ${message}`, { cause: error });
  if (full.includes(code)) {
    return new WharfError("DISK_FULL", `${path}: no space left on the disk`, { cause: error });
  }
  // Node writes "EACCES: permission denied, open '/x'": the words between are what is worth saying.
  const words = /^[A-Z0-9_]+: ([^,]+)/.exec(message)?.[1] ?? message;
  const kind = code === "ENOENT" ? "FILE_NOT_FOUND" : "FILE_FAILED";
  return new WharfError(kind, `${path}: ${words} (${code})`, { cause: error });
}

/** Whether a call failed with one of the operating system's codes. */
export function failedWith(error: unknown, ...codes: string[]): boolean {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return code !== undefined && codes.includes(code);
}
