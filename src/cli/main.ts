/** The life of a call: words, command, flags, `run`, exit status. */
import { readFileSync } from "node:fs";
import { WharfError } from "../errors.ts";
import type { Command } from "./command.ts";
import { globalFlags, parseWords, usage } from "./flags.ts";
import { entries, type Entry } from "./index.ts";
import { nearest } from "./nearest.ts";
import { Output } from "./output.ts";

/** Runs `wharf` with these words; sets the exit status, and never throws. */
export async function main(words: readonly string[]): Promise<void> {
  const first = words[0];
  if (first === "--version" || first === "version") {
    process.stdout.write(`wharf ${version()}\n`);
    return;
  }
  if (first === undefined || (words.length === 1 && ["--help", "-h", "help"].includes(first))) {
    const { overview } = await import("./help.ts");
    process.stdout.write(`${overview()}\n`);
    return;
  }
  // Whoever reads us may stop early (`| head`); that is no failure.
  process.stdout.on("error", (error: NodeJS.ErrnoException) =>
    process.exit(error.code === "EPIPE" ? 0 : 1),
  );

  const interrupt = new AbortController();
  const stop = () => {
    if (interrupt.signal.aborted) process.exit(130);
    interrupt.abort(new WharfError("INTERRUPTED", "Interrupted"));
  };
  process.on("SIGINT", stop).on("SIGTERM", stop);
  try {
    process.exitCode = await runCommand(words, interrupt.signal);
  } catch (error) {
    const failure = interrupt.signal.aborted ? (interrupt.signal.reason as unknown) : error;
    const { report } = await import("./report.ts");
    process.exitCode = report(failure, words);
  } finally {
    process.off("SIGINT", stop).off("SIGTERM", stop);
  }
}

async function runCommand(words: readonly string[], signal: AbortSignal): Promise<number> {
  const { entry, rest } = findCommand(words);
  const { default: definition } = (await entry.load()) as { default: Command };
  const { positionals, values } = parseWords(rest, { ...globalFlags, ...definition.flags });
  if (values.help) {
    const { commandHelp } = await import("./help.ts");
    process.stdout.write(`${commandHelp(entry, definition)}\n`);
    return 0;
  }
  checkArguments(entry, definition, positionals);

  const output = new Output({ json: values.json === true, quiet: values.quiet === true });
  const { openCall } = await import("./call.ts");
  const call = openCall({ positionals, values, output, signal });
  try {
    return (await definition.run(call as never)) ?? 0;
  } finally {
    await output.flush();
    await call.close();
  }
}

/** The longest run of words at the start that names a command; switches before it are moved behind it. */
function findCommand(words: readonly string[]): { entry: Entry; rest: string[] } {
  const switches: string[] = [];
  let plain = [...words];
  while (plain[0]?.startsWith("-")) switches.push(plain.shift()!);
  if (plain[0] === "help") plain = [...plain.slice(1), "--help"];
  for (const length of [2, 1]) {
    const entry = entries.find(({ name }) => name === plain.slice(0, length).join(" "));
    if (entry) return { entry, rest: [...plain.slice(length), ...switches] };
  }
  throw unknownCommand(plain);
}

function unknownCommand(words: readonly string[]): WharfError {
  const [first = "", second = ""] = words;
  const below = entries.filter(({ name }) => name.startsWith(`${first} `)).map(({ name }) => name);
  if (below.length > 0) {
    const known = below.map((name) => `wharf ${name}`).join(", ");
    return usage(`'wharf ${first}' wants one of its commands`, `They are: ${known}`);
  }
  const names = entries.map(({ name }) => name);
  const near = nearest(`${first} ${second}`, names) ?? nearest(first, names);
  const hint = near ? `Did you mean 'wharf ${near}'?` : "See wharf --help";
  return usage(`There is no command '${first}'`, hint);
}

function checkArguments(entry: Entry, definition: Command, given: readonly string[]): void {
  const known = definition.arguments;
  const missing = known.find((argument, i) => !argument.optional && given[i] === undefined);
  const hint = `Usage: wharf ${entry.name} ${entry.usage}. See wharf ${entry.name} --help`;
  if (missing) throw usage(`wharf ${entry.name} needs ${missing.name}: ${missing.about}`, hint);
  if (given.length > known.length && !known.at(-1)?.repeated)
    throw usage(`wharf ${entry.name} does not know what to do with '${given[known.length]}'`, hint);
}

/** The version of this package. */
export function version(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
