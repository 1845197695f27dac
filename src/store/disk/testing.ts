/** For tests of stores on disk. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { onStep } from "./steps.ts";
import type { Step } from "./steps.ts";

export async function temporaryFolder(): Promise<{ folder: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "store-"));
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/**
 * Lets one step of `work` fail with a code of the operating system: the one with that number among those of `kind`, or
 * among all.
 * @returns what the work failed with; undefined where it succeeded
 */
export async function failing(
  number: number,
  code: string,
  work: () => Promise<unknown>,
  kind?: Step,
): Promise<unknown> {
  let count = 0;
  onStep((step, path) => {
    if (kind !== undefined && step !== kind) return;
    count += 1;
    if (count === number) {
      throw Object.assign(new Error(`${code}: made to fail, ${step} '${path}'`), { code });
    }
  });
  try {
    await work();
    return undefined;
  } catch (error) {
    return error;
  } finally {
    onStep(undefined);
  }
}
