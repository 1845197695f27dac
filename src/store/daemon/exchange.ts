/** One request and its answer, and what can go wrong between. */
import type { ClientRequest, IncomingMessage } from "node:http";

import { interrupted, WharfError } from "../../errors.ts";
import type { Cancellable } from "../../http/bytes.ts";
import { printable } from "../../http/printable.ts";

/** Whom we talk to, for messages. */
interface Named {
  readonly name: string;
}

/** Bytes of a refusal, or of one line of what loading says; both have some hundred. */
const textLimit = 64 << 10;

/**
 * Waits for the answer's head. Its body then ends with an error where it stops for `timeout` milliseconds.
 * @throws WharfError DAEMON_UNREACHABLE, TIMEOUT, INTERRUPTED
 */
export async function answerTo(
  daemon: Named,
  request: ClientRequest,
  { signal, timeout }: Cancellable & { readonly timeout: number },
): Promise<IncomingMessage> {
  const onAbort = (): void => void request.destroy(interrupted(signal));
  const timer = setTimeout(() => request.destroy(silence(daemon, timeout)), timeout);
  signal?.addEventListener("abort", onAbort);
  try {
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      request.on("response", resolve);
      request.on("error", reject);
      if (signal?.aborted) onAbort();
    });
    answer.setTimeout(timeout, () => answer.destroy(silence(daemon, timeout)));
    return answer;
  } catch (error) {
    throw failure(daemon, error);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}

/** What went wrong on the way to the daemon, in our words. */
export function failure({ name }: Named, error: unknown): WharfError {
  if (error instanceof WharfError) return error;
  const why = reasons[codeOf(error) ?? ""] ?? (error as Error).message;
  return new WharfError("DAEMON_UNREACHABLE", `${name}: ${why}`, { cause: error });
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "no such socket",
  ECONNREFUSED: "nobody listens",
  EACCES: "permission denied",
  ECONNRESET: "the daemon broke the connection",
  EPIPE: "the daemon broke the connection",
  ENOTFOUND: "host name not found",
};

/** The operating system's code of an error. */
export function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code;
}

export function silence({ name }: Named, timeout: number): WharfError {
  return new WharfError("TIMEOUT", `${name}: nothing was heard for ${timeout / 1000} s`);
}

/** The error for an answer that is no success; the daemon says why as `{"message": …}`. */
export async function refusal(
  { name }: Named,
  answer: IncomingMessage,
  what: string,
): Promise<WharfError> {
  const status = answer.statusCode ?? 0;
  const text = await readText(answer).catch(() => "");
  const said = printable(field(text, "message") ?? text, 500) || answer.statusMessage;
  const code = status === 404 ? "MANIFEST_NOT_FOUND" : "REGISTRY_ERROR";
  return new WharfError(code, `${name}: ${what}: ${said} (${status})`, { status });
}

async function readText(answer: IncomingMessage): Promise<string> {
  let text = "";
  answer.setEncoding("utf8");
  for await (const chunk of answer) {
    text += chunk;
    if (text.length > textLimit) break;
  }
  return text;
}

/**
 * Reads the lines of JSON that loading gives, to their end.
 * @returns the first error among them: the daemon has said 200 by then
 * @throws WharfError RESPONSE_INVALID where a line has no end
 */
export async function errorIn(
  { name }: Named,
  answer: IncomingMessage,
): Promise<string | undefined> {
  let found: string | undefined;
  let rest = "";
  answer.setEncoding("utf8");
  for await (const chunk of answer) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) found ??= field(line, "error");
    if (rest.length > textLimit) {
      throw new WharfError("RESPONSE_INVALID", `${name}: an answer has a line without end`);
    }
  }
  return found ?? field(rest, "error");
}

function field(json: string, name: string): string | undefined {
  try {
    const value = (JSON.parse(json) as Record<string, unknown> | null)?.[name];
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}
