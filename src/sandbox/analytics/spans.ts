/** Months, and weeks from Monday to Sunday (ISO 8601), in UTC. */

export type SpanKind = "months" | "weeks";

export interface Span {
  readonly kind: SpanKind;
  /** Of a week that of its Thursday. */
  readonly year: number;
  /** From 1 on. */
  readonly number: number;
  /** First day: `2026-01-26`. */
  readonly start: string;
  /** The day after the last one. */
  readonly end: string;
}

const day = 86_400_000;

/** The span that a day lies in. @param date `2026-01-31` */
export function spanOf(date: string, kind: SpanKind): Span {
  const time = Date.parse(date);
  const at = new Date(time);
  if (kind === "months") {
    const [year, month] = [at.getUTCFullYear(), at.getUTCMonth()];
    return {
      kind,
      year,
      number: month + 1,
      start: dayOf(Date.UTC(year, month, 1)),
      end: dayOf(Date.UTC(year, month + 1, 1)),
    };
  }
  const monday = time - ((at.getUTCDay() + 6) % 7) * day;
  const year = new Date(monday + 3 * day).getUTCFullYear();
  const first = Date.parse(spanStart(year));
  return {
    kind,
    year,
    number: Math.round((monday - first) / (7 * day)) + 1,
    start: dayOf(monday),
    end: dayOf(monday + 7 * day),
  };
}

/** Whether it is over. @param now milliseconds since 1970 */
export function isComplete({ end }: Span, now: number): boolean {
  return Date.parse(end) <= now;
}

/** `2026-01-31` @param time milliseconds since 1970 */
export function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

/** The Monday with which the weeks of a year begin: that of the week of January 4. */
function spanStart(year: number): string {
  const fourth = Date.UTC(year, 0, 4);
  return dayOf(fourth - ((new Date(fourth).getUTCDay() + 6) % 7) * day);
}
