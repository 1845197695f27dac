/** Vulnerabilities as the schema shows them. */
import type { Cve } from "./database.ts";
import { severityOf, weaknesses } from "./database.ts";
import { type Match, rangeOf } from "./match.ts";

/** The type `VpVulnerability`. */
export function viewOfMatch({ cve, affected, isExcepted }: Match & { isExcepted: boolean }) {
  return {
    sourceId: cve.id,
    source: "nist",
    description: cve.description,
    cvss: cvssOf(cve),
    cwes: cwesOf(cve),
    fixedBy: affected.fixed ?? null,
    vulnerableRange: rangeOf(affected),
    url: urlOf(cve),
    publishedAt: cve.published,
    updatedAt: cve.updated,
    epss: epssOf(cve),
    cisaExploited: cve.exploited ?? false,
    isExcepted,
  };
}

/** The type `VpCVSS`. */
export function cvssOf(cve: Cve) {
  return {
    severity: severityOf(cve),
    version: cve.vector === undefined ? null : "CVSS_VERSION_3",
    score: cve.score ?? null,
    vector: cve.vector ?? null,
  };
}

/** The type `VpCWE`. */
export function cwesOf({ cwes }: Cve) {
  return cwes.map((cweId) => ({
    cweId,
    description: weaknesses[cweId] ?? null,
    url: `https://cwe.mitre.org/data/definitions/${cweId.slice(4)}.html`,
  }));
}

/** A score as the schema writes it in most places: `9.8`. */
export function scoreOf({ score }: Pick<Cve, "score">): string | null {
  return score === undefined ? null : score.toFixed(1);
}

export function urlOf({ id }: Cve): string {
  return `https://scout.docker.com/v/${id}`;
}

/** The type `EPSS`. */
export function epssOf({ epss }: Cve) {
  if (epss === undefined) return null;
  const [score, percentile] = epss;
  const priority =
    percentile >= 0.95
      ? "CRITICAL"
      : percentile >= 0.75
        ? "HIGH"
        : percentile >= 0.4
          ? "STANDARD"
          : "LOWEST";
  return {
    score,
    percentile,
    priority,
    priorityDescription: `${Math.round(percentile * 100)} of 100 vulnerabilities are less likely to be exploited`,
  };
}
