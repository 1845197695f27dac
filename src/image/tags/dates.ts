/** When the tags of a repository were pushed, or what they name was made. */
import { isError } from "../../errors.ts";
import type { Digest } from "../../reference/descriptor.ts";
import type { PushDate } from "../../registry/pushDates.ts";
import type { Cancellable, Fetcher, Resolver } from "../../store/store.ts";
import { each } from "../several.ts";
import { createdAt, type Created, type CreatedOptions } from "./created.ts";
import { judge, type Doubt } from "./moment.ts";

export type { PushDate };

/** Tells when tags were pushed, where a registry knows; to be had for some registries only. */
export interface DateSource {
  /**
   * Yields what is known of the tags; those that are left out are dated by what they name.
   * @throws WharfError UNSUPPORTED where nothing is known of the repository
   */
  pushDates(tags: ReadonlySet<string>, options?: Cancellable): AsyncIterable<PushDate>;
}

/** A tag, and when it was pushed or made. */
export interface DatedTag {
  readonly tag: string;
  /** What it names; absent where nobody had to ask. */
  readonly digest?: Digest;
  /** Milliseconds since 1970; absent where it is not known. */
  readonly date?: number;
  /** Who says so: the registry (`pushed`), the image's configuration (`created`), an annotation. */
  readonly source: "pushed" | "created" | "annotation" | "unknown";
  /** Why the date is not known. */
  readonly doubt?: Doubt;
}

/** Who is asked for the dates of tags, what is known of them, and how many are asked for at once. */
export interface DateOptions extends CreatedOptions {
  /** Asked first. @default the store itself, where it tells when tags were pushed */
  readonly dates?: DateSource;
  /** What tags are known to name, which saves asking. */
  readonly named?: ReadonlyMap<string, Digest>;
  /** Requests at once. @default 6 */
  readonly concurrency?: number;
  /** Called as tags are done. */
  readonly onProgress?: (done: number) => void;
}

/**
 * Finds the date of each tag: when it was pushed where the registry tells, else when what it names was made. Each tag costs
 * one `HEAD`, and each digest that no cache knows two or three requests more, once.
 *
 * Missing dates, those that builders write in place of one (the year 1, 1970, 1980), and dates to come are unknown.
 *
 * @returns in the order of `tags`, without those that are gone by now
 * @throws WharfError UNAUTHORIZED, CONNECTION_FAILED, …; what is wrong with one image makes its date unknown
 * @example
 * const dated = await dateTags(repository, tags, { platform: parsePlatform("linux/amd64") });
 */
export async function dateTags(
  store: Resolver & Fetcher,
  tags: readonly string[],
  options: DateOptions = {},
): Promise<DatedTag[]> {
  const { signal, now = Date.now(), named, concurrency, onProgress } = options;
  const pushed = await pushDates(tags, options.dates ?? ownDates(store), signal);
  const made = new Map<Digest, Promise<Created>>();
  let done = 0;
  const one = async (tag: string): Promise<DatedTag | undefined> => {
    const told = pushed.get(tag);
    const moment = told && judge(told.pushed, now);
    const known = moment?.date === undefined ? undefined : moment.date;
    let digest = named?.get(tag) ?? told?.digest;
    if (digest === undefined && known === undefined) {
      try {
        ({ digest } = await store.resolve(tag, signal ? { signal } : {}));
      } catch (error) {
        if (isError(error, "MANIFEST_NOT_FOUND", "REPOSITORY_NOT_FOUND")) return undefined;
        throw error;
      }
    }
    if (known !== undefined) {
      return { tag, ...(digest !== undefined && { digest }), date: known, source: "pushed" };
    }
    const found = made.get(digest!) ?? createdAt(store, digest!, { ...options, now });
    made.set(digest!, found);
    try {
      const { date, source = "created", doubt } = await found;
      const asked = { tag, digest: digest! };
      return date === undefined
        ? { ...asked, source: "unknown", doubt }
        : { ...asked, date, source };
    } catch (error) {
      if (isError(error, "MANIFEST_NOT_FOUND")) return undefined;
      throw error;
    }
  };
  const work = async (tag: string) => {
    const dated = await one(tag);
    onProgress?.(++done);
    return dated;
  };
  const dated = await each(tags, work, concurrency);
  return dated.filter((tag) => tag !== undefined);
}

/** The known dates of tags, as `selectTags` wants them. */
export function knownDates(tags: readonly DatedTag[]): Map<string, number> {
  return new Map(tags.flatMap(({ tag, date }) => (date === undefined ? [] : [[tag, date]])));
}

/** Repositories of registries tell, or say that theirs does not. */
function ownDates(store: object): DateSource | undefined {
  const { pushDates: method } = store as Partial<DateSource>;
  return typeof method === "function" ? (store as DateSource) : undefined;
}

async function pushDates(
  tags: readonly string[],
  dates: DateSource | undefined,
  signal: AbortSignal | undefined,
): Promise<Map<string, PushDate>> {
  const found = new Map<string, PushDate>();
  if (dates === undefined) return found;
  const wanted = new Set(tags);
  try {
    for await (const told of dates.pushDates(wanted, signal ? { signal } : {})) {
      if (wanted.has(told.tag)) found.set(told.tag, told);
    }
  } catch (error) {
    if (!isError(error, "UNSUPPORTED", "REPOSITORY_NOT_FOUND", "FORBIDDEN")) throw error;
  }
  return found;
}
