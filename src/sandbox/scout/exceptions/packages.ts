/** Packages that an exception is for. */
import { parsePurl } from "../sbom/purl.ts";

/**
 * Tells whether a package is among those that package URLs name; one without a version names all of them.
 * @param lists of package URLs; null is every package
 */
export function packageSet(
  lists: readonly (readonly string[] | null)[],
): (purl: string) => boolean {
  if (lists.includes(null)) return () => true;
  const keys = new Set(lists.flatMap((list) => list ?? []).map((purl) => keysOf(purl)?.at(-1)));
  return (purl) => keysOf(purl)?.some((key) => keys.has(key)) ?? false;
}

/** What a package is known by: without its version, then with it. */
function keysOf(purl: string): string[] | undefined {
  const found = parsePurl(purl);
  if (!found) return undefined;
  const { type, namespace, name, version } = found;
  const key = JSON.stringify([type, namespace, name]);
  return version === null ? [key] : [key, `${key} ${version}`];
}
