/** Pages of what is in memory. */
import { badInput } from "./refusal.ts";

/** The input type `PagingInput`. */
export interface PagingInput {
  readonly page?: number | null;
  readonly pageSize?: number | null;
}

/** The most that one page holds. */
const largest = 100;

/** @throws ScoutRefusal BAD_USER_INPUT for a page that there cannot be */
export function pageOf<Item>(
  items: readonly Item[],
  paging: PagingInput | null | undefined,
  preset = 20,
): { readonly paging: { readonly totalCount: number }; readonly items: Item[] } {
  const { page, pageSize } = { page: paging?.page ?? 1, pageSize: paging?.pageSize ?? preset };
  if (page < 1) throw badInput("page must be at least 1");
  if (pageSize < 1 || pageSize > largest)
    throw badInput(`pageSize must be between 1 and ${largest}`);
  const start = (page - 1) * pageSize;
  return { paging: { totalCount: items.length }, items: items.slice(start, start + pageSize) };
}

/** Sorts by what each item is worth; what is worth the same stays in order. */
export function ordered<Item>(
  items: readonly Item[],
  worth: (item: Item) => string | number,
  sortOrder: string | null | undefined,
): Item[] {
  const sign = sortOrder === "ASCENDING" ? 1 : -1;
  const keyed = items.map((item) => ({ item, key: worth(item) }));
  return keyed
    .toSorted((one, other) => (one.key < other.key ? -sign : one.key > other.key ? sign : 0))
    .map(({ item }) => item);
}
