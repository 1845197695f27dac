/** Copies images between any two stores. */
import { interrupted } from "../errors.ts";
import type { Descriptor, Platform } from "../reference/descriptor.ts";
import { isDigest } from "../reference/digest.ts";
import { checkTag } from "../reference/name.ts";
import { supports, type Source, type Target } from "../store/store.ts";
import { Batch } from "./batch.ts";
import { compare, findRoot, type Comparison, type Root } from "./compare.ts";
import type { CopyEvent, Note, Totals } from "./event.ts";
import { openSession, type Run, type Session, type SessionOptions } from "./session.ts";
import { Tally } from "./tally.ts";

/** What is copied of an image, and under which names; without any, all of it. */
export interface CopyOptions extends SessionOptions {
  /**
   * Names in the target; an empty list for none but the digest.
   * @default the reference, where it is a tag; none where it is a digest
   */
  readonly tag?: string | readonly string[];
  /**
   * One: the manifest for it. Several: an index of these, in the order and with the annotations of the original,
   * with the attestations of what is kept.
   * @default everything that the reference names
   */
  readonly platforms?: readonly Platform[];
  /** Whether those of the platforms that there are will do; there must be one. @default false: all must be there */
  readonly somePlatforms?: boolean;
  /**
   * Whether referrers (signatures, SBOMs, attestations, also of children and of referrers) and digest tags go along.
   * @default where both stores can list referrers
   */
  readonly referrers?: boolean;
  /** Aborted, it ends the copy with INTERRUPTED; the next one does the rest. */
  readonly signal?: AbortSignal;
  /** Called as things happen; must not throw. */
  readonly onEvent?: (event: CopyEvent) => void;
}

/** What a copy has brought about. */
export interface CopyResult {
  /** What the target has now: the source's manifest, or the reduced index. */
  readonly descriptor: Descriptor;
  /** Tags of the target that name it. */
  readonly tags: readonly string[];
  readonly totals: Totals;
  /** What was left out on purpose, and why. */
  readonly notes: readonly Note[];
}

/**
 * Copies what `reference` names, children before parents and the tag last: the target never shows a half image.
 * Nothing is sent that the target has, so a copy that was interrupted goes on where it was when it is run again.
 * The first failure stops the rest.
 *
 * @param reference tag or digest
 * @throws WharfError MANIFEST_NOT_FOUND, PLATFORM_NOT_FOUND, DIGEST_MISMATCH (says which side is wrong),
 *   MANIFEST_TOO_LARGE, INTERRUPTED, and whatever the stores throw
 *
 * @example
 * const { descriptor } = await copy(docker.repository("library/nginx"), "1.29", layout, {
 *   platforms: [parsePlatform("linux/amd64"), parsePlatform("linux/arm64")],
 *   onEvent: (event) => console.log(JSON.stringify(event)),
 * });
 */
export function copy(
  source: Source,
  reference: string,
  target: Target,
  options: CopyOptions = {},
): Promise<CopyResult> {
  return copyWithin(openSession(source, target, options), reference, options);
}

/** One copy of several that share what they know; see {@link copy}. */
export async function copyWithin(
  session: Session,
  reference: string,
  options: CopyOptions,
): Promise<CopyResult> {
  const { signal, onEvent } = options;
  const tags = tagsOf(reference, options.tag);
  if (signal?.aborted) throw interrupted(signal);
  const batch = new Batch(signal);
  const tally = new Tally(reference, onEvent);
  const run: Run = {
    session,
    batch,
    tally,
    referrers: options.referrers ?? (canTakeAlong(session) ? "tolerant" : false),
    made: new Map(),
    indexes: new Map(),
    seen: new Set(),
    spent: { manifests: 0, bytes: 0 },
  };
  try {
    const { platforms = [], somePlatforms } = options;
    const finding =
      platforms.length > 0
        ? select(run, reference, platforms, somePlatforms)
        : findRoot(run, reference);
    const comparison = await compare(run, finding, tags);
    const { descriptor } = comparison.root;
    const settled = session.trusting && tags.length > 0 && comparison.missing.length === 0;
    if (settled && run.referrers === false) {
      tally.manifest("exists", descriptor);
      for (const tag of tags) tally.tag("exists", tag, descriptor.digest);
    } else {
      await place(run, comparison);
    }
    tally.done(descriptor, tags);
    return { descriptor, tags, totals: tally.totals, notes: tally.notes };
  } finally {
    batch.close();
  }
}

// What a copy with nothing to do has no use for is loaded by those that have.

async function select(
  run: Run,
  reference: string,
  platforms: readonly Platform[],
  some?: boolean,
): Promise<Root> {
  const { selectRoot } = await import("./select.ts");
  return selectRoot(run, reference, platforms, some);
}

async function place(run: Run, comparison: Comparison): Promise<void> {
  const [{ place }, { noteLeftOut }] = await Promise.all([
    import("./place.ts"),
    import("./along.ts"),
  ]);
  const placing = place(run, comparison, { referrers: run.referrers !== false });
  await run.batch.all([placing, noteLeftOut(run, comparison.root)]);
}

function tagsOf(reference: string, tag: CopyOptions["tag"]): string[] {
  if (tag === undefined) return isDigest(reference) ? [] : [reference];
  return [...new Set(typeof tag === "string" ? [tag] : tag)].map(checkTag);
}

/** Who can list referrers can take them too. */
function canTakeAlong({ source, target }: Session): boolean {
  return supports(source, "listReferrers") && supports(target, "listReferrers");
}
