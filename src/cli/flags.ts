/** Turns words into positional arguments and flag values; knows nothing of commands' meaning. */
import { WharfError } from "../errors.ts";
import type { Flag } from "./command.ts";
import { nearest } from "./nearest.ts";

/** Flags that every command takes. */
export const globalFlags = {
  json: { about: "Print JSON for programs: one value, or one a line for streams" },
  quiet: { about: "No progress and no notes", short: "q" },
  debug: { about: "Print every request on stderr, secrets hidden" },
  "plain-http": { about: "Speak http to HOST (loopback: always)", value: "HOST", repeated: true },
  insecure: { about: "Do not check the certificate of HOST", value: "HOST", repeated: true },
  credentials: {
    about: "Use these for HOST; @FILE keeps them out of the process list",
    value: "HOST=USER:PASSWORD|HOST=@FILE",
    repeated: true,
  },
  config: { about: "Configuration file", value: "FILE" },
  help: { about: "Show help", short: "h" },
} as const satisfies Record<string, Flag>;

export interface ParsedWords {
  readonly positionals: readonly string[];
  readonly values: Readonly<Record<string, string | boolean | readonly string[] | undefined>>;
}

/**
 * Reads `--flag value`, `--flag=value`, `--no-flag`, `-q`; after `--` everything is an argument, and so is `-`.
 * @throws WharfError USAGE for an unknown flag (naming the nearest), a missing or a surplus value
 */
export function parseWords(
  words: readonly string[],
  flags: Readonly<Record<string, Flag>>,
): ParsedWords {
  const positionals: string[] = [];
  const values: Record<string, string | boolean | string[] | undefined> = {};
  for (const [name, flag] of Object.entries(flags))
    values[name] = flag.repeated ? [] : flag.value === undefined ? false : flag.preset;

  let rest = [...words];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === "--") {
      positionals.push(...rest);
      rest = [];
    } else if (word === "-" || !word.startsWith("-")) positionals.push(word);
    else {
      const { name, inline, negated } = readFlag(word, flags);
      const flag = flags[name]!;
      if (flag.value === undefined) {
        if (inline !== undefined) throw usage(`--${name} takes no value`);
        values[name] = !negated;
        continue;
      }
      const value = inline ?? rest.shift();
      if (value === undefined) throw usage(`--${name} needs a value: --${name} ${flag.value}`);
      if (flag.choices && !flag.choices.includes(value))
        throw usage(`--${name} is one of ${flag.choices.join(", ")}, not '${value}'`);
      if (flag.repeated) (values[name] as string[]).push(value);
      else values[name] = value;
    }
  }
  return { positionals, values };
}

function readFlag(word: string, flags: Readonly<Record<string, Flag>>) {
  const equals = word.indexOf("=");
  const spelled = equals < 0 ? word : word.slice(0, equals);
  const inline = equals < 0 ? undefined : word.slice(equals + 1);
  if (!spelled.startsWith("--")) {
    const found = Object.entries(flags).find(([, flag]) => `-${flag.short}` === spelled);
    if (found) return { name: found[0], inline, negated: false };
    throw usage(`There is no flag ${spelled}`);
  }
  const name = spelled.slice(2);
  if (Object.hasOwn(flags, name)) return { name, inline, negated: false };
  const positive = name.startsWith("no-") ? name.slice(3) : undefined;
  if (
    positive !== undefined &&
    Object.hasOwn(flags, positive) &&
    flags[positive]!.value === undefined
  )
    return { name: positive, inline, negated: true };
  const near = nearest(name, Object.keys(flags));
  throw usage(`There is no flag --${name}`, near && `Did you mean --${near}?`);
}

/** An error of usage; the hint defaults to the table's. */
export const usage = (message: string, hint?: string): WharfError =>
  new WharfError("USAGE", message, hint === undefined ? {} : { hint });
