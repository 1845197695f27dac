/** Lists, page by page: what the next page is, and where the list ends. */
import { WharfError } from "../../errors.ts";
import type { Paging } from "../../operation.ts";
import type { Input } from "./request.ts";

/** One page as it was sent. */
export type Fetch = (input: Input, signal: AbortSignal | undefined) => Promise<unknown>;

export interface PagesOptions {
  /** Items that are wanted: no page is asked for beyond them. @default all */
  readonly limit?: number;
  /** Whether the next page is asked for while one is read. @default true */
  readonly ahead?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** A list without an end is a server's mistake; nobody reads so many pages by intention. */
const pagesLimit = 100_000;

/**
 * The pages of a list, in order. A 404 after the first page is the end: Docker Hub answers so past the last page.
 * Whoever stops reading ends the request that is on its way.
 */
export async function* pagesOf(
  paging: Paging,
  first: Input,
  fetch: Fetch,
  { limit = Infinity, ahead = true, signal }: PagesOptions = {},
): AsyncGenerator<Readonly<Record<string, unknown>>> {
  const abandoned = new AbortController();
  const stop = signal ? AbortSignal.any([signal, abandoned.signal]) : abandoned.signal;
  let input = first;
  let coming = fetch(input, stop);
  let items = 0;
  try {
    for (let number = 1; number <= pagesLimit; number += 1) {
      const page = record(number === 1 ? await coming : await coming.catch(endOfList), paging);
      if (page === undefined) return;
      items += itemsOf(paging, page).length;
      const next = items < limit ? nextInput(paging, input, page) : undefined;
      if (next === undefined) {
        yield page;
        return;
      }
      input = next;
      if (ahead) {
        coming = fetch(input, stop);
        // Whoever stops reading does not want to hear of it.
        coming.catch(() => {});
      }
      yield page;
      if (!ahead) coming = fetch(input, stop);
    }
  } finally {
    abandoned.abort();
  }
}

function endOfList(error: unknown): undefined {
  if (error instanceof WharfError && error.details.status === 404) return undefined;
  throw error;
}

function record(page: unknown, { items }: Paging): Readonly<Record<string, unknown>> | undefined {
  if (page === undefined) return undefined;
  // Some lists are nothing but an array.
  if (Array.isArray(page)) return { [items]: page };
  return page as Readonly<Record<string, unknown>>;
}

/** The items of a page, whatever it calls them. */
export function itemsOf(
  { items, style }: Paging,
  page: Readonly<Record<string, unknown>>,
): unknown[] {
  const found = page[items] ?? (style === "scim" ? page["Resources"] : undefined);
  return Array.isArray(found) ? found : [];
}

/** What to ask for after this page, or undefined where the list ends. */
export function nextInput(
  paging: Paging,
  input: Input,
  page: Readonly<Record<string, unknown>>,
): Input | undefined {
  const got = itemsOf(paging, page).length;
  if (got === 0) return undefined;
  switch (paging.style) {
    case "page":
      return nextPage(input, page["next"]);
    case "bare": {
      const size = numberOf(input["page_size"]) ?? paging.size?.preset ?? 25;
      if (got < size) return undefined;
      return { ...input, page: (numberOf(input["page"]) ?? 1) + 1 };
    }
    case "scim": {
      const start = numberOf(page["startIndex"]) ?? numberOf(input["startIndex"]) ?? 1;
      const total = numberOf(page["totalResults"]);
      const next = start + got;
      return total !== undefined && next <= total ? { ...input, startIndex: next } : undefined;
    }
    case "from": {
      const next = (numberOf(input["from"]) ?? 0) + got;
      const total = numberOf(page["total"]);
      return total !== undefined && next < total ? { ...input, from: next } : undefined;
    }
    case "offset": {
      const meta = (page["meta"] ?? {}) as Record<string, unknown>;
      const next = (numberOf(meta["offset"]) ?? numberOf(input["offset"]) ?? 0) + got;
      const total = numberOf(meta["total_count"]);
      return total !== undefined && next < total ? { ...input, offset: next } : undefined;
    }
    case "cursor": {
      const key = page["last_evaluated_key"];
      if (key === undefined || key === null || key === "" || key === input["last_evaluated_key"])
        return undefined;
      return { ...input, last_evaluated_key: key };
    }
    case "last": {
      const last = page["last"];
      return typeof last === "string" && last !== input["last"] ? { ...input, last } : undefined;
    }
    case "graphql": {
      const number = numberOf(input["page"]) ?? 1;
      const size = numberOf(input["pageSize"]) ?? paging.size?.preset ?? 20;
      const { totalCount } = (page["paging"] ?? {}) as Record<string, unknown>;
      const total = numberOf(totalCount);
      const more = total === undefined ? got >= size : number * size < total;
      return more ? { ...input, page: number + 1 } : undefined;
    }
  }
}

/**
 * `next` may be absolute, relative, on another host, empty or absent. Nothing but its page number is believed: the next
 * request goes where this one went.
 */
function nextPage(input: Input, next: unknown): Input | undefined {
  if (typeof next !== "string" || next === "") return undefined;
  const current = numberOf(input["page"]) ?? 1;
  const said = /[?&]page=(\d{1,9})(?:&|#|$)/.exec(next)?.[1];
  const number = said === undefined ? current + 1 : Number(said);
  // A list that leads back would never end.
  return number > current ? { ...input, page: number } : undefined;
}

function numberOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}
