/** An entry for each operation of Docker Scout, for help and completion. */
import { entryOf } from "../hub/commands.ts";
import type { Entry } from "../index.ts";
import { outlines } from "./operations.ts";

let made: readonly Entry[] | undefined;

export function scoutEntries(): readonly Entry[] {
  return (made ??= outlines.map(entryOf));
}
