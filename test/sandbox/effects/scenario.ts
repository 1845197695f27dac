/** How the effect of an operation is seen: by another one, never by its own answer alone. */
import type { Stage } from "../stage.ts";

export interface Scenario {
  /** Operations whose effect it shows, and those that show it. */
  readonly shows: readonly string[];
  run(at: Stage): Promise<void>;
}

/** By what is seen, in a sentence. */
export type Scenarios = Readonly<Record<string, Scenario>>;

/** @param shows `area.verb verb verb`, for each area */
export function scenario(shows: readonly string[], run: Scenario["run"]): Scenario {
  const ids = shows.flatMap((text) => {
    const [area = "", verbs = ""] = text.split(".");
    return verbs.split(" ").map((verb) => `${area}.${verb}`);
  });
  return { shows: ids, run };
}
