/** What the garbage collector freed and the check found, as people and programs read it. */
import type { Collected } from "../store/collection/garbage/collect.ts";
import type { Verified } from "../store/collection/garbage/verify.ts";
import { count, cut, formatBytes, formatTable, shortDigest } from "./format.ts";

/** Everything that one run did, or in a dry run would do. */
export interface CollectResult {
  readonly collected: Collected;
  /** Abandoned uploads that were forgotten. */
  readonly uploads: number;
  readonly verified: Verified | undefined;
  readonly dryRun: boolean;
}

/** Characters of a line that numbers and the spaces between take at most. */
const numbers = 34;

/** A line for each repository in which there was something, and the sum where there are several. */
export function collectedLines({ collected }: CollectResult, columns: number): string[] {
  const { repositories, leftovers } = collected;
  const rows = [
    ...repositories,
    ...(leftovers.blobs > 0
      ? [{ name: "(left by a deletion that was cut short)", ...leftovers }]
      : []),
  ];
  if (rows.length === 0) return [];
  if (rows.length > 1) rows.push({ ...collected, name: "total" });
  return formatTable(
    [
      { title: "REPOSITORY" },
      { title: "MANIFESTS", align: "right" },
      { title: "BLOBS", align: "right" },
      { title: "BYTES", align: "right" },
    ],
    rows.map(({ name, manifests, blobs, bytes }) => [
      cut(name, Math.max(columns - numbers, 20)),
      String(manifests),
      String(blobs),
      formatBytes(bytes),
    ]),
  );
}

export function collectedSummary({ collected, uploads, dryRun }: CollectResult): string {
  const { manifests, blobs, bytes } = collected;
  const things = [
    ...(manifests > 0 ? [count(manifests, "manifest")] : []),
    ...(blobs > 0 ? [count(blobs, "blob")] : []),
  ].join(", ");
  const shared = bytes === 0 && blobs > 0 ? ", whose bytes other repositories share" : "";
  const freed = `${dryRun ? "Would free" : "Freed"} ${formatBytes(bytes)}: ${things}${shared}`;
  const forgot = `${dryRun ? "would forget" : "forgot"} ${count(uploads, "abandoned upload")}`;
  const said = [...(things === "" ? [] : [freed]), ...(uploads > 0 ? [forgot] : [])].join("; ");
  if (said === "") return "There is nothing to collect";
  return said[0]!.toUpperCase() + said.slice(1);
}

/** A line for each damaged blob or manifest. */
export function damageLines({ damaged }: Verified, columns: number): string[] {
  if (damaged.length === 0) return [];
  return formatTable(
    [{ title: "DAMAGED" }, { title: "DIGEST" }, { title: "KIND" }, { title: "NOW" }],
    damaged.map(({ repository, digest, kind, outcome }) => [
      cut(repository, Math.max(columns - 44, 20)),
      shortDigest(digest),
      kind,
      outcome,
    ]),
  );
}

export function damageSummary({ blobs, bytes, damaged }: Verified, dryRun: boolean): string {
  const read = `Read ${count(blobs, "blob")}, ${formatBytes(bytes)}`;
  if (damaged.length === 0) return `${read}: all are what their digests say`;
  const left = damaged.filter(({ outcome }) => outcome !== "mended").length;
  const what = `${read}: ${damaged.length} damaged`;
  if (dryRun) return `${what}; without --dry-run they are mended or set aside`;
  return left === 0
    ? `${what}, all mended from good copies`
    : `${what}; push those again that are not mended`;
}

/** For programs. */
export function collectedValue({ collected, uploads, verified, dryRun }: CollectResult): object {
  const { blobs, bytes, damaged } = verified ?? {};
  return {
    dryRun,
    ...collected,
    uploads,
    ...(verified && { verifiedBlobs: blobs, verifiedBytes: bytes, damaged }),
  };
}
