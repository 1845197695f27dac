/** What a person wants to see of Docker Scout's answers, by operation. */
import { age, type Field, number, plain, size, textOf, yes } from "../hub/cell.ts";
import { platformText, type PlatformLike } from "./platform.ts";

type Item = Readonly<Record<string, unknown>>;

const at = (item: Item, ...names: string[]): unknown =>
  names.reduce<unknown>((value, name) => (value as Item | null | undefined)?.[name], item);
const within = (title: string, ...names: string[]): Field => ({
  title,
  text: (item) => textOf(at(item, ...names)),
});

/** Counts of vulnerabilities: critical, high, medium, low. */
const severities = (field: string): readonly Field[] =>
  (["critical", "high", "medium", "low", "unspecified"] as const).map((name) => ({
    ...within(name === "unspecified" ? "?" : name[0]!.toUpperCase(), field, name),
    align: "right",
  }));

export const platformField: Field = {
  title: "PLATFORM",
  text: ({ platform }) => platformText(platform as PlatformLike | null),
};

const image: readonly Field[] = [
  within("REPOSITORY", "repository", "repoName"),
  platformField,
  ...severities("vulnerabilityReport"),
  number("packageCount", "PACKAGES"),
  size("compressedSize", "SIZE"),
  {
    title: "BASE",
    text: (item) =>
      [at(item, "baseImage", "repository", "repoName"), at(item, "baseImageTag", "name")]
        .filter(Boolean)
        .join(":"),
  },
];

const repository: readonly Field[] = [
  plain("name", "NAME"),
  plain("displayName", "TITLE"),
  yes("fipsCompliant", "FIPS"),
  yes("stigCertified", "STIG"),
  plain("shortDescription", "DESCRIPTION"),
];

const mirror: readonly Field[] = [
  {
    title: "MIRROR",
    text: (item) =>
      `${textOf(at(item, "destinationRepository", "namespace"))}/${textOf(at(item, "destinationRepository", "name"))}`,
  },
  {
    title: "OF",
    text: (item) =>
      `${textOf(at(item, "dhiSourceRepository", "namespace"))}/${textOf(at(item, "dhiSourceRepository", "name"))}`,
  },
  plain("id", "ID"),
];

const cve: readonly Field[] = [
  plain("cveId", "CVE"),
  plain("highestSeverity", "SEVERITY"),
  plain("highestCVSSScore", "SCORE"),
  number("detectedInCount", "IMAGES"),
  yes("fixable", "FIXABLE"),
  age("publishedAt", "PUBLISHED"),
];

const vulnerable: readonly Field[] = [
  plain("purl", "PACKAGE"),
  {
    title: "VULNERABILITIES",
    text: ({ vulnerabilities }) =>
      Array.isArray(vulnerabilities)
        ? vulnerabilities.map((each: Item) => textOf(each["sourceId"])).join(" ")
        : "",
  },
];

export const scoutColumns: Readonly<Record<string, readonly Field[]>> = {
  "scout.imageSummaries": [
    plain("digest", "DIGEST"),
    ...severities("vulnerabilityReport"),
    plain("sbomState", "SBOM"),
  ],
  "scout.imageDetails": image,
  "scout.streamImages": image,
  "scout.imageCves": vulnerable,
  "scout.vulnerabilitiesByPackage": vulnerable,
  "scout.imagePackages": [
    plain("purl", "PACKAGE"),
    {
      title: "LICENCES",
      text: ({ licenses }) => (licenses as string[] | undefined)?.join(", ") ?? "",
    },
  ],
  "scout.streamCves": cve,
  "scout.recentCves": cve,
  "scout.policies": [
    within("POLICY", "policy", "displayName"),
    number("compliantImages", "COMPLIANT"),
    number("totalImages", "IMAGES"),
    number("totalDeviations", "DEVIATIONS"),
    plain("stream", "STREAM"),
  ],
  "scout.imagePolicies": [
    { title: "POLICY", text: (item) => textOf(item["displayName"] ?? item["definitionName"]) },
    within("RESULT", "currentResult", "statusLabel"),
    { ...within("DEVIATIONS", "currentResult", "deviationCount"), align: "right" },
  ],
  "scout.policyImages": [
    within("REPOSITORY", "latestImage", "repository", "repoName"),
    within("RESULT", "policy", "currentResult", "statusLabel"),
    { ...within("DEVIATIONS", "policy", "currentResult", "deviationCount"), align: "right" },
    within("DIGEST", "latestImage", "digest"),
  ],
  "scout.imagesWithCve": [
    within("REPOSITORY", "affectedImage", "repository", "repoName"),
    within("DIGEST", "affectedImage", "digest"),
    {
      title: "PACKAGES",
      text: ({ affectedPackages }) =>
        (affectedPackages as Item[] | undefined)?.map((each) => textOf(each["purl"])).join(" ") ??
        "",
    },
  ],
  "scout.imagesWithPackage": [
    within("REPOSITORY", "repository", "repoName"),
    plain("digest", "DIGEST"),
    platformField,
    { title: "VERSIONS", text: ({ packageVersions }) => (packageVersions as string[]).join(" ") },
  ],
  "scout.exceptions": [
    within("CVE", "vulnerability", "cveId"),
    plain("type", "TYPE"),
    plain("author", "BY"),
    within("WHY", "reason", "additionalDetails"),
  ],
  "scout.hardenedRepositories": repository,
  "scout.mirrors": mirror,
  "scout.mirrorsOf": mirror,
  "scout.mirroringLogs": [
    plain("status", "STATUS"),
    within("MIRROR", "destinationRepository", "name"),
    plain("tag", "TAG"),
    age("triggeredAt", "TRIGGERED"),
    plain("digest", "DIGEST"),
  ],
  "scout.enabledRepositories": [plain("repoName", "REPOSITORY"), plain("hostName", "REGISTRY")],
};
