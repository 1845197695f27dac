/** Where the served repositories are kept. */
import type { RepositoryCollection } from "../../store/store.ts";
import type { Flag, FlagValues } from "../command.ts";
import type { Collecting } from "./collecting.ts";

export const dataFlags = {
  store: {
    about: "Folder that holds the repositories, one OCI layout each; made where it is missing",
    value: "DIR",
    preset: "wharf-registry",
  },
  memory: { about: "Keep everything in memory, and forget it at the end" },
  seed: { about: "Put a small image (hello/wharf) into an empty registry" },
} as const satisfies Record<string, Flag>;

export type DataFlags = FlagValues<typeof dataFlags>;

export async function openData(
  { memory, store }: DataFlags,
  { uploadAge }: Pick<Collecting, "uploadAge">,
): Promise<RepositoryCollection> {
  if (memory) return (await import("../../store/memory.ts")).createMemoryCollection();
  return (await import("../../store/collection/collection.ts")).openCollection(store, {
    uploadAge,
  });
}
