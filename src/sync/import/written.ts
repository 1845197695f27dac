/** The pieces of a sync file that a translation makes, and how they are written down. */
import { stringify } from "yaml";

import type { WrittenEntry, WrittenFile } from "../schema.ts";

export type { WrittenEntry, WrittenFile };

/** The file of another tool, as a sync file. */
export interface Translation {
  /** A sync file. */
  readonly text: string;
  /** What it cannot say, and what to do about it. */
  readonly notes: readonly string[];
}

/** What a translation has to say beside the file; each once. */
export class Notes {
  readonly #notes = new Set<string>();

  add(note: string): void {
    this.#notes.add(note);
  }

  get all(): string[] {
    return [...this.#notes];
  }
}

/** Writes the file, the notes before it as comments. */
export function write(file: WrittenFile, tool: string, notes: readonly string[]): string {
  const head = [`Translated from a file of ${tool}.`, ...notes.map((note) => `NOTE: ${note}`)];
  const comment = head.map((line) => `# ${line}\n`).join("");
  return comment + stringify(file, { lineWidth: 0, aliasDuplicateObjects: false });
}
