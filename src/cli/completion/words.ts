/** What can be completed, whatever the shell. */
import type { Argument, Flag } from "../command.ts";
import type { CompletedCommand } from "./completion.ts";

/** A command's first word, what stands below it, and what to say of it. */
export interface FirstWord {
  readonly word: string;
  readonly about: string;
  /** Second words; empty where the first is a command itself. */
  readonly below: readonly { readonly word: string; readonly about: string }[];
}

export function firstWords(commands: readonly CompletedCommand[]): FirstWord[] {
  const words = [...new Set(commands.map(({ name }) => name.split(" ")[0]!))];
  return words.map((word) => {
    const below = commands
      .filter(({ name }) => name.startsWith(`${word} `))
      .map(({ name, summary }) => ({ word: name.split(" ")[1]!, about: summary }));
    const own = commands.find(({ name }) => name === word)?.summary;
    return { word, about: own ?? below.map((second) => second.word).join(", "), below };
  });
}

/** Values that are offered for a flag. */
export const offered = ({ choices, offers }: Flag): readonly string[] => choices ?? offers ?? [];

/** Words that are offered for the arguments of a command. */
export const offeredWords = (known: readonly Argument[]): readonly string[] =>
  known.flatMap(({ choices = [] }) => choices);

/** Whether a flag's value is a path. */
export const isPath = ({ value = "" }: Flag): boolean => /FILE|DIR/.test(value);

/** What can be written before a command. */
export const before = ["help", "--help", "--version"] as const;
