/** Values that stand in files, in a pipe, or are asked for. */
import { constants, createReadStream, fstatSync, openSync } from "node:fs";
import { addAbortSignal, type Readable } from "node:stream";
import { interrupted, WharfError } from "../../errors.ts";
import type { Call } from "../call.ts";
import { usage } from "../flags.ts";
import { ask, readSecret } from "../prompt.ts";
import type { Field } from "./outline.ts";
import { type Deferred, jsonOf } from "./words.ts";

type Reader = Pick<Call, "stdin" | "signal">;

/** No field of Docker Hub is larger. */
const fileLimit = 16 * 1024 * 1024;

/**
 * Reads what a word names: a file, or `-` for standard input.
 * @throws WharfError FILE_NOT_FOUND, FILE_FAILED, USAGE
 */
export async function readDeferred(call: Call, { field, word }: Deferred): Promise<unknown> {
  const { type, name } = field;
  if (type === "secret") {
    if (word === "-") return readSecret(call);
    if (!word.startsWith("@"))
      throw usage(
        `--${name.replaceAll("_", "-")} takes a file or a pipe, not the secret itself`,
        "Others can see the words of a command. Write @FILE, or - and pipe it in.",
      );
    return (await readText(word.slice(1), call)).replace(/\r?\n$/, "");
  }
  if (type === "bytes") return readBytes(word.replace(/^@/, ""), call);
  const text = await readText(word.slice(1), call);
  return type === "json" ? jsonOf(text, word) : text;
}

/** Asks for a secret that is needed and was not given. */
export function askSecret(call: Call, { name, about }: Field): Promise<string> {
  return ask(call, `${about}: `, { secret: true, otherwise: `--${name.replaceAll("_", "-")} -` });
}

/** The fields of `--body`. */
export function readBody(call: Call, word: string): Promise<Record<string, unknown>> {
  return readObject(call, word, "--body");
}

/** A JSON object that a word says, or a file, or standard input. */
export async function readObject(
  call: Reader,
  word: string,
  what: string,
): Promise<Record<string, unknown>> {
  const text =
    word === "-"
      ? await readPipe(call)
      : word.startsWith("@")
        ? await readText(word.slice(1), call)
        : word;
  const body = jsonOf(text, what);
  if (typeof body !== "object" || body === null || Array.isArray(body))
    throw usage(`${what} is a JSON object`, 'Write for example \'{ "description": "…" }\'.');
  return body as Record<string, unknown>;
}

/** The text of a file; `-` is standard input. */
export const readWords = (call: Reader, path: string): Promise<string> =>
  path === "-" ? readPipe(call) : readText(path, call);

async function readPipe({ stdin, signal }: Reader): Promise<string> {
  if (stdin.isTTY) throw usage("- reads standard input, which is a terminal");
  return (await gather(addAbortSignal(signal, stdin), "Standard input", signal)).toString("utf8");
}

const readText = async (path: string, { signal }: Reader) =>
  (await readBytes(path, { signal })).toString("utf8");

async function readBytes(path: string, { signal }: Pick<Call, "signal">): Promise<Buffer> {
  return gather(await openBytes(path, signal), path, signal);
}

/** A pipe is waited at, not opened and waited for: a call that opens cannot be ended. */
async function openBytes(path: string, signal: AbortSignal): Promise<Readable> {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw unread(error, path);
  }
  if (!fstatSync(fd).isFIFO()) return createReadStream(path, { fd, signal });
  const { Socket } = await import("node:net");
  return new Socket({ fd, readable: true, writable: false, signal });
}

/** All of it, whatever it is: a device and a pipe have no size that could be asked for. */
async function gather(
  stream: AsyncIterable<Uint8Array | string>,
  name: string,
  signal: AbortSignal,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of stream) {
      size += chunk.length;
      if (size > fileLimit) throw usage(`${name} has too many bytes for Docker Hub`);
      chunks.push(Buffer.from(chunk as Uint8Array));
    }
  } catch (error) {
    if (error instanceof WharfError) throw error;
    if (signal.aborted) throw interrupted(signal);
    throw unread(error, name);
  }
  return Buffer.concat(chunks);
}

function unread(error: unknown, name: string): WharfError {
  const { code = "" } = error as NodeJS.ErrnoException;
  if (code === "ENOENT") return new WharfError("FILE_NOT_FOUND", `${name}: there is no such file`);
  return new WharfError("FILE_FAILED", `${name} cannot be read (${code})`, { cause: error });
}
