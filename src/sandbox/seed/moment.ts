/** When something was, in a seed: a date, a time, or how long ago. */

const hour = 3_600_000;
const units: Readonly<Record<string, number>> = {
  h: hour,
  d: 24 * hour,
  w: 168 * hour,
  y: 8760 * hour,
};
const age = /^(\d{1,6}(?:\.\d{1,3})?)([hdwy])$/;
const date = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d))?$/;

/** What is older than that was before the clocks that we reckon by. */
const oldest = 50 * units["y"]!;

export function isMoment(text: string): boolean {
  const [, count, unit = ""] = age.exec(text) ?? [];
  if (count !== undefined) return Number(count) * units[unit]! <= oldest;
  return date.test(text) && !Number.isNaN(Date.parse(text)) && isDay(text.slice(0, 10));
}

/** Whether the calendar has the day: `Date` takes the 31st of February for one in March. */
function isDay(day: string): boolean {
  return new Date(`${day}T00:00:00Z`).toISOString().startsWith(day);
}

/**
 * @param text that {@link isMoment}; `preset` where there is none
 * @param now milliseconds since 1970
 * @returns milliseconds since 1970
 */
export function momentOf(text: string | undefined, now: number, preset = now): number {
  if (text === undefined) return preset;
  const [, count, unit] = age.exec(text) ?? [];
  if (count === undefined) return Date.parse(text);
  return now - Math.round(Number(count) * units[unit ?? "d"]!);
}
