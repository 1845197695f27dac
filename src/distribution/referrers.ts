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
  const options = artifactType === undefined ? { signal } : { signal, artifactType };
  const found = exchange.repository(name).listReferrers(digest, options);
  const { manifests, more } = await firstAfter(last, found);
  const index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests };
  const headers: Record<string, string> = { "content-type": mediaTypes.ociIndex };
  if (artifactType !== undefined) headers["oci-filters-applied"] = "artifactType";
  if (more) {
    const address = path`/v2/${repositoryName(name)}/referrers/${digest}`;
    const next = address + query({ artifactType, last: manifests.at(-1)!.digest });
    headers["link"] = `<${next}>; rel="next"`;
  }
  exchange.json(index, headers);
}

interface Page {
  readonly manifests: readonly Descriptor[];
  readonly more: boolean;
}

interface Sized {
  readonly entry: Descriptor;
  /** Bytes as JSON. */
  readonly size: number;
}

/** The first entries after `last`, by digest; what cannot come into the page is not kept meanwhile. */
async function firstAfter(last: string, found: AsyncIterable<Descriptor>): Promise<Page> {
  let kept = new Map<string, Sized>();
  let more = false;
  let size = 0;
  const shrink = () => {
    const page = cut([...kept.values()].sort((a, b) => (a.entry.digest < b.entry.digest ? -1 : 1)));
    more ||= page.length < kept.size;
    kept = new Map(page.map((item) => [item.entry.digest, item]));
    size = page.reduce((sum, item) => sum + item.size, 0);
  };
  for await (const entry of found) {
    if (entry.digest <= last || kept.has(entry.digest)) continue;
    const item = { entry, size: Buffer.byteLength(JSON.stringify(entry)) };
    kept.set(entry.digest, item);
    size += item.size;
    if (kept.size > 2 * pageEntries || size > 4 * pageBytes) shrink();
  }
  shrink();
  return { manifests: [...kept.values()].map(({ entry }) => entry), more };
}

/** The first entries that fit into a page; at least one. */
function cut(entries: readonly Sized[]): readonly Sized[] {
  let bytes = 0;
  for (const [index, { size }] of entries.entries()) {
    bytes += size;
    if (index > 0 && (index === pageEntries || bytes > pageBytes)) return entries.slice(0, index);
  }
  return entries;
}
