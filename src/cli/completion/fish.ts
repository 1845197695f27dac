/** Completion for fish. */
import type { Flag } from "../command.ts";
import type { CompletedCommand } from "./completion.ts";
import { groupsOf, isPath, offered, offeredWords, sharedFlags } from "./words.ts";

export function fish(commands: readonly CompletedCommand[]): string {
  const shared = sharedFlags(commands);
  const common = Object.entries(commands[0]?.flags ?? {}).filter(([name]) => shared.has(name));
  const lines = [
    "# fish completion for wharf",
    // Whether these are the words so far, and whether the words begin with these.
    'function __wharf_at; set -l words (commandline -opc); test "$words[2..-1]" = "$argv"; end',
    'function __wharf_in; set -l words (commandline -opc); test "$words[2..(math (count $argv) + 1)]" = "$argv"; end',
    "complete -c wharf -n __fish_use_subcommand -f",
    ...common.map((flag) => flagLine(undefined, flag)),
  ];
  for (const { name, below } of groupsOf(commands)) {
    const here = name === "" ? "__fish_use_subcommand" : `__wharf_at ${name}`;
    for (const { word, about } of below) lines.push(offer(here, word, about));
  }
  for (const command of commands) lines.push(...linesOf(command, shared));
  return `${lines.join("\n")}\n`;
}

function linesOf(
  { name, arguments: known, flags }: CompletedCommand,
  shared: ReadonlySet<string>,
): string[] {
  const seen = `__wharf_in ${name}`;
  const own = Object.entries(flags).filter(([flag]) => !shared.has(flag));
  const words = offeredWords(known);
  return [
    ...(words.length > 0 ? [offer(seen, words.join(" "))] : []),
    ...own.map((flag) => flagLine(seen, flag)),
  ];
}

function flagLine(seen: string | undefined, [flag, definition]: readonly [string, Flag]): string {
  const { about, value, short } = definition;
  const values = offered(definition);
  const takes =
    value === undefined
      ? ""
      : isPath(definition)
        ? " -r"
        : values.length > 0
          ? ` -x -a ${quoted(values.join(" "))}`
          : " -x";
  const letter = short === undefined ? "" : ` -s ${short}`;
  const where = seen === undefined ? "" : ` -n ${quoted(seen)}`;
  return `complete -c wharf${where} -l ${flag}${letter}${takes} -d ${quoted(about)}`;
}

const offer = (condition: string, words: string, about?: string) =>
  `complete -c wharf -n ${quoted(condition)} -f -a ${quoted(words)}${about === undefined ? "" : ` -d ${quoted(about)}`}`;

const quoted = (text: string) => `'${text.replaceAll(/[\\']/g, (letter) => `\\${letter}`)}'`;
