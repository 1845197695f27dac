/** Writes what a seed says into an empty state. */
import { isError, WharfError } from "../../errors.ts";
import { plantEvents } from "../events/plant.ts";
import type { State } from "../state/state.ts";
import { Dock, type Fetch } from "./images.ts";
import { plantAccounts } from "./people.ts";
import { plantPulls } from "./pulls.ts";
import { plantRepositories } from "./repositories.ts";
import type { Seed } from "./schema.ts";
import { tagsOf } from "./tags.ts";

export interface PlantOptions {
  /** Milliseconds since 1970; ages are seen from there. */
  readonly now: number;
  /** For images that are not ours. */
  readonly fetch?: Fetch | undefined;
}

/** Brings the images of a seed together. @returns what writes all of it, to be called in a transaction in which the state is empty */
export async function plant(state: State, seed: Seed, options: PlantOptions): Promise<() => void> {
  const dock = new Dock(options.fetch);
  for (const repository of seed.repositories ?? [])
    for (const tag of tagsOf(repository))
      await dock.bring(tag.image).catch((error: unknown) => {
        if (!isError(error)) throw error;
        const whose = `the seed's ${repository.name}:${tag.name}`;
        throw new WharfError(error.code, `${whose}: ${error.message}`, error.details);
      });
  const writeContent = await dock.write(state);
  const hashes = new Map(Object.entries((await import("./ready.ts")).ready().passwords));
  return () => {
    plantAccounts(state, seed, options.now, hashes);
    writeContent();
    plantRepositories(state, seed, dock, options.now);
    plantPulls(state, seed, options.now);
    plantEvents(state, seed, options.now);
  };
}
