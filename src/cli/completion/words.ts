/** What can be completed, whatever the shell. */
import type { Argument, Flag } from "../command.ts";
import type { CompletedCommand } from "./completion.ts";

/** Words that other words follow: `` at the beginning, `hub`, `hub tags`. */
export interface Group {
  readonly name: string;
  readonly below: readonly { readonly word: string; readonly about: string }[];
}

/** Every group, the beginning first. A command may be a group too, as `hub tags` is. */
export function groupsOf(commands: readonly CompletedCommand[]): Group[] {
  const groups = new Map<string, Map<string, string>>([["", new Map()]]);
  const summaries = new Map(commands.map(({ name, summary }) => [name, summary]));
  for (const { name } of commands) {
    const words = name.split(" ");
    words.forEach((word, at) => {
      const group = words.slice(0, at).join(" ");
      const below = groups.get(group) ?? new Map<string, string>();
      const path = words.slice(0, at + 1).join(" ");
      groups.set(group, below.set(word, summaries.get(path) ?? ""));
    });
  }
  return [...groups].map(([name, below]) => ({
    name,
    below: Array.from(below, ([word, about]) => ({
      word,
      about: about || listed([...(groups.get(join(name, word))?.keys() ?? [])]),
    })),
  }));
}

/** The words of all groups and commands, from the beginning. */
export function pathsOf(groups: readonly Group[]): string[] {
  return groups.flatMap(({ name, below }) => below.map(({ word }) => join(name, word)));
}

const join = (name: string, word: string) => (name === "" ? word : `${name} ${word}`);

const listed = (words: readonly string[]) =>
  words.length <= 8 ? words.join(", ") : `${words.slice(0, 8).join(", ")} and others`;

/** The names of flags that all commands have, and that mean the same in each. */
export function sharedFlags(commands: readonly CompletedCommand[]): ReadonlySet<string> {
  const flags = commands[0]?.flags ?? {};
  return new Set(
    Object.keys(flags).filter((name) => commands.every((each) => each.flags[name] === flags[name])),
  );
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
