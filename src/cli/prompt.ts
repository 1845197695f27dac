/** Questions to a person, and secrets from a pipe. */
import { interrupted, WharfError } from "../errors.ts";
import type { Call } from "./call.ts";
import { usage } from "./flags.ts";

/** A password, token or key is never longer. */
const secretLimit = 65_536;

/** Reads all of standard input; the line's end is not part of the secret. */
export async function readSecret(stdin: NodeJS.ReadStream): Promise<string> {
  let text = "";
  stdin.setEncoding("utf8");
  for await (const piece of stdin) {
    text += piece as string;
    if (text.length > secretLimit)
      throw usage("What came on standard input is too long for a secret");
  }
  const secret = text.replace(/\r?\n$/, "");
  if (secret === "")
    throw usage("Standard input is empty", "Pipe the secret in, as in `pass show x | wharf …`.");
  return secret;
}

/**
 * Asks on the terminal; a secret is not shown while it is typed.
 * @throws WharfError USAGE where there is no terminal
 */
export async function ask(
  { stdin, output, signal }: Pick<Call, "stdin" | "output" | "signal">,
  question: string,
  { secret = false } = {},
): Promise<string> {
  if (!stdin.isTTY)
    throw usage(
      `${question.trim()} cannot be asked: there is no terminal`,
      "Pass it by flag or pipe.",
    );
  const { createInterface } = await import("node:readline/promises");
  const { Writable } = await import("node:stream");
  output.stderr.write(question);
  // readline echoes what is typed to its output: a secret goes nowhere.
  const echo = secret ? new Writable({ write: (_data, _encoding, done) => done() }) : output.stderr;
  const lines = createInterface({ input: stdin, output: echo, terminal: true });
  try {
    return await lines.question("", { signal });
  } catch (error) {
    if (signal.aborted) throw interrupted(signal);
    throw error;
  } finally {
    lines.close();
    if (secret) output.stderr.write("\n");
  }
}

/**
 * Insists on a yes before something is destroyed.
 * @throws WharfError CONFIRMATION_REQUIRED off a terminal, INTERRUPTED where the answer is no
 */
export async function confirm(
  call: Pick<Call, "stdin" | "output" | "signal">,
  question: string,
  yes: boolean,
): Promise<void> {
  if (yes) return;
  if (!call.stdin.isTTY)
    throw new WharfError("CONFIRMATION_REQUIRED", `${question} Nobody is there to answer`);
  const answer = await ask(call, `${question} [y/N] `);
  if (!/^y(es)?$/i.test(answer.trim()))
    throw new WharfError("INTERRUPTED", "Nothing was deleted", { hint: "The answer was not yes." });
}
