/** What `inspect --all-platforms` shows a person. */
import type { PlatformDetails } from "../image/everyPlatform.ts";
import { formatPlatform } from "../reference/platform.ts";
import { formatBytes, formatTable, shortDigest } from "./format.ts";

/** A line for each image, with what is attested about it below. */
export function platformTable(found: readonly PlatformDetails[]): string[] {
  const isAbout =
    ({ digest }: PlatformDetails) =>
    (other: PlatformDetails) =>
      other.attests === digest;
  const own = found.filter(
    ({ attests }) => attests === undefined || !found.some(({ digest }) => digest === attests),
  );
  const rows = own.flatMap((image) => [
    row(nameOf(image), image),
    ...found.filter(isAbout(image)).map((one) => row("└─ attestation", one)),
  ]);
  const right = { align: "right" } as const;
  return formatTable(
    [
      { title: "PLATFORM" },
      { title: "SIZE", ...right },
      { title: "LAYERS", ...right },
      { title: "CREATED" },
      { title: "DIGEST" },
    ],
    rows,
  );
}

const row = (name: string, { size, layers, created, digest }: PlatformDetails) => [
  name,
  size === undefined ? "?" : formatBytes(size),
  layers === undefined ? "?" : `${layers}`,
  created === undefined ? "" : dayOf(created),
  shortDigest(digest),
];

function nameOf({ kind, platform, artifactType }: PlatformDetails): string {
  if (kind === "attestation") return "attestation";
  if (kind === "artifact") return artifactType ?? "artifact";
  return platform === undefined ? "unknown" : formatPlatform(platform);
}

/** Builds that are made to be repeated say 1970, which is no date. */
function dayOf(created: string): string {
  const moment = new Date(created);
  return moment.getTime() > 0 ? moment.toISOString().slice(0, 10) : "";
}
