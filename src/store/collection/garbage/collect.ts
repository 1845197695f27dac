/**
 * Collects garbage in a data directory, while it is served, by this process or another.
 *
 * Whoever writes takes turns with us, and what one turn removes is a page of things that are looked at again in that
 * very turn; so what is pushed meanwhile is never lost. Reading and marking is done between the turns.
 */
import { interrupted } from "../../../errors.ts";
import type { Cancellable } from "../../../http/bytes.ts";
import type { Digest } from "../../../reference/descriptor.ts";
import type { BlobFolder } from "../../disk/blobFolder.ts";
import { confirmationLag } from "../../disk/confirmation.ts";
import type { Pool } from "../../disk/pool.ts";
import type { Catalog } from "../catalog.ts";
import { RepositoryRecords, repositoryNames } from "../records.ts";
import { clearCandidates, sweepReleased, sweepUnreferenced } from "./blobs.ts";
import { sweepLeftovers } from "./leftovers.ts";
import { sweepManifests } from "./manifests.ts";
import { clearMarks } from "./marks.ts";
import { noteManifests } from "./notes.ts";
import { settleAll } from "../retiring.ts";
import { clearLinks } from "./retire.ts";
import { Pace } from "./sweep.ts";
import type { Freed, Sweep } from "./sweep.ts";

/** What counts as garbage, and how old it must be. */
export interface CollectOptions extends Cancellable {
  /** Whether manifests go that no tag leads to. @default false */
  readonly untagged?: boolean;
  /** Whether blobs go that no manifest has ever named, such as those of an upload that was given up. @default false */
  readonly unreferencedBlobs?: boolean;
  /** Milliseconds for which a blob stays after a look at it, a mount or a push, and a manifest without a tag. @default 24 h */
  readonly grace?: number;
  /** Only finds out what would be freed. @default false */
  readonly dryRun?: boolean;
  /** Whether what else this process does comes first; then it takes four times as long. @default false */
  readonly gentle?: boolean;
}

/** What was freed of one repository, or in a dry run would be. */
export interface CollectedRepository extends Readonly<Freed> {
  readonly name: string;
}

/** What was freed, or in a dry run would be. */
export interface Collected extends Readonly<Freed> {
  /** Those in which something was found, by name. */
  readonly repositories: readonly CollectedRepository[];
  /** Bytes that a deletion which was cut short had left behind; part of the sums. */
  readonly leftovers: Readonly<Freed>;
  /** Manifests that cannot be read, so that the blobs of their repository were left alone. */
  readonly unreadable: readonly { readonly name: string; readonly digest: Digest }[];
}

/** What the collector works on. */
export interface Premises {
  readonly catalog: Catalog;
  readonly pool: Pool;
  place(name: string): { readonly folder: string; readonly blobs: BlobFolder };
  /** A name for a new file, on the same file system. */
  temporary(): string;
  /** Notes that `index.json` of a repository is to be written again. */
  changed(name: string): void;
}

const day = 24 * 3600_000;

export async function collectGarbage(
  premises: Premises,
  options: CollectOptions = {},
): Promise<Collected> {
  const { catalog, pool } = premises;
  const { grace = day, dryRun = false, signal } = options;
  const pace = new Pace(options);
  // Files' times may be a little behind.
  const limitNow = () => catalog.now() - grace - (grace > 0 ? confirmationLag : 0);
  const begun = limitNow();
  // A clock that was ahead when the run began may be set right meanwhile.
  const limit = () => Math.min(begun, limitNow());
  clearLinks(catalog);
  const repositories: CollectedRepository[] = [];
  const unreadable: { name: string; digest: Digest }[] = [];
  const failures: unknown[] = [];
  for (let names = repositoryNames(catalog, ""); names.length > 0;) {
    for (const name of names) {
      if (signal?.aborted) throw interrupted(signal);
      const sweep = sweepOf(premises, name, { limit, dryRun, pace });
      try {
        const missing = await sweepRepository(sweep, options);
        unreadable.push(...missing.map((digest) => ({ name, digest })));
      } catch (error) {
        // One file that cannot be removed does not keep the others.
        if (signal?.aborted) throw error;
        failures.push(error);
      }
      const { freed } = sweep;
      if (!dryRun && freed.manifests > 0) premises.changed(name);
      if (freed.manifests > 0 || freed.blobs > 0 || freed.bytes > 0)
        repositories.push({ name, ...freed });
    }
    names = repositoryNames(catalog, names.at(-1) ?? "");
  }
  clearLinks(catalog);
  const leftovers = await sweepLeftovers(pool, { dryRun, pace });
  if (failures.length > 0) throw failures[0];
  const sum = (key: keyof Freed) =>
    repositories.reduce((total, freed) => total + freed[key], leftovers[key]);
  return {
    manifests: sum("manifests"),
    blobs: sum("blobs"),
    bytes: sum("bytes"),
    repositories,
    leftovers,
    unreadable,
  };
}

function sweepOf(
  { catalog, pool, place }: Premises,
  name: string,
  { limit, ...how }: Pick<Sweep, "dryRun" | "pace"> & { limit(): number },
): Sweep {
  const row = catalog.get("SELECT id FROM repositories WHERE name = ?", name);
  return {
    ...how,
    ...place(name),
    get limit() {
      return limit();
    },
    catalog,
    pool,
    name,
    repository: Number(row?.["id"]),
    records: new RepositoryRecords(catalog, name),
    freed: { manifests: 0, blobs: 0, bytes: 0 },
  };
}

/** @returns manifests that cannot be read */
async function sweepRepository(
  sweep: Sweep,
  { untagged = false, unreferencedBlobs = false }: CollectOptions,
): Promise<Digest[]> {
  const { catalog } = sweep;
  clearMarks(catalog);
  try {
    const unreadable = await noteManifests(sweep);
    if (unreadable.length > 0) return unreadable;
    if (untagged) await sweepManifests(sweep);
    // Those that were spared in the end need their blobs.
    if (!sweep.dryRun) clearMarks(catalog);
    await sweepReleased(sweep);
    if (unreferencedBlobs) await sweepUnreferenced(sweep);
    if (!sweep.dryRun) await settleAll(sweep);
    return [];
  } finally {
    clearMarks(catalog);
    clearCandidates(catalog);
  }
}
