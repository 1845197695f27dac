/** Values that stand in files, in a pipe, or are asked for. */
import { readFile, stat } from "node:fs/promises";
import { WharfError } from "../../errors.ts";
import type { Call } from "../call.ts";
import { usage } from "../flags.ts";
import { ask, readSecret } from "../prompt.ts";
import type { Field } from "./outline.ts";
import { type Deferred, jsonOf } from "./words.ts";

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
    return (await readText(word.slice(1))).replace(/\r?\n$/, "");
  }
  if (type === "bytes") return readBytes(word.replace(/^@/, ""));
  const text = await readText(word.slice(1));
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
  call: Pick<Call, "stdin">,
  word: string,
  what: string,
): Promise<Record<string, unknown>> {
  const text =
    word === "-"
      ? await readPipe(call)
      : word.startsWith("@")
        ? await readText(word.slice(1))
        : word;
  const body = jsonOf(text, what);
  if (typeof body !== "object" || body === null || Array.isArray(body))
    throw usage(`${what} is a JSON object`, 'Write for example \'{ "description": "…" }\'.');
  return body as Record<string, unknown>;
}

/** The text of a file; `-` is standard input. */
export const readWords = (call: Pick<Call, "stdin">, path: string): Promise<string> =>
  path === "-" ? readPipe(call) : readText(path);

async function readPipe({ stdin }: Pick<Call, "stdin">): Promise<string> {
  if (stdin.isTTY) throw usage("- reads standard input, which is a terminal");
  let text = "";
  stdin.setEncoding("utf8");
  for await (const piece of stdin) {
    text += piece as string;
    if (text.length > fileLimit) throw usage("What came on standard input is too long for a body");
  }
  return text;
}

const readText = async (path: string) => Buffer.from(await readBytes(path)).toString("utf8");

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (size > fileLimit) throw usage(`${path} is too large for Docker Hub`);
    return new Uint8Array(await readFile(path));
  } catch (error) {
    if (error instanceof WharfError) throw error;
    const { code = "" } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") throw new WharfError("FILE_NOT_FOUND", `${path}: there is no such file`);
    throw new WharfError("FILE_FAILED", `${path} cannot be read (${code})`, { cause: error });
  }
}
