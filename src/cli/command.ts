/** What a command is: a value. A short walk (main.ts) reads the words, and calls `run`. */
import type { Call } from "./call.ts";

export interface Argument {
  /** As shown in the usage line, e.g. `SRC`. */
  readonly name: string;
  readonly about: string;
  readonly optional?: boolean;
  /** The flag that may say it in its place, such as `body`. */
  readonly insteadBy?: string;
  /** Takes all words that are left. */
  readonly repeated?: boolean;
  /** The words accepted, where they are few. */
  readonly choices?: readonly string[];
}

export interface Flag {
  readonly about: string;
  /** Name of the value, e.g. `DIR`; without it the flag is a switch. */
  readonly value?: string;
  /** One letter. */
  readonly short?: string;
  /** May be given several times. */
  readonly repeated?: boolean;
  /** What holds where the flag is not given; shown in help. */
  readonly preset?: string;
  /** The values accepted, where they are few; completion offers them. */
  readonly choices?: readonly string[];
  /** Title under which help lists it, where a command has many flags. @default "Flags" */
  readonly group?: string;
  /** Values that completion offers, among others that are accepted too. */
  readonly offers?: readonly string[];
}

/** Values of flags after parsing: a switch is a boolean, a repeated flag a list. */
export type FlagValues<Flags extends Readonly<Record<string, Flag>>> = {
  readonly [Name in keyof Flags]: Flags[Name] extends { readonly repeated: true }
    ? readonly string[]
    : Flags[Name] extends { readonly preset: string }
      ? string
      : Flags[Name] extends { readonly value: string }
        ? string | undefined
        : boolean;
};

export interface Command<
  Flags extends Readonly<Record<string, Flag>> = Readonly<Record<string, Flag>>,
> {
  readonly arguments: readonly Argument[];
  readonly flags: Flags;
  /** Goes on where nobody reads what it prints any more: it is there for what it does. */
  readonly persists?: boolean;
  /** More than the summary says, in a few lines. */
  readonly about?: string;
  readonly examples: readonly { readonly command: string; readonly does: string }[];
  /** Returns the exit status where it is not 0. */
  run(call: Call<FlagValues<Flags>>): Promise<number | void>;
}

/** Returns what it was given; it is there for the types. */
export const command = <const Flags extends Readonly<Record<string, Flag>>>(
  definition: Command<Flags>,
): Command<Flags> => definition;
