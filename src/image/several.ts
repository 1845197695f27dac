/** Several questions at once, so many that a registry is not flooded. */

/** Requests that one inspection has under way. */
export const atOnce = 6;

/**
 * Does `work` for each item, some at a time; results stand in the order of the items. The first error ends it: nothing new
 * is begun.
 */
export async function each<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
  most: number = atOnce,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  let failed = false;
  const worker = async (): Promise<void> => {
    while (!failed && next < items.length) {
      const at = next++;
      try {
        results[at] = await work(items[at]!);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, worker));
  return results;
}
