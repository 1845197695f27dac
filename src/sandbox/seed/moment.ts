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

export function isMoment(text: string): boolean {
  return age.test(text) || (date.test(text) && !Number.isNaN(Date.parse(text)));
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
