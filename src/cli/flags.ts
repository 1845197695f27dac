/** Turns words into positional arguments and flag values; knows nothing of commands' meaning. */
import { WharfError } from "../errors.ts";
import type { Flag } from "./command.ts";
import { nearest } from "../config/nearest.ts";

/** Flags that every command takes. */
export const globalFlags = {
  json: { about: "Print JSON for programs: one value, or one a line for streams" },
  quiet: { about: "No progress and no notes", short: "q" },
  debug: { about: "Print every request on stderr, secrets hidden" },
  "plain-http": { about: "Speak http to HOST (loopback: always)", value: "HOST", repeated: true },
  insecure: { about: "Do not check the certificate of HOST", value: "HOST", repeated: true },
  ca: {
    about: "Trust this authority (PEM) besides the usual ones, for HOST or for all",
    value: "[HOST=]FILE",
    repeated: true,
  },
  cert: { about: "Show this certificate (PEM) to HOST", value: "HOST=FILE", repeated: true },
  key: {
    about: "Key of that certificate, where its file does not hold both",
    value: "HOST=FILE",
    repeated: true,
  },
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
 * Reads `--flag value`, `--flag=value`, `--no-flag`, and short ones as `-q`, `-qy`, `-oFILE`; after `--` everything is an
 * argument, and so is `-`, also where a colon follows it.
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

  const rest = [...words];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === "--") return { positionals: [...positionals, ...rest], values };
    if (!word.startsWith("-") || /^-(:|$)/.test(word)) {
      positionals.push(word);
      continue;
    }
    const { name, inline, negated, others } = readFlag(word, flags);
    const flag = flags[name]!;
    if (others !== undefined) rest.unshift(others);
    if (flag.value === undefined) {
      if (inline !== undefined) throw usage(`--${name} takes no value`);
      values[name] = !negated;
      continue;
    }
    const value = inline ?? rest.shift();
    if (value === undefined || value === "")
      throw usage(`--${name} needs a value`, `Write --${name} ${flag.value}`);
    if (flag.choices && !flag.choices.includes(value))
      throw usage(`--${name} is one of ${flag.choices.join(", ")}, not '${value}'`);
    if (flag.repeated) (values[name] as string[]).push(value);
    else values[name] = value;
  }
  return { positionals, values };
}

interface ReadFlag {
  readonly name: string;
  /** The value, where it is in the same word. */
  readonly inline?: string | undefined;
  readonly negated: boolean;
  /** Further short flags of the same word. */
  readonly others?: string | undefined;
}

function readFlag(word: string, flags: Readonly<Record<string, Flag>>): ReadFlag {
  if (!word.startsWith("--")) return readShort(word, flags);
  const equals = word.indexOf("=");
  const name = word.slice(2, equals < 0 ? undefined : equals);
  const inline = equals < 0 ? undefined : word.slice(equals + 1);
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

function readShort(word: string, flags: Readonly<Record<string, Flag>>): ReadFlag {
  const letter = word[1]!;
  const found = Object.entries(flags).find(([, { short }]) => short === letter);
  if (!found) throw usage(`There is no flag -${letter}`);
  const [name, { value }] = found;
  const behind = word.slice(2);
  if (behind === "") return { name, negated: false };
  if (value !== undefined || behind.startsWith("="))
    return { name, negated: false, inline: behind.replace(/^=/, "") };
  return { name, negated: false, others: `-${behind}` };
}

/**
 * Reads a number that a flag was given.
 * @throws WharfError USAGE
 */
export function wholeNumber(
  flag: string,
  text: string,
  { from, to = Number.MAX_SAFE_INTEGER }: { readonly from: number; readonly to?: number },
): number {
  const number = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= from && number <= to) return number;
  const range = to === Number.MAX_SAFE_INTEGER ? `from ${from}` : `from ${from} to ${to}`;
  throw usage(`--${flag} is a whole number ${range}, not '${text}'`);
}

/** An error of usage; the hint defaults to the table's. */
export const usage = (message: string, hint?: string): WharfError =>
  new WharfError("USAGE", message, hint === undefined ? {} : { hint });
