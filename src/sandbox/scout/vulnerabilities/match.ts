/** Which vulnerabilities a package has. */
import { grouped } from "../grouped.ts";
import { parsePurl, type Purl } from "../sbom/purl.ts";
import { type Affected, type Cve, database } from "./database.ts";
import { compareVersions } from "./versions.ts";

/** A vulnerability, and the range of versions by which a package has it. */
export interface Match {
  readonly cve: Cve;
  readonly affected: Affected;
}

const byName = grouped(
  database.flatMap((cve) => cve.affected.map((affected): Match => ({ cve, affected }))),
  ({ affected }) => `${affected.type} ${affected.name}`,
);

export function findCve(id: string): Cve | undefined {
  return database.find((cve) => cve.id === id.toUpperCase());
}

/** What is wrong with a package, the worst first; nothing for what is no package URL, or has no version. */
export function matchesOf(purl: string): Match[] {
  const found = parsePurl(purl);
  if (found?.version == null) return [];
  return (byName.get(`${found.type} ${found.name}`) ?? [])
    .filter(({ affected }) => isAffected(affected, found))
    .toSorted((one, other) => (other.cve.score ?? 0) - (one.cve.score ?? 0));
}

function isAffected({ type, namespace, from, fixed, to }: Affected, purl: Purl): boolean {
  const { version } = purl;
  if (version === null || namespace !== purl.namespace) return false;
  if (from !== undefined && compareVersions(type, version, from) < 0) return false;
  if (fixed !== undefined && compareVersions(type, version, fixed) >= 0) return false;
  return to === undefined || compareVersions(type, version, to) <= 0;
}

/** `>=4.0.0,<4.17.21` */
export function rangeOf({ from, fixed, to }: Affected): string {
  const parts = [
    ...(from === undefined ? [] : [`>=${from}`]),
    ...(fixed === undefined ? [] : [`<${fixed}`]),
    ...(to === undefined ? [] : [`<=${to}`]),
  ];
  return parts.length > 0 ? parts.join(",") : ">=0";
}
