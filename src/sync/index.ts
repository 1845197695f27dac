/** Keeping many repositories as others have them, by a file. What that takes is loaded when it is used. */
import type { SyncFile } from "./entry.ts";
import type { ReadSyncFileOptions } from "./file.ts";
import type { SyncOptions, SyncResult } from "./run.ts";

export type { SyncEntry, SyncFile } from "./entry.ts";
export type { Failure, ImageEvent, PruneEvent, RepositoryEvent, SyncEvent } from "./event.ts";
export type { ReadSyncFileOptions } from "./file.ts";
export type { SyncOptions, SyncResult } from "./run.ts";
export type { Counts, Failed } from "./tally.ts";

/**
 * Reads a sync file.
 *
 * @param text YAML; docs/sync.md has the format
 * @throws WharfError CONFIG_INVALID, which names file, line and field
 * @example
 * const file = await readSyncFile(await readFile("mirror.yaml", "utf8"), { name: "mirror.yaml" });
 */
export async function readSyncFile(
  text: string,
  options: ReadSyncFileOptions = {},
): Promise<SyncFile> {
  const { readText } = await import("./file.ts");
  return readText(text, options);
}

/**
 * Brings all that a sync file names to where it says. Each image is compared by digest, which costs no pull, and what
 * differs is copied as {@link copy} does: nothing twice, the tag last, so that a run after an interruption does the rest.
 * What fails is told and counted, and stops nothing else.
 *
 * @throws WharfError INTERRUPTED; with `failFast` the first failure
 * @example
 * const { totals, failures } = await sync(file, { onEvent: (event) => console.log(JSON.stringify(event)) });
 */
export async function sync(file: SyncFile, options: SyncOptions = {}): Promise<SyncResult> {
  const { run } = await import("./run.ts");
  return run(file, options);
}

/** The JSON Schema of sync files, for editors. */
export async function syncFileSchema(): Promise<object> {
  const { jsonSchema } = await import("./schema.ts");
  return jsonSchema();
}
