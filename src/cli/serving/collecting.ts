/** Garbage collection while the registry is served; off where nobody asks for it. */
import { isError } from "../../errors.ts";
import type { Collected, CollectOptions } from "../../store/collection/garbage/collect.ts";
import type { RepositoryCollection } from "../../store/store.ts";
import type { Flag, FlagValues } from "../command.ts";
import { parseDuration } from "../duration.ts";
import { usage } from "../flags.ts";
import { count, formatBytes, formatDuration, printable } from "../format.ts";
import type { Output } from "../output.ts";
import type { Part } from "./part.ts";

export const collectingFlags = {
  "gc-interval": { about: "Collect garbage so often, as `wharf registry gc` does", value: "TIME" },
  "gc-untagged": { about: "With it, also manifests that no tag leads to" },
  "gc-grace": {
    about: "With it, what was pushed, mounted, looked at or untagged so lately stays (24h)",
    value: "TIME",
  },
  "upload-expiry": {
    about: "Forget uploads that nothing was added to for so long",
    value: "TIME",
    preset: "7d",
  },
} as const satisfies Record<string, Flag>;

export type CollectingFlags = FlagValues<typeof collectingFlags>;

/** What the flags say. */
export interface Collecting {
  /** Milliseconds. */
  readonly uploadAge: number;
  /** Milliseconds; undefined where nothing is collected. */
  readonly interval: number | undefined;
  readonly options: CollectOptions;
}

/** What can be collected: a data directory, not memory. */
interface Collectable {
  collectGarbage(options: CollectOptions): Promise<Collected>;
}

/** Milliseconds: timers cannot wait for longer than 24 days. */
const longestWait = 24 * 3600_000;

/** @throws WharfError USAGE */
export function readCollecting(flags: CollectingFlags & { readonly memory: boolean }): Collecting {
  const { "gc-interval": interval, "gc-grace": grace, "gc-untagged": untagged } = flags;
  if (interval === undefined && (untagged || grace !== undefined))
    throw usage(`--gc-${untagged ? "untagged" : "grace"} goes with --gc-interval`);
  if (interval !== undefined && flags.memory)
    throw usage("--gc-interval goes with a folder, not with --memory");
  return {
    uploadAge: parseDuration("upload-expiry", flags["upload-expiry"]),
    interval: interval === undefined ? undefined : parseDuration("gc-interval", interval),
    options: {
      gentle: true,
      untagged,
      ...(grace !== undefined && { grace: parseDuration("gc-grace", grace, { zero: true }) }),
    },
  };
}

/** Collects from time to time: the first time when the interval has passed once, so that a restart costs nothing. */
export function collectingPart(
  { interval, options }: Collecting,
  collection: RepositoryCollection & Partial<Collectable>,
  output: Output,
): Part {
  if (interval === undefined) return {};
  const abort = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  const run = async () => {
    const began = performance.now();
    try {
      const collected = await collection.collectGarbage?.({ ...options, signal: abort.signal });
      if (collected) tell(output, collected, performance.now() - began);
    } catch (error) {
      if (!isError(error, "INTERRUPTED")) tellFailure(output, error);
    }
    wait(performance.now() + interval);
  };
  const wait = (due: number) => {
    if (abort.signal.aborted) return;
    const left = due - performance.now();
    const next = () => {
      if (left <= longestWait) running = run();
      else wait(due);
    };
    timer = setTimeout(next, Math.min(left, longestWait)).unref();
  };
  return {
    started: () => wait(performance.now() + interval),
    async close() {
      abort.abort();
      clearTimeout(timer);
      await running;
    },
  };
}

function tell(output: Output, { manifests, blobs, bytes }: Collected, milliseconds: number): void {
  if (output.quiet || manifests + blobs === 0) return;
  const time = new Date().toISOString();
  if (output.json) {
    const collected = { manifests, blobs, bytes, duration: milliseconds };
    return output.say(JSON.stringify({ time, collected }));
  }
  const what = [count(manifests, "manifest"), count(blobs, "blob"), formatBytes(bytes)].join(", ");
  output.say(`${time} collected: ${what} in ${formatDuration(milliseconds)}`);
}

function tellFailure(output: Output, error: unknown): void {
  const time = new Date().toISOString();
  const code = isError(error) ? error.code : "INTERNAL";
  const message = error instanceof Error ? error.message : String(error);
  output.say(
    output.json
      ? JSON.stringify({ time, failure: { code, message, method: "-", target: "gc" } })
      : `${time} failed: collecting garbage: ${code}: ${printable(message)}`,
  );
}
