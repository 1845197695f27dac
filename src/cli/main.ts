/** The life of a call: words, command, flags, `run`, exit status. */
import { readFileSync } from "node:fs";
import { isError, WharfError } from "../errors.ts";
import type { Command } from "./command.ts";
import { globalFlags, parseWords, usage, type ParsedWords } from "./flags.ts";
import type { Entry } from "./index.ts";
import { commandsOf, known } from "./known.ts";
import { nearest } from "../config/nearest.ts";
import { synonymOf } from "./synonyms.ts";

/** Runs `wharf` with these words; sets the exit status, and never throws. */
export async function main(words: readonly string[]): Promise<void> {
  const run: Run = { persists: false };
  watchPipes(run);
  const [first, ...others] = words;
  if (first === "--version" || first === "version") return printVersion(others);

  const interrupt = new AbortController();
  const stop = () => {
    if (interrupt.signal.aborted) process.exit(130);
    interrupt.abort(new WharfError("INTERRUPTED", "Interrupted"));
  };
  process.on("SIGINT", stop).on("SIGTERM", stop);
  try {
    process.exitCode = await runCommand(words, interrupt.signal, run);
  } catch (error) {
    // Whatever an abort broke on its way, it is the interruption that is told.
    const { aborted, reason } = interrupt.signal;
    const failure = aborted && !isError(error, "INTERRUPTED") ? (reason as unknown) : error;
    const { report } = await import("./report.ts");
    process.exitCode = report(failure, words, run.command);
  } finally {
    process.off("SIGINT", stop).off("SIGTERM", stop);
  }
}

async function runCommand(
  words: readonly string[],
  signal: AbortSignal,
  run: Run,
): Promise<number> {
  const { entry, group, before = [], rest } = await findCommand(words);
  if (!entry) {
    const { groupHelp } = await import("./help.ts");
    process.stdout.write(`${groupHelp(group, await known(group.split(" ")[0]!))}\n`);
    return 0;
  }
  run.command = entry.name;
  const { default: definition } = (await entry.load()) as { default: Command };
  checkBefore(entry, definition, before);
  const { positionals, values } = parseWords([...before, ...rest], {
    ...globalFlags,
    ...definition.flags,
  });
  if (values.help) {
    const { commandHelp } = await import("./help.ts");
    process.stdout.write(`${commandHelp(entry, definition)}\n`);
    return 0;
  }
  checkArguments(entry, definition, positionals, values);
  run.persists = definition.persists === true;

  const { openCall } = await import("./call.ts");
  const call = openCall({ positionals, values, globals: withoutOwn(definition, values), signal });
  try {
    return (await definition.run(call as never)) ?? 0;
  } finally {
    await call.output.flush();
    await call.close();
  }
}

/** What is known of the call so far. */
interface Run {
  /** Whether it goes on when nobody reads what it prints. */
  persists: boolean;
  command?: string;
}

/** Whoever reads us may stop early (`| head`); that is no failure. */
function watchPipes(run: Run): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") {
      if (!run.persists) process.exit(0);
      return;
    }
    process.stderr.write(`wharf: standard output: ${error.message}\n`);
    process.exit(1);
  });
  process.stderr.on("error", () => {});
}

type Found =
  | {
      readonly entry: Entry;
      readonly group?: never;
      /** Flags that stand before the command. */
      readonly before: readonly string[];
      readonly rest: readonly string[];
    }
  | {
      readonly entry?: never;
      readonly group: string;
      readonly before?: never;
      readonly rest: readonly string[];
    };

/** The longest run of words that names a command. */
async function findCommand(words: readonly string[]): Promise<Found> {
  const flags: string[] = [];
  let plain = [...words];
  while (plain[0]?.startsWith("-")) {
    const flag = plain.shift()!;
    flags.push(flag);
    if (takesNext(flag) && plain.length > 0) flags.push(plain.shift()!);
  }
  if (plain[0] === "help") plain = [...plain.slice(1), "--help"];
  const all = await known(plain[0] ?? "");
  for (const length of [3, 2, 1]) {
    const entry = all.find(({ name }) => name === plain.slice(0, length).join(" "));
    if (entry) return { entry, before: flags, rest: plain.slice(length) };
  }
  const [first = "", second = ""] = plain;
  const group = commandsOf(`${first} ${second}`, all).length > 0 ? `${first} ${second}` : first;
  const wantsHelp = [...flags, ...plain].some((word) => word === "--help" || word === "-h");
  if (wantsHelp && commandsOf(group, all).length > 0) return { group, rest: [] };
  throw unknownCommand(plain, all);
}

/** Whether the next word is this flag's value. */
function takesNext(word: string): boolean {
  const flag = word.slice(2);
  return Object.hasOwn(globalFlags, flag) && "value" in globalFlags[flag as "config"];
}

/** Values of flags that mean for this command what they mean for every other. */
function withoutOwn(definition: Command, values: ParsedWords["values"]): ParsedWords["values"] {
  const shared = Object.entries(values).filter(([name]) => !Object.hasOwn(definition.flags, name));
  return Object.fromEntries(shared);
}

/** A flag before a command that has one of the same name for itself: nobody could say which is meant. */
function checkBefore(entry: Entry, definition: Command, before: readonly string[]): void {
  const names = before.map((word) => /^--([^=]+)/.exec(word)?.[1] ?? "");
  const own = names.find((name) => Object.hasOwn(definition.flags, name));
  if (own === undefined || !Object.hasOwn(globalFlags, own)) return;
  const hint = own === "config" ? "Name the configuration file in WHARF_CONFIG." : undefined;
  throw usage(`wharf ${entry.name} has a --${own} of its own`, hint);
}

function unknownCommand(words: readonly string[], all: readonly Entry[]): WharfError {
  const [first = "", second = "", third = ""] = words;
  if (first === "" || first === "--help") return usage("No command is named", "See wharf --help");
  const names = all.map(({ name }) => name);
  const plain = words.filter((word) => !word.startsWith("-"));
  const near =
    nearest(plain.slice(0, 3).join(" "), names) ??
    nearest(plain.slice(0, 2).join(" "), names) ??
    synonymOf(first) ??
    nearest(first, names);
  const hint = near && near !== first ? `Did you mean 'wharf ${near}'?` : undefined;
  if (commandsOf(first, all).length === 0)
    return usage(`There is no command '${first}'`, hint ?? "See wharf --help");
  const below = commandsOf(`${first} ${second}`, all);
  const group = below.length > 0 ? `${first} ${second}` : first;
  const more = `See wharf ${group} --help`;
  const listed = (below.length > 0 ? below : commandsOf(first, all)).map(
    ({ name }) => `wharf ${name}`,
  );
  const known = listed.length <= 12 ? `Known: ${listed.join(", ")}` : more;
  const next = below.length > 0 ? third : second;
  if (next === "" || next.startsWith("-"))
    return usage(`'wharf ${group}' needs one of its commands`, known);
  return usage(`There is no command '${group} ${next}'`, hint ?? known);
}

function checkArguments(
  entry: Entry,
  definition: Command,
  given: readonly string[],
  values: ParsedWords["values"],
): void {
  const known = definition.arguments;
  const missing = known.find(
    ({ optional, insteadBy = "" }, i) =>
      !optional && given[i] === undefined && values[insteadBy] === undefined,
  );
  const hint = `Usage: ${`wharf ${entry.name} ${entry.usage}`.trim()}. See wharf ${entry.name} --help`;
  if (missing) throw usage(`wharf ${entry.name} needs ${missing.name}`, hint);
  if (given.length > known.length && !known.at(-1)?.repeated)
    throw usage(`wharf ${entry.name} does not know what to do with '${given[known.length]}'`, hint);
}

function printVersion(words: readonly string[]): void {
  const text = words.includes("--json")
    ? JSON.stringify({ version: version(), node: process.versions.node })
    : `wharf ${version()}`;
  process.stdout.write(`${text}\n`);
}

/** The version of this package. */
export function version(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
