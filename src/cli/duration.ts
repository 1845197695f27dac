/** Spans of time as people write them. */
import { usage } from "./flags.ts";

const units: Readonly<Record<string, number>> = {
  s: 1000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
  mo: 30 * 86_400_000,
  y: 365 * 86_400_000,
};

/**
 * Reads `90d`, `36h`, `1d12h`, `2 w`. An `m` alone may be minutes or months, so it is neither.
 * @param options.zero whether `0` will do
 * @returns milliseconds
 * @throws WharfError USAGE
 */
export function parseDuration(flag: string, text: string, { zero = false } = {}): number {
  if (zero && /^0\s*[a-z]*$/i.test(text)) return 0;
  const parts = [...text.matchAll(/(\d{1,9})\s*([a-z]+)\s*/gi)];
  const whole = parts.length > 0 && parts.map(([part]) => part).join("") === text.trimStart();
  const sum = parts.reduce(
    (total, [, number, unit]) =>
      total + Number(number) * (units[unit!.toLowerCase()] ?? Number.NaN),
    0,
  );
  if (whole && Number.isFinite(sum) && sum > 0) return sum;
  throw usage(
    `--${flag} is a span of time, not '${text}'`,
    "Write for example 90d, 36h or 2w: s, min, h, d, w, mo (30 days) and y are known.",
  );
}

/**
 * The time between one round and the next, from a second on. Node's timers end after 24 days, and begin at once where a
 * span is longer.
 * @returns milliseconds
 * @throws WharfError USAGE
 */
export function parseInterval(flag: string, text: string): number {
  const time = parseDuration(flag, text);
  if (time >= units["s"]! && time <= 20 * units["d"]!) return time;
  throw usage(`--${flag} is a time from 1s to 20d, not '${text}'`);
}
