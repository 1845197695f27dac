/** `/_sandbox/requests`: the requests that came last, filtered. */
import type { Journal, JournalEntry } from "../journal.ts";
import { type Request, withOperation } from "./overview.ts";

type Fits = (entry: Request, value: string) => boolean;

/** By what is asked for; all of it has to fit. */
const filters: Readonly<Record<string, Fits>> = {
  part: ({ part }, value) => part === value,
  method: ({ method }, value) => method === value.toUpperCase(),
  account: ({ account }, value) => account === value,
  operation: ({ operation }, value) => operation === value,
  /** Text in path or query. */
  path: ({ target }, value) => target.includes(value),
  /** `404`, or a class such as `4xx`. */
  status: ({ status }, value) =>
    /^\dxx$/i.test(value) ? String(status).startsWith(value.charAt(0)) : String(status) === value,
  /** Those after the one with this number, or from this time on. */
  since: isSince,
};

/**
 * @returns oldest first; undefined where something is asked for that there is not
 * @param query names and values; `limit` leaves the last so many
 */
export function listRequests(journal: Journal, query: URLSearchParams): Request[] | undefined {
  const wanted = [...query].filter(([name]) => name !== "limit");
  if (wanted.some(([name]) => !Object.hasOwn(filters, name))) return undefined;
  const limit = query.get("limit") ?? "1000";
  if (!/^\d{1,9}$/.test(limit)) return undefined;
  const fitting = journal.entries
    .map(withOperation)
    .filter((entry) => wanted.every(([name, value]) => filters[name]!(entry, value)));
  return Number(limit) === 0 ? [] : fitting.slice(-Number(limit));
}

export const filterNames: readonly string[] = [...Object.keys(filters), "limit"];

function isSince({ number, time }: JournalEntry, value: string): boolean {
  return /^\d{1,12}$/.test(value) ? number > Number(value) : time >= Date.parse(value);
}
