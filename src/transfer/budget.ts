/**
 * Pulls as Docker Hub counts them: each `GET` of a manifest may be one, `HEAD` and blobs are none.
 * Source: Docker's docs, "Docker Hub pull usage and limits".
 */
import { interrupted, isError, WharfError } from "../errors.ts";
import { pause } from "../http/gate.ts";
import type { Digest } from "../reference/descriptor.ts";
import { isIndexType } from "../reference/manifest.ts";
import { isDigest } from "../reference/digest.ts";
import type { CountedRead, PullGuard, PullLimit } from "../registry/pullLimit.ts";
import type { Manifest } from "../store/store.ts";
import type { Shelf } from "./budgetShelf.ts";

/** How many pulls must be left, and how long to wait for more. */
export interface PullBudgetOptions {
  /** Pulls that must be left. @default 0 */
  readonly keep?: number;
  /** Milliseconds to wait for more, all waits together. @default 0: the copy ends at the floor */
  readonly wait?: number;
  /** Called when a wait begins. */
  readonly onWait?: (wait: PullWait) => void;
  /** Manifests from earlier, which need not be read again. */
  readonly shelf?: Shelf;
  /** How time is passed, for tests. */
  readonly pause?: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
}

/** A wait that begins, because too few pulls are left. */
export interface PullWait {
  /** What the registry stated last. */
  readonly limit: PullLimit;
  /** Milliseconds until the registry is asked again. */
  readonly next: number;
  /** Milliseconds of patience that are left. */
  readonly left: number;
}

/** What was read of manifests. */
export interface PullCount {
  /** Images; Docker counts one pull for each platform of an image, and nothing for the index above them. */
  readonly images: number;
  /** Requests, those for indexes too: the most that may be counted. */
  readonly requests: number;
  /** Of these, how many did not have to be made. */
  readonly reused: number;
}

const longestPause = 5 * 60_000;
const usualPause = 60_000;

/**
 * Keeps a floor of pulls: a guard for the repositories of one registry. It hears from each answer how many pulls are left,
 * and before a manifest is read it makes sure that the floor holds with all reads under way. At the floor it asks again by
 * `HEAD`, then waits as long as it may, and ends with an error.
 *
 * @example
 * const budget = new PullBudget({ keep: 20, wait: 3_600_000 });
 * repository.guardPulls(budget);
 * await copy(repository, "latest", target);
 * console.log(budget.count.images, budget.limit?.remaining);
 */
export class PullBudget implements PullGuard {
  /** Pulls that must be left. */
  readonly keep: number;
  readonly #options: PullBudgetOptions;
  #limit: PullLimit | undefined;
  #asked = false;
  #asking = false;
  #patience: number;
  #running = 0;
  #ended: (() => void) | undefined;
  /** Who decides whether it may read; the others wait for it. */
  #turn: Promise<unknown> = Promise.resolve();
  readonly #seen = new Set<Digest>();
  readonly #count = { images: 0, requests: 0, reused: 0 };

  constructor(options: PullBudgetOptions = {}) {
    this.#options = options;
    this.keep = options.keep ?? 0;
    this.#patience = options.wait ?? 0;
  }

  /** What the registry stated last; undefined where it states no limit, or was not asked. */
  get limit(): PullLimit | undefined {
    return this.#limit;
  }

  /** What was read so far. */
  get count(): PullCount {
    return { ...this.#count };
  }

  stated(limit: PullLimit | undefined): void {
    this.#asked = true;
    if (limit === undefined) return;
    // Answers overtake each other: more than was known is believed only where nothing else is under way.
    const known = this.#asking && this.#running === 0 ? undefined : this.#limit?.remaining;
    this.#limit = { ...limit, remaining: Math.min(limit.remaining, known ?? limit.remaining) };
  }

  async read(request: CountedRead): Promise<Manifest> {
    const kept = await this.#fromShelf(request);
    if (kept !== undefined) return kept;
    for (;;) {
      await this.#inTurn(() => this.#enter(request));
      let refusal: WharfError;
      try {
        const manifest = await request.get();
        this.#tally(manifest);
        if (this.#limit !== undefined) await this.#options.shelf?.put(manifest);
        return manifest;
      } catch (error) {
        if (!isError(error, "RATE_LIMITED") || this.#patience <= 0) throw error;
        refusal = error;
      } finally {
        this.#running -= 1;
        this.#ended?.();
      }
      // Somebody else has used up what was left.
      this.#limit = { ...(this.#limit ?? { limit: 0 }), remaining: 0 };
      await this.#inTurn(() => this.#wait(request, refusal));
    }
  }

  /** By `HEAD` first, where a tag is asked for: what is not there, or on the shelf, need not be read. */
  async #fromShelf(request: CountedRead): Promise<Manifest | undefined> {
    // Where nothing is counted, nothing is kept.
    if (this.#asked && this.#limit === undefined) return undefined;
    const { reference } = request;
    const digest = isDigest(reference) ? reference : (await request.ask())?.digest;
    const kept = digest === undefined ? undefined : await this.#options.shelf?.get(digest);
    if (kept === undefined) return undefined;
    this.#tally(kept, 1);
    return kept;
  }

  #tally({ descriptor: { digest, mediaType } }: Manifest, reused: 0 | 1 = 0): void {
    // What was read a moment ago, and is on the shelf, is no second request.
    if (reused > 0 && this.#seen.has(digest)) return;
    this.#seen.add(digest);
    this.#count.requests += 1;
    this.#count.reused += reused;
    if (!isIndexType(mediaType)) this.#count.images += 1;
  }

  /** Waits until one more read leaves the floor intact. */
  async #enter(request: CountedRead): Promise<void> {
    if (!this.#asked) await this.#ask(request);
    while (!this.#allows()) {
      if (request.signal?.aborted) throw interrupted(request.signal);
      if (this.#running > 0) await this.#oneEnds(request.signal);
      else await this.#wait(request);
    }
    this.#running += 1;
  }

  #allows(): boolean {
    if (this.#limit === undefined) return true;
    return this.#limit.remaining - this.#running - 1 >= this.keep;
  }

  /** @param refusal of the registry, where it said more than its headers */
  async #wait(request: CountedRead, refusal?: WharfError): Promise<void> {
    const { onWait, pause: sleep = pause } = this.#options;
    // Time may have brought some back since the last answer.
    if (refusal === undefined) {
      await this.#ask(request);
      if (this.#allows()) return;
    }
    const limit = this.#limit!;
    if (this.#patience <= 0) throw refusal ?? this.#reached(request, limit);
    const next = Math.min(pauseFor(limit), this.#patience);
    onWait?.({ limit, next, left: this.#patience });
    this.#patience -= next;
    await sleep(next, request.signal);
    if (refusal !== undefined) await this.#ask(request);
  }

  async #ask(request: CountedRead): Promise<void> {
    this.#asking = true;
    try {
      await request.ask();
    } finally {
      this.#asking = false;
    }
  }

  #reached({ registry }: CountedRead, { limit, remaining, window }: PullLimit): WharfError {
    const kept = this.keep === 0 ? "" : `, and ${this.keep} are to be kept`;
    const waited = (this.#options.wait ?? 0) > 0 ? " Nothing came back while we waited." : "";
    const span = window === undefined ? "" : ` within ${Math.ceil(window / 60_000)} minutes`;
    return new WharfError(
      "PULL_BUDGET_REACHED",
      `${registry}: ${remaining} of ${limit} pulls are left${kept}.${waited}`,
      {
        hint: `Run the same again later: what was copied whole is kept, and pulls come back${span}.`,
      },
    );
  }

  /** One after the other, so that two do not take the same last pull, nor ask at the same time. */
  async #inTurn(work: () => Promise<void>): Promise<void> {
    const mine = this.#turn.then(work);
    this.#turn = mine.catch(() => {});
    return mine;
  }

  #oneEnds(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        signal?.removeEventListener("abort", end);
        this.#ended = undefined;
        resolve();
      };
      this.#ended = end;
      signal?.addEventListener("abort", end, { once: true });
    });
  }
}

/** About as long as one pull takes to come back; a fraction of a short window, and never more than five minutes. */
function pauseFor({ limit, window }: PullLimit): number {
  if (window === undefined || limit <= 0) return usualPause;
  const least = Math.min(15_000, window / 10);
  return Math.max(1, Math.min(longestPause, Math.max(least, window / limit)));
}
