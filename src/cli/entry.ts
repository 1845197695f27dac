/** A command in the list of all: its line in the help, and how it is loaded. */
import type { Command } from "./command.ts";

export interface Entry {
  readonly name: string;
  readonly usage: string;
  readonly summary: string;
  readonly load: () => Promise<{ readonly default: Command<never> }>;
}

/** Commands under one title of the help. */
export interface Group {
  readonly title: string;
  readonly entries: readonly Entry[];
}

export const entry = (
  name: string,
  usage: string,
  summary: string,
  load: () => Promise<object>,
): Entry => ({
  name,
  usage,
  summary,
  load: load as Entry["load"],
});
