/** Copies all tags of a repository. */
import { isError, WharfError } from "../errors.ts";
import type { Descriptor } from "../reference/descriptor.ts";
import { digestOfTag, isDigestTag, referrersTag } from "../reference/manifest.ts";
import type { Source, TagLister, Target } from "../store/store.ts";
import { Batch } from "./batch.ts";
import { copyWithin, type CopyOptions } from "./copy.ts";
import type { Note, Totals } from "./event.ts";
import { openSession, type Session } from "./session.ts";
import { addTotals, noTotals } from "./tally.ts";

/** Which tags are copied, and what becomes of those that the target has; the rest is as for one image. */
export interface CopyRepositoryOptions extends Omit<CopyOptions, "tag"> {
  /** Which tags; signatures and the like under digest tags then go along with their images only. @default all */
  readonly tags?: (tag: string) => boolean;
  /** Whether tags that the target has are set anew. @default true */
  readonly overwrite?: boolean;
  /** Goes on with the other tags where one fails. @default false */
  readonly keepGoing?: boolean;
}

/** What became of the tags of a repository. */
export interface CopyRepositoryResult {
  /** In the order in which they were done. */
  readonly images: readonly { readonly tag: string; readonly descriptor: Descriptor }[];
  /** With `keepGoing`: what was not copied. */
  readonly failures: readonly { readonly tag: string; readonly error: WharfError }[];
  /** Tags that the target had, where they are not to be overwritten. */
  readonly kept: readonly string[];
  readonly totals: Totals;
  readonly notes: readonly Note[];
}

/** What one tag met would be met by all others too. */
const fatal = [
  "INTERRUPTED",
  "UNAUTHORIZED",
  "FORBIDDEN",
  "RATE_LIMITED",
  "PULL_BUDGET_REACHED",
  "CONNECTION_FAILED",
  "TLS_UNTRUSTED",
  "DISK_FULL",
] as const;

/**
 * Copies a repository tag by tag, several at once; what they share is looked at and sent once.
 *
 * @throws WharfError as {@link copy}; with `keepGoing` only what would stop every tag
 *
 * @example
 * const { images } = await copyRepository(old, layout, { tags: (tag) => /^v\d/.test(tag) });
 */
export async function copyRepository(
  source: Source & TagLister,
  target: Target,
  options: CopyRepositoryOptions = {},
): Promise<CopyRepositoryResult> {
  const { signal, concurrency = 6, overwrite = true, keepGoing = false } = options;
  const session = openSession(source, target, options);
  const batch = new Batch(signal);
  const images: { tag: string; descriptor: Descriptor }[] = [];
  const failures: { tag: string; error: WharfError }[] = [];
  const kept: string[] = [];
  const notes: Note[] = [];
  let totals = noTotals;
  /** Indexes that stand in for a referrers API. */
  const lists: string[] = [];

  const copyOne = async (tag: string, keep: boolean) => {
    if (keep && (await has(session, batch, tag))) return void kept.push(tag);
    const own = isDigestTag(tag) ? { referrers: false } : {};
    const all = { ...options, ...own, tag, signal: batch.signal };
    const result = await copyWithin(session, tag, all);
    images.push({ tag, descriptor: result.descriptor });
    notes.push(...result.notes);
    totals = addTotals(totals, result.totals);
  };
  const attempt = async (tag: string, keep: boolean) => {
    try {
      await copyOne(tag, keep);
    } catch (error) {
      if (batch.signal.aborted || !keepGoing || !isError(error) || isError(error, ...fatal)) {
        throw error;
      }
      failures.push({ tag, error });
    }
  };
  const work = async (tags: AsyncIterator<string>) => {
    for (let next = await tags.next(); !next.done; next = await tags.next()) {
      batch.check();
      const tag = next.value;
      if (isReferrersTag(tag) && options.referrers !== false) lists.push(tag);
      else await attempt(tag, !overwrite);
    }
  };

  try {
    const tags = select(source.listTags({ signal: batch.signal }), options);
    const workers = Array.from({ length: Math.max(1, concurrency) }, () => work(tags));
    await batch.all(workers);
    // Pushing the referrers has written these lists where the target needs them, perhaps with entries of its own.
    for (const tag of lists) await batch.all([attempt(tag, true)]);
  } finally {
    batch.close();
  }
  return { images, failures, kept, totals, notes };
}

async function* select(
  tags: AsyncIterable<string>,
  { tags: wanted, referrers }: CopyRepositoryOptions,
): AsyncGenerator<string, void, undefined> {
  for await (const tag of tags) {
    if (wanted === undefined) yield tag;
    else if ((referrers === false || !isDigestTag(tag)) && wanted(tag)) yield tag;
  }
}

async function has({ target }: Session, { signal }: Batch, tag: string): Promise<boolean> {
  try {
    await target.resolve(tag, { signal });
    return true;
  } catch (error) {
    if (isError(error, "MANIFEST_NOT_FOUND", "REPOSITORY_NOT_FOUND")) return false;
    throw error;
  }
}

function isReferrersTag(tag: string): boolean {
  const digest = digestOfTag(tag);
  return digest !== undefined && referrersTag(digest) === tag;
}
