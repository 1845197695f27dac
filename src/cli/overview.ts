/**
 * `wharf --help`, which most people call first, and `wharf hub --help`: they have a bundle of their own, since that of all
 * commands takes as long to read as Node to start.
 */
import { groupHelp, overview } from "./help.ts";
import { commandsOf, known } from "./known.ts";

/**
 * Prints the list of commands, or of those of a group.
 * @param words `--help` alone, or behind one or two words
 * @returns false for a command, whose help is its own
 */
export async function printOverview(words: readonly string[]): Promise<boolean> {
  const text = words.length < 2 ? overview() : await helpOf(words.slice(0, -1));
  if (text === undefined) return false;
  process.stdout.on("error", ({ code, message }: NodeJS.ErrnoException) => {
    // Whoever reads us may stop early (`| head`); that is no failure.
    if (code === "EPIPE") process.exit(0);
    process.stderr.write(`wharf: standard output: ${message}\n`);
    process.exit(1);
  });
  process.stdout.write(`${text}\n`);
  return true;
}

async function helpOf(words: readonly string[]): Promise<string | undefined> {
  const all = await known(words[0]!);
  const group = words.join(" ");
  if (all.some(({ name }) => name === group) || commandsOf(group, all).length === 0)
    return undefined;
  return groupHelp(group, all);
}
