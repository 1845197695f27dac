/** Lists, a page at a time. */
import type { Page } from "../../operation.ts";
import type { Context } from "./context.ts";
import { notFound } from "./refusal.ts";

export interface PageInput {
  readonly page?: number | undefined;
  readonly page_size?: number | undefined;
}

/**
 * A page of a list, with the addresses of those beside it.
 * @param items reads at most `limit` items from `offset` on
 * @param preset items of a page where none is asked for
 * @throws HubRefusal 404 for a page past the end, except the first
 */
export function pageOf<Item>(
  { url }: Context,
  { page = 1, page_size }: PageInput,
  count: number,
  items: (limit: number, offset: number) => Item[],
  preset = 10,
): Page<Item> {
  const size = page_size ?? preset;
  const offset = (page - 1) * size;
  if (page > 1 && offset >= count) throw notFound("Invalid page.");
  const other = (number: number) => {
    const next = new URL(url);
    next.searchParams.set("page", String(number));
    next.searchParams.set("page_size", String(size));
    return next.href;
  };
  return {
    count,
    next: offset + size < count ? other(page + 1) : null,
    previous: page > 1 ? other(page - 1) : null,
    results: items(size, offset),
  };
}

/** A page of what is already in memory. */
export function pageOfList<Item>(
  context: Context,
  input: PageInput,
  list: readonly Item[],
  preset?: number,
): Page<Item> {
  return pageOf(
    context,
    input,
    list.length,
    (limit, offset) => list.slice(offset, offset + limit),
    preset,
  );
}

/** A text as part of a pattern of LIKE, to be used with `ESCAPE '\'`. */
export function containing(text: string | undefined): string {
  return `%${(text ?? "").replace(/[\\%_]/g, "\\$&")}%`;
}
