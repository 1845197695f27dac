/** What refers to a manifest: distribution-spec 1.1, "Listing Referrers". */
import { type Descriptor, mediaTypes } from "../reference/descriptor.ts";
import { parseDigest } from "../reference/digest.ts";
import { name as repositoryName, path, query } from "../reference/path.ts";
import type { Exchange } from "./exchange.ts";
import type { Route } from "./route.ts";

/** A page is an index, and clients refuse indexes of more than 4 MiB; annotations make the size of an entry. */
const pageBytes = 3 << 20;
const pageEntries = 1000;

/**
 * GET: an index, which is empty where nothing is known of the digest or repository: 404 would say that the end-point is
 * missing. Ordered by digest, so that a page can tell where the next one begins.
 */
export async function listReferrers(
  exchange: Exchange,
  { name, digest }: Extract<Route, { kind: "referrers" }>,
): Promise<void> {
  parseDigest(digest);
  const { signal } = exchange;
  const artifactType = exchange.query.get("artifactType") || undefined;
  const last = exchange.query.get("last") ?? "";
  const found = new Map<string, Descriptor>();
  const options = artifactType === undefined ? { signal } : { signal, artifactType };
  for await (const entry of exchange.repository(name).listReferrers(digest, options))
    if (entry.digest > last) found.set(entry.digest, entry);

  const sorted = [...found.values()].sort((a, b) => (a.digest < b.digest ? -1 : 1));
  const manifests = cut(sorted);
  const index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests };
  const headers: Record<string, string> = { "content-type": mediaTypes.ociIndex };
  if (artifactType !== undefined) headers["oci-filters-applied"] = "artifactType";
  if (manifests.length < sorted.length) {
    const address = path`/v2/${repositoryName(name)}/referrers/${digest}`;
    const next = address + query({ artifactType, last: manifests.at(-1)!.digest });
    headers["link"] = `<${next}>; rel="next"`;
  }
  exchange.json(index, headers);
}

/** The first entries that fit into a page; at least one. */
function cut(entries: readonly Descriptor[]): readonly Descriptor[] {
  let bytes = 0;
  for (const [index, entry] of entries.entries()) {
    bytes += JSON.stringify(entry).length;
    if (index > 0 && (index === pageEntries || bytes > pageBytes)) return entries.slice(0, index);
  }
  return entries;
}
