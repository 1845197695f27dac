/** Streams: their images, vulnerabilities and packages. */
import { type Asked, type ContextInput, hubHost, namedOrganization, pathOf } from "../asked.ts";
import { analysisOf, countOf } from "../images/analysis.ts";
import { chosenBy, type Filtered } from "../images/chosen.ts";
import { type Image, platformOf, tagsOf } from "../images/image.ts";
import {
  findingsOfStream,
  imagesOfStream,
  type StreamFinding,
  streamsOf,
} from "../images/stream.ts";
import { viewOf } from "../images/view.ts";
import { grouped } from "../grouped.ts";
import { ordered, pageOf, type PagingInput } from "../paging.ts";
import { type Severity, severities, severityOf } from "../vulnerabilities/database.ts";
import { compareVersions } from "../vulnerabilities/versions.ts";
import { scoreOf } from "../vulnerabilities/view.ts";

interface Query extends Filtered {
  readonly stream: string;
  readonly paging?: PagingInput | null;
  readonly ordering?: { readonly field?: string | null; readonly sortOrder?: string | null } | null;
}

interface Asking<Of> {
  readonly context: ContextInput;
  readonly query: Of;
}

export const streams = {
  streams(
    {
      context,
      query,
    }: Asking<{
      paging?: PagingInput | null;
      filter?: { namePrefix?: string | null } | null;
    } | null>,
    asked: Asked,
  ) {
    const prefix = query?.filter?.namePrefix ?? "";
    const names = streamsOf(asked, namedOrganization(asked, context));
    return pageOf(
      names.filter((name) => name.startsWith(prefix)).map((name) => ({ name })),
      query?.paging,
    );
  },

  async streamImages({ context, query }: Asking<Query>, asked: Asked) {
    const organization = namedOrganization(asked, context);
    const isChosen = chosenBy(asked, organization, query);
    const found = (await imagesOfStream(asked, organization, query.stream)).filter(isChosen);
    const byTag = query.ordering?.field === "TAG_UPDATED_AT";
    const sorted = ordered(
      found,
      (image) => (byTag ? (tagsOf(asked, image)[0]?.pushed ?? "") : image.pushed),
      query.ordering?.sortOrder,
    );
    const { paging, items } = pageOf(sorted, query.paging);
    return { paging, items: items.map((image) => viewOf(asked, image, organization)) };
  },

  async cvesByStream(
    {
      context,
      query,
    }: Asking<
      Query & {
        filter?: {
          cveId?: string | null;
          severity?: Severity | null;
          severities?: readonly Severity[] | null;
        } | null;
      }
    >,
    asked: Asked,
  ) {
    const organization = namedOrganization(asked, context);
    const all = await findingsOfStream(asked, organization, query.stream);
    const isChosen = chosenBy(asked, organization, query);
    const { cveId, severity, severities: several } = query.filter ?? {};
    const found = all.filter(
      ({ cve, image }) =>
        (cveId == null || cve.id === cveId) &&
        (severity == null || severityOf(cve) === severity) &&
        (several == null || several.includes(severityOf(cve))) &&
        isChosen(image),
    );
    const items = [...grouped(found, ({ cve }) => cve.id).values()].map((each) => cveOf(each));
    const { field = "SEVERITY", sortOrder } = query.ordering ?? {};
    const sorted = ordered(items, (item) => worthOf(item, field ?? "SEVERITY"), sortOrder);
    return pageOf(sorted, query.paging);
  },

  async imagesAffectedByCVE({ context, query }: Asking<Query & { cveId: string }>, asked: Asked) {
    const organization = namedOrganization(asked, context);
    const all = await findingsOfStream(asked, organization, query.stream);
    const having = all.filter(({ cve }) => cve.id === query.cveId);
    const isChosen = chosenBy(asked, organization, query);
    const found = [...new Set(having.map(({ image }) => image))].filter(isChosen);
    const { field, sortOrder } = query.ordering ?? {};
    const sorted = ordered(
      found,
      (image) => (field === "REPO_NAME" ? pathOf(image.repository) : image.pushed),
      sortOrder,
    );
    const { paging, items } = pageOf(sorted, query.paging);
    return {
      paging,
      packageCount: new Set(having.map((each) => each.package.purl)).size,
      items: items.map((image) => ({
        affectedImage: viewOf(asked, image, organization),
        affectedPackages: having
          .filter((each) => each.image === image)
          .map((each) => ({ ...each.package, version: each.package.version ?? "" })),
      })),
    };
  },

  async imagesWithPackage(
    {
      context,
      query,
    }: Asking<
      Query & {
        name: string;
        type: string;
        namespace?: string | null;
        filter?: { packageVersion?: string | null } | null;
      }
    >,
    asked: Asked,
  ) {
    const organization = namedOrganization(asked, context);
    const { name, type, namespace, filter, ordering } = query;
    const isChosen = chosenBy(asked, organization, query);
    const holders: { image: Image; versions: string[] }[] = [];
    for (const image of await imagesOfStream(asked, organization, query.stream)) {
      const { packages } = await analysisOf(asked, image);
      const versions = packages.flatMap((each) =>
        each.name === name &&
        each.type === type &&
        (namespace == null || each.namespace === namespace)
          ? (each.version ?? [])
          : [],
      );
      if (versions.length > 0) holders.push({ image, versions });
    }
    const found = holders.filter(
      ({ image, versions }) =>
        isChosen(image) &&
        (filter?.packageVersion == null || versions.includes(filter.packageVersion)),
    );
    const sorted = ordered(
      found,
      ({ image }) => (ordering?.field === "NAME" ? pathOf(image.repository) : image.pushed),
      ordering?.sortOrder,
    );
    const { paging, items } = pageOf(sorted, query.paging);
    return {
      paging,
      versions: [...new Set(holders.flatMap(({ versions }) => versions))].toSorted((a, b) =>
        compareVersions(type, a, b),
      ),
      items: items.map(({ image, versions }) => ({
        repository: { hostName: hubHost, repoName: pathOf(image.repository) },
        digest: image.digest,
        name: pathOf(image.repository),
        lastPushed: image.pushed,
        packageVersions: versions,
        platform: platformOf(image),
      })),
    };
  },

  async streamSummary({ context, query }: Asking<Query & { summaryMode: string }>, asked: Asked) {
    const organization = namedOrganization(asked, context);
    const all = await findingsOfStream(asked, organization, query.stream);
    const isChosen = chosenBy(asked, organization, query);
    const found = all.filter(({ image }) => isChosen(image));
    const nameOf = ({ cve, image, package: { purl } }: StreamFinding) =>
      query.summaryMode === "UNIQUE_BY_CVE"
        ? cve.id
        : query.summaryMode === "UNIQUE_BY_PURL"
          ? `${cve.id} ${purl}`
          : `${cve.id} ${purl} ${image.repository.id} ${image.digest}`;
    return {
      vulnerabilityReport: countOf(found.map((each) => [nameOf(each), severityOf(each.cve)])),
    };
  },
};

/** One vulnerability of a stream, and every package that has it. */
function cveOf(found: readonly StreamFinding[]) {
  const { cve } = found[0]!;
  const packages = grouped(found, (each) => each.package.purl);
  return {
    cveId: cve.id,
    highestSeverity: severityOf(cve),
    highestCVSSScore: scoreOf(cve),
    detectedInCount: new Set(found.map(({ image }) => image)).size,
    fixable: found.some(({ affected }) => affected.fixed !== undefined),
    packages: [...packages].map(([purl, each]) => ({
      purl,
      severity: severityOf(cve),
      cvssScore: scoreOf(cve),
      fixedBy: [...new Set(each.flatMap(({ affected }) => affected.fixed ?? []))],
    })),
  };
}

function worthOf(item: ReturnType<typeof cveOf>, field: string): number {
  if (field === "DETECTED_IN_COUNT") return item.detectedInCount;
  const score = Number(item.highestCVSSScore ?? 0);
  if (field === "CVSS_SCORE") return score;
  return (severities.length - severities.indexOf(item.highestSeverity)) * 100 + score;
}
