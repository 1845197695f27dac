/** How a failure is told: one line of what happened, one of what to do; or JSON. Never a stack trace for a user's mistake. */
import { errorTable, isError, WharfError, type ErrorCode } from "../errors.ts";
import { printable } from "./format.ts";
import { hasColours } from "./output.ts";
import { secretsIn, withoutSecrets } from "./secret-words.ts";

/**
 * Prints the error on stderr and returns the exit status.
 * @param command the one that was called, where it is known
 */
export function report(error: unknown, words: readonly string[], command?: string): number {
  const original = toFailure(error, words);
  const failure = pointed(original, command);
  const secrets = secretsIn(words);
  const clean = (text: string) => printable(withoutSecrets(text, secrets));
  if (words.includes("--json")) say(JSON.stringify({ error: fieldsOf(failure, clean) }));
  else {
    const red = hasColours(process.stderr, process.env);
    // Below one another where there are several: a server's text shall not look like a line of ours, either.
    const text = clean(failure.message).replaceAll("\n", "\n       ");
    say(`${red ? "\u001b[31mwharf:\u001b[39m" : "wharf:"} ${text}`);
    if (failure.hint) say(`       ${clean(failure.hint)}`);
  }
  const debug = words.includes("--debug") || process.env.WHARF_DEBUG === "1";
  if (debug || failure.code === "INTERNAL") say(clean(stackOf(original)));
  return failure.exitCode;
}

/** Makes the table's remedy one for this call: the help of the command, the host that was asked. */
function pointed(failure: WharfError, command: string | undefined): WharfError {
  const { code, message, details } = failure;
  if (details.hint !== undefined) return failure;
  let { hint } = failure;
  if (code === "USAGE" && command !== undefined) hint = `See wharf ${command} --help`;
  if (details.url !== undefined && URL.canParse(details.url))
    hint = hint.replaceAll(/\bHOST\b/g, new URL(details.url).host);
  // Nobody signs in to a folder or an archive.
  else if (code === "MANIFEST_NOT_FOUND") hint = "See what is there with `wharf tags`.";
  return new WharfError(code, message, { ...details, hint });
}

const say = (line: string) => void process.stderr.write(`${line}\n`);

/** The fields that `docs/output.md` promises. */
function fieldsOf(failure: WharfError, clean: (text: string) => string): object {
  const { code, message, hint, exitCode, details } = failure;
  const { method, url, status, registryErrors, retryAfter } = details;
  return {
    code,
    message: clean(message),
    hint: clean(hint),
    exit: exitCode,
    method,
    url,
    status,
    registryErrors,
    retryAfter,
  };
}

/** What the system refuses, as one of our errors. */
const systemErrors: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  ENOSPC: ["DISK_FULL", "no space left"],
  EDQUOT: ["DISK_FULL", "quota used up"],
  ENOENT: ["FILE_NOT_FOUND", "no such file or folder"],
  EACCES: ["FILE_FAILED", "permission denied"],
  EPERM: ["FILE_FAILED", "not permitted"],
  EISDIR: ["FILE_FAILED", "it is a folder"],
  ENOTDIR: ["FILE_FAILED", "a part of the path is no folder"],
  EROFS: ["FILE_FAILED", "read-only file system"],
};

function toFailure(error: unknown, words: readonly string[]): WharfError {
  if (isError(error)) return error;
  const { code, path } = (error ?? {}) as NodeJS.ErrnoException;
  const known = code === undefined ? undefined : systemErrors[code];
  if (known) {
    const [ours, what] = known;
    const message = path === undefined ? messageOf(error) : `${path}: ${what}`;
    return new WharfError(ours, message, { cause: error });
  }
  return new WharfError("INTERNAL", `${messageOf(error)} (wharf ${words[0] ?? ""})`, {
    cause: error,
    hint: errorTable.INTERNAL.remedy,
  });
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

function stackOf(error: Error): string {
  const lines: string[] = [];
  let at: unknown = error;
  for (let depth = 0; at instanceof Error && depth < 5; depth += 1) {
    lines.push(`${depth ? "caused by: " : ""}${at.stack ?? at.message}`);
    at = at.cause;
  }
  return lines.join("\n");
}
