/** Again and again, with pauses that do not bring many machines to the same registry at the same second. */
import { setTimeout as pause } from "node:timers/promises";

export interface ScheduleOptions {
  /** Milliseconds from one beginning to the next. */
  readonly every: number;
  readonly signal: AbortSignal;
  /** Told before each pause. @param wait milliseconds */
  readonly onWait?: (wait: number) => void | Promise<void>;
  /** From 0 to 1. @default Math.random */
  readonly random?: () => number;
  /** Milliseconds since some moment. @default performance.now */
  readonly now?: () => number;
}

/** The part of an interval by which a beginning may be earlier or later. */
const jitter = 0.1;

/**
 * Does `work`, and again when the interval is over, until the signal aborts. A round that takes longer than the interval is
 * followed by the next at once; none is begun twice. An abort between rounds is the orderly end.
 * @throws what `work` throws
 */
export async function repeat(
  work: () => Promise<void>,
  { every, signal, onWait, random = Math.random, now = () => performance.now() }: ScheduleOptions,
): Promise<void> {
  while (!signal.aborted) {
    const begun = now();
    await work();
    const interval = every * (1 + jitter * (2 * random() - 1));
    const wait = Math.max(0, Math.round(begun + interval - now()));
    await onWait?.(wait);
    // What the event loop needs in any case: an abort is to be heard.
    await pause(wait, undefined, { signal }).catch(() => {});
  }
}
