/** Keeping many repositories as others have them, by a file. What that takes is loaded when it is used. */
import type { SyncFile } from "./entry.ts";
import type { ReadSyncFileOptions } from "./file.ts";
import type { ImportOptions } from "./import/translate.ts";
import type { Translation } from "./import/written.ts";
import type { SyncOptions, SyncResult } from "./run.ts";

export type { BudgetOptions as SyncPullOptions, PullReport } from "./budgets.ts";
export type { SyncEntry, SyncFile } from "./entry.ts";
export type {
  Failure as SyncFailure,
  ImageEvent as SyncImageEvent,
  PruneEvent as SyncPruneEvent,
  RepositoryEvent as SyncRepositoryEvent,
  SyncEvent,
  SyncNote,
} from "./event.ts";
export type { ReadSyncFileOptions } from "./file.ts";
export type { ImportOptions as ImportSyncFileOptions } from "./import/translate.ts";
export type { Translation as SyncFileTranslation } from "./import/written.ts";
export type { SyncOptions, SyncResult } from "./run.ts";
export type { Counts as SyncCounts, Failed as SyncFailed } from "./tally.ts";

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

/**
 * Translates a file of regsync, or of `skopeo sync --src yaml`, into a sync file. What that cannot say is in the notes.
 *
 * @param options.target of skopeo, which its files do not name
 * @throws WharfError CONFIG_INVALID for what cannot be translated, USAGE
 */
export async function importSyncFile(
  text: string,
  options: ImportOptions = {},
): Promise<Translation> {
  const { translate } = await import("./import/translate.ts");
  return translate(text, options);
}

/** The JSON Schema of sync files, for editors. */
export async function syncFileSchema(): Promise<object> {
  const { jsonSchema } = await import("./schema.ts");
  return jsonSchema();
}
