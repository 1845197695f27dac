/** Vulnerabilities in lines, the worst first. */
import type { ImageCves } from "../../scout/operations/cves.ts";
import type { Vulnerability } from "../../scout/schemas/vulnerability.ts";

/** From the worst. */
export const severities = ["critical", "high", "medium", "low", "unspecified"] as const;
export type Severity = (typeof severities)[number];

/** A vulnerability in a package. */
export interface Finding {
  readonly severity: Severity;
  readonly cve: string;
  readonly score: number | undefined;
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly fixedBy: string | undefined;
  /** Whether CISA lists it as exploited. */
  readonly exploited: boolean;
  readonly url: string;
}

export function severityOf({ cvss }: Vulnerability): Severity {
  const said = cvss.severity?.toLowerCase();
  return severities.find((each) => each === said) ?? "unspecified";
}

/** Every vulnerability of every package, by severity, score and name. */
export function findingsIn({ packages }: ImageCves): Finding[] {
  const found = packages.flatMap(({ namespace, name, version, purl, vulnerabilities }) =>
    vulnerabilities.map((each) => ({
      severity: severityOf(each),
      cve: each.sourceId,
      score: each.cvss.score ?? undefined,
      name: [namespace, name].filter(Boolean).join("/") || purl,
      version: version ?? "",
      purl,
      fixedBy: each.fixedBy ?? undefined,
      exploited: each.cisaExploited,
      url: each.url,
    })),
  );
  return found.toSorted(
    (one, other) =>
      severities.indexOf(one.severity) - severities.indexOf(other.severity) ||
      (other.score ?? 0) - (one.score ?? 0) ||
      one.cve.localeCompare(other.cve, "en") ||
      one.purl.localeCompare(other.purl, "en"),
  );
}

/** How many there are of each severity, those that are counted once by name. */
export function countsOf(findings: readonly Finding[]): Readonly<Record<Severity, number>> {
  const counts = Object.fromEntries(severities.map((each) => [each, 0])) as Record<
    Severity,
    number
  >;
  const seen = new Set<string>();
  for (const { severity, cve } of findings) {
    const key = `${severity} ${cve}`;
    if (!seen.has(key)) counts[severity] += 1;
    seen.add(key);
  }
  return counts;
}
