/** How a failure is told: one line of what happened, one of what to do; or JSON. Never a stack trace for a user's mistake. */
import { errorTable, isError, WharfError } from "../errors.ts";
import { printable } from "./format.ts";

/** Prints the error on stderr and returns the exit status. */
export function report(error: unknown, words: readonly string[]): number {
  const failure = toFailure(error, words);
  if (words.includes("--json")) {
    const { code, message, hint, details } = failure;
    const { method, url, status, registryErrors, retryAfter } = details;
    const fields = { code, message, hint, method, url, status, registryErrors, retryAfter };
    process.stderr.write(`${JSON.stringify({ error: fields })}\n`);
  } else {
    process.stderr.write(`wharf: ${printable(failure.message)}\n`);
    if (failure.hint) process.stderr.write(`       ${printable(failure.hint)}\n`);
  }
  const debug = words.includes("--debug") || process.env.WHARF_DEBUG === "1";
  if (debug || failure.code === "INTERNAL") process.stderr.write(`${stackOf(failure)}\n`);
  return failure.exitCode;
}

function toFailure(error: unknown, words: readonly string[]): WharfError {
  if (isError(error)) return error;
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (code === "ENOSPC") return new WharfError("DISK_FULL", messageOf(error), { cause: error });
  if (code === "ENOENT")
    return new WharfError("FILE_NOT_FOUND", messageOf(error), { cause: error });
  if (
    code === "EACCES" ||
    code === "EPERM" ||
    code === "EISDIR" ||
    code === "ENOTDIR" ||
    code === "EROFS"
  )
    return new WharfError("FILE_FAILED", messageOf(error), { cause: error });
  return new WharfError("INTERNAL", `${messageOf(error)} (wharf ${words[0] ?? ""})`, {
    cause: error,
    hint: errorTable.INTERNAL.remedy,
  });
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

function stackOf(error: Error): string {
  const lines: string[] = [];
  for (
    let at: unknown = error, depth = 0;
    at instanceof Error && depth < 5;
    at = at.cause, depth += 1
  )
    lines.push(`${depth ? "caused by: " : ""}${at.stack ?? at.message}`);
  return printable(lines.join("\n"));
}
