/** What words can mean: the commands written by hand, and those made of the catalogue where these are asked for. */
import { entries, type Entry } from "./index.ts";

/** @param first the first word */
export async function known(first: string): Promise<readonly Entry[]> {
  switch (first) {
    case "hub": {
      const { hubEntries } = await import("./hub/commands.ts");
      return [...entries, ...hubEntries()];
    }
    case "scout": {
      const { scoutEntries } = await import("./scout/commands.ts");
      return [...entries, ...scoutEntries()];
    }
    default:
      return entries;
  }
}

/** The commands below one or two words, such as `manifest`. */
export const commandsOf = (group: string, all: readonly Entry[]): readonly Entry[] =>
  all.filter(({ name }) => name.startsWith(`${group} `));
