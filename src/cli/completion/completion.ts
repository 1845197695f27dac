/** Completion scripts, made from the definitions of the commands. */
import type { Argument, Flag } from "../command.ts";
import { usage } from "../flags.ts";
import { bash } from "./bash.ts";
import { fish } from "./fish.ts";
import { zsh } from "./zsh.ts";

export interface CompletedCommand {
  /** One word, two or three. */
  readonly name: string;
  readonly summary: string;
  readonly arguments: readonly Argument[];
  readonly flags: Readonly<Record<string, Flag>>;
}

const scripts: Readonly<Record<string, (commands: readonly CompletedCommand[]) => string>> = {
  bash,
  zsh,
  fish,
};

/** @throws WharfError USAGE for an unknown shell */
export function completionScript(shell: string, commands: readonly CompletedCommand[]): string {
  const script = Object.hasOwn(scripts, shell) ? scripts[shell] : undefined;
  if (script) return script(commands);
  throw usage(`There is no completion for '${shell}'`, "Known shells are bash, zsh and fish.");
}
