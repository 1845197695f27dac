/** Scenarios of the distribution specification: what any registry should do, told once and run against several. */
import assert, { AssertionError } from "node:assert/strict";
import { test } from "node:test";

import type { Registry } from "./registry.ts";

/** @param name of a repository that nothing was pushed to */
export type Scenario = (registry: Registry, name: string) => Promise<void>;

/** What is told of one part of the specification, by what a registry does. */
export interface Chapter {
  readonly title: string;
  readonly scenarios: Readonly<Record<string, Scenario>>;
}

/**
 * Runs all chapters, one scenario after another.
 *
 * @param known what this registry is known not to do, by title and scenario, with what it does instead. Where it begins to
 *   do so the test fails, so that the list stays true.
 */
export function runScenarios(
  chapters: readonly Chapter[],
  registry: Registry,
  known: Readonly<Record<string, string>> = {},
): void {
  const names = new Set<string>();
  let count = 0;
  for (const { title: chapter, scenarios } of chapters)
    for (const [does, scenario] of Object.entries(scenarios)) {
      const name = `${chapter}: ${does}`;
      names.add(name);
      count += 1;
      const repository = `scenario/${count}`;
      const failure = known[name];
      const title = failure === undefined ? name : `${name} (a known failure: ${failure})`;
      test(title, async () => {
        try {
          await scenario(registry, repository);
        } catch (error) {
          // What it sent may be half an answer.
          registry.reconnect();
          if (failure === undefined || !isFailure(error)) throw error;
          return;
        }
        assert(failure === undefined, "it does now: take it off the list of known failures");
      });
    }
  test("every known failure is that of a scenario", () => {
    assert.deepEqual(
      Object.keys(known).filter((name) => !names.has(name)),
      [],
    );
  });
}

/** Whether the registry has failed, and not the scenario. */
function isFailure(error: unknown): boolean {
  return error instanceof AssertionError || (error as NodeJS.ErrnoException).code === "ECONNRESET";
}
