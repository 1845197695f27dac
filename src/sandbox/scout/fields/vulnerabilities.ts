/** Vulnerabilities: of packages, one by its name, those of late. */
import {
  type Asked,
  type ContextInput,
  namedOrganization,
  organizationOf,
  pathOf,
} from "../asked.ts";
import { exceptedIn } from "../exceptions/applying.ts";
import { findingsOfStream } from "../images/stream.ts";
import { database, type Severity, severityOf } from "../vulnerabilities/database.ts";
import { findCve, matchesOf, rangeOf } from "../vulnerabilities/match.ts";
import { cvssOf, cwesOf, epssOf, scoreOf, urlOf, viewOfMatch } from "../vulnerabilities/view.ts";
import { badInput } from "../refusal.ts";
import { one } from "./images.ts";

/** Package URLs of one question. */
const questionLimit = 1000;

export const vulnerabilities = {
  vulnerabilitiesByPackage(
    {
      context,
      packageUrls,
      digest,
      includeExcepted,
    }: {
      context: ContextInput;
      packageUrls: readonly string[];
      digest?: string | null;
      includeExcepted?: boolean | null;
    },
    asked: Asked,
  ) {
    if (packageUrls.length > questionLimit)
      throw badInput(`at most ${questionLimit} package URLs at once`);
    const organization = organizationOf(asked, context);
    const image = digest == null ? undefined : one(asked, context, digest);
    const place = image && { repoName: pathOf(image.repository), digest: image.digest };
    const isExcepted = exceptedIn(asked, organization, place);
    return packageUrls.map((purl) => ({
      purl,
      vulnerabilities: matchesOf(purl)
        .map((match) => ({ ...match, isExcepted: isExcepted(match.cve.id, purl) }))
        .filter((match) => includeExcepted || !match.isExcepted)
        .map(viewOfMatch),
    }));
  },

  cveSources(
    { query, context }: { context: ContextInput; query: { cveId: string } },
    asked: Asked,
  ) {
    organizationOf(asked, context);
    const cve = findCve(query.cveId);
    if (!cve) return null;
    const common = {
      sourceId: cve.id,
      description: cve.description,
      createdAt: cve.published,
      updatedAt: cve.updated,
      cvss: cvssOf(cve),
      cwes: cwesOf(cve),
      exploits: [],
      patches: [],
      commits: [],
      info: [],
    };
    const packages = cve.affected.map(({ name, type, namespace, ...range }) => ({
      name,
      type,
      namespace,
      versions: [
        {
          vulnerableRange: rangeOf({ name, type, namespace, ...range }),
          fixedBy: range.fixed ?? null,
        },
      ],
    }));
    const nist = `https://nvd.nist.gov/vuln/detail/${cve.id}`;
    const sources = [
      {
        ...common,
        source: "nist",
        sourceName: "NIST",
        url: nist,
        packages,
        advisories: [urlOf(cve)],
      },
    ];
    if (cve.affected.some(({ type }) => type === "deb"))
      sources.push({
        ...common,
        source: "debian",
        sourceName: "Debian",
        url: `https://security-tracker.debian.org/tracker/${cve.id}`,
        packages: packages.filter(({ type }) => type === "deb"),
        advisories: [],
      });
    return { cveId: cve.id, defaultSource: "nist", sources, epss: epssOf(cve) };
  },

  async recentCves(
    {
      context,
      query,
    }: {
      context: ContextInput;
      query: { stream: string; filter?: { severities?: readonly Severity[] | null } | null };
    },
    asked: Asked,
  ) {
    const organization = namedOrganization(asked, context);
    const found = await findingsOfStream(asked, organization, query.stream);
    const wanted = query.filter?.severities;
    return {
      items: database
        .filter((cve) => !wanted || wanted.includes(severityOf(cve)))
        .toSorted((one, other) => (one.published < other.published ? 1 : -1))
        .map((cve) => ({
          cveId: cve.id,
          highestSeverity: severityOf(cve),
          highestCVSSScore: scoreOf(cve),
          detectedInCount: new Set(
            found.flatMap((each) => (each.cve.id === cve.id ? each.image.digest : [])),
          ).size,
          publishedAt: cve.published,
        }))
        .slice(0, 10),
    };
  },
};
