/** Questions to a person, and secrets from a pipe. */
import { addAbortSignal } from "node:stream";
import { interrupted, WharfError } from "../errors.ts";
import type { Call } from "./call.ts";
import { usage } from "./flags.ts";

type Asker = Pick<Call, "stdin" | "output" | "signal">;

/** A password, token or key is never longer. */
const secretLimit = 65_536;

/**
 * Reads all of standard input; the line's end is not part of the secret.
 * @throws WharfError USAGE where it is a terminal, empty or too long
 */
export async function readSecret({ stdin, signal }: Pick<Asker, "stdin" | "signal">) {
  if (stdin.isTTY)
    throw usage(
      "The secret is expected on standard input, which is a terminal",
      "Leave the flag out to be asked, or pipe it in, as in `pass show x | wharf …`.",
    );
  addAbortSignal(signal, stdin);
  stdin.setEncoding("utf8");
  let text = "";
  try {
    for await (const piece of stdin) {
      text += piece as string;
      if (text.length > secretLimit)
        throw usage("What came on standard input is too long for a secret");
    }
  } catch (error) {
    throw signal.aborted ? interrupted(signal) : error;
  }
  const secret = text.replace(/\r?\n$/, "");
  if (secret === "")
    throw usage("Standard input is empty", "Pipe the secret in, as in `pass show x | wharf …`.");
  return secret;
}

export interface Question {
  /** What is typed is not shown. */
  readonly secret?: boolean;
  /** How to say it without a terminal. */
  readonly otherwise: string;
}

/**
 * Asks on the terminal.
 * @throws WharfError USAGE where there is none, or it ends (Ctrl-D); INTERRUPTED
 */
export async function ask(
  { stdin, output, signal }: Asker,
  question: string,
  { secret = false, otherwise }: Question,
): Promise<string> {
  const what = question.replace(/[:?] *$/, "");
  if (!stdin.isTTY)
    throw usage(`There is no terminal to ask on: ${what}`, `Say it with ${otherwise}.`);
  const [{ createInterface }, { Writable }] = await Promise.all([
    import("node:readline"),
    import("node:stream"),
  ]);
  // readline shows what is typed on its output: a secret goes nowhere.
  const nowhere = new Writable({ write: (_data, _encoding, done) => done() });
  const lines = createInterface({
    input: stdin,
    output: secret ? nowhere : output.stderr,
    terminal: true,
  });
  // Only now the terminal shows nothing of what is typed: who answers at once would see it otherwise.
  if (secret) output.stderr.write(question);
  try {
    return await new Promise<string>((resolve, reject) => {
      const stop = () => reject(interrupted(signal));
      if (signal.aborted) stop();
      signal.addEventListener("abort", stop, { once: true });
      // The terminal is raw, so that Ctrl-C comes as a letter and not as a signal.
      lines.on("SIGINT", () => process.emit("SIGINT"));
      lines.on("close", () => reject(usage(`There was no answer: ${what}`)));
      lines.question(secret ? "" : question, resolve);
    });
  } finally {
    lines.close();
    if (secret) output.stderr.write("\n");
  }
}

/**
 * Insists on a yes before something is destroyed.
 * @throws WharfError CONFIRMATION_REQUIRED off a terminal, INTERRUPTED where the answer is no
 */
export async function confirm(call: Asker, question: string, yes: boolean): Promise<void> {
  if (yes) return;
  if (!call.stdin.isTTY)
    throw new WharfError("CONFIRMATION_REQUIRED", `${question} Nobody is there to answer`);
  const answer = await ask(call, `${question} [y/N] `, { otherwise: "--yes" });
  if (!/^y(es)?$/i.test(answer.trim()))
    throw new WharfError("INTERRUPTED", "Nothing was changed", { hint: "The answer was not yes." });
}
