/** What content the registry takes. */
import type { Flag, FlagValues } from "../command.ts";
import type { Part } from "./part.ts";

export const contentFlags = {
  "sparse-images": {
    about: "Take images some of whose blobs are not there, as mirrors of a part have them",
  },
} as const satisfies Record<string, Flag>;

export function contentPart(flags: FlagValues<typeof contentFlags>): Part {
  return { options: { sparseImages: flags["sparse-images"] } };
}
