/** Completion for fish. */
import type { CompletedCommand } from "./completion.ts";
import { firstWords, isPath, offered, offeredWords } from "./words.ts";

export function fish(commands: readonly CompletedCommand[]): string {
  const lines = ["# fish completion for wharf", "complete -c wharf -n __fish_use_subcommand -f"];
  for (const { word, about, below } of firstWords(commands)) {
    lines.push(offer("__fish_use_subcommand", word, about));
    const second = `__fish_seen_subcommand_from ${word}; and test (count (commandline -opc)) -eq 2`;
    for (const { word: next, about: what } of below) lines.push(offer(second, next, what));
  }
  for (const command of commands) lines.push(...linesOf(command));
  return `${lines.join("\n")}\n`;
}

function linesOf({ name, arguments: known, flags }: CompletedCommand): string[] {
  const seen = name
    .split(" ")
    .map((word) => `__fish_seen_subcommand_from ${word}`)
    .join("; and ");
  const words = offeredWords(known);
  return [
    ...(words.length > 0 ? [offer(seen, words.join(" "))] : []),
    ...Object.entries(flags).map(([flag, definition]) => {
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
      return `complete -c wharf -n ${quoted(seen)} -l ${flag}${letter}${takes} -d ${quoted(about)}`;
    }),
  ];
}

const offer = (condition: string, words: string, about?: string) =>
  `complete -c wharf -n ${quoted(condition)} -f -a ${quoted(words)}${about === undefined ? "" : ` -d ${quoted(about)}`}`;

const quoted = (text: string) => `'${text.replaceAll(/[\\']/g, (letter) => `\\${letter}`)}'`;
