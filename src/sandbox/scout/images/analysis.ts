/** What Scout finds in an image: packages from its bill of materials, and what is wrong with them. */
import type { Account } from "../../accounts/accounts.ts";
import { type Asked, once, pathOf } from "../asked.ts";
import { isAnalysed } from "../enabled.ts";
import { exceptedIn } from "../exceptions/applying.ts";
import { acquittedIn } from "../exceptions/vex.ts";
import { packagesIn } from "../sbom/documents.ts";
import type { FoundPackage } from "../sbom/package.ts";
import { predicates, type Statement, statementsOf } from "../sbom/statements.ts";
import { type Severity, severityOf } from "../vulnerabilities/database.ts";
import { type Match, matchesOf } from "../vulnerabilities/match.ts";
import { type Image, indexesOf, othersIn } from "./image.ts";
import { seededPackages } from "./seeded.ts";

export interface Analysis {
  /** NONE without a bill of materials, or where nobody wants it analysed; INDEXING_FAILED for one that cannot be read. */
  readonly sbomState: "INDEXED" | "INDEXING_FAILED" | "NONE";
  readonly packages: readonly FoundPackage[];
}

/** A vulnerability of a package of an image. */
export interface Finding extends Match {
  readonly package: FoundPackage;
  /** Whether somebody decided to live with it. */
  readonly isExcepted: boolean;
}

export interface Report {
  readonly critical: number;
  readonly high: number;
  readonly medium: number;
  readonly low: number;
  readonly unspecified: number;
  readonly total: number;
}

const nothing: Analysis = { sbomState: "NONE", packages: [] };

export function statements(asked: Asked, { repository, digest }: Image): Promise<Statement[]> {
  return once(asked, `statements ${repository.id} ${digest}`, () =>
    statementsOf(asked.blobs, {
      path: pathOf(repository),
      digest,
      indexes: indexesOf(asked, repository, digest),
      others: othersIn(asked, repository),
    }),
  );
}

export function analysisOf(asked: Asked, image: Image): Promise<Analysis> {
  return once(
    asked,
    `analysis ${image.repository.id} ${image.digest}`,
    async (): Promise<Analysis> => {
      if (!isAnalysed(asked.state, image.repository)) return nothing;
      const documents = (await statements(asked, image)).filter(
        ({ predicateType }) =>
          predicateType.startsWith(predicates.spdx) ||
          predicateType.startsWith(predicates.cyclonedx),
      );
      if (documents.length > 0) {
        const lists = documents.map(({ predicate }) => packagesIn(predicate));
        if (lists.every((list) => list === undefined))
          return { sbomState: "INDEXING_FAILED", packages: [] };
        const packages = new Map(lists.flat().flatMap((each) => (each ? [[each.purl, each]] : [])));
        return { sbomState: "INDEXED", packages: [...packages.values()] };
      }
      const packages = seededPackages().get(image.digest);
      return packages ? { sbomState: "INDEXED", packages } : nothing;
    },
  );
}

/** Every vulnerability of every package; `organization` is whose exceptions count. */
export async function findingsOf(
  asked: Asked,
  image: Image,
  organization: Account | undefined,
): Promise<Finding[]> {
  const { packages } = await analysisOf(asked, image);
  const isExcepted = exceptedIn(asked, organization, {
    repoName: pathOf(image.repository),
    digest: image.digest,
  });
  const isAcquitted = acquittedIn(await statements(asked, image));
  return packages.flatMap((each) =>
    matchesOf(each.purl).map((match) => ({
      ...match,
      package: each,
      isExcepted: isExcepted(match.cve.id, each.purl) || isAcquitted(match.cve.id, each.purl),
    })),
  );
}

/** Counts each vulnerability once; null where the image was not analysed. */
export async function reportOf(
  asked: Asked,
  image: Image,
  organization: Account | undefined,
): Promise<Report | null> {
  const { sbomState } = await analysisOf(asked, image);
  if (sbomState !== "INDEXED") return null;
  const found = (await findingsOf(asked, image, organization)).filter((each) => !each.isExcepted);
  return countOf(found.map(({ cve }) => [cve.id, severityOf(cve)]));
}

/** @param found names and their severities; each name counts once */
export function countOf(found: readonly (readonly [name: string, severity: Severity])[]): Report {
  const count = { critical: 0, high: 0, medium: 0, low: 0, unspecified: 0 };
  const severities = new Map(found);
  for (const severity of severities.values())
    count[severity.toLowerCase() as keyof typeof count] += 1;
  return { ...count, total: severities.size };
}
