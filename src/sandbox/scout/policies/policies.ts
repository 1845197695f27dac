/** The policies that every organization has, and what each says of an image. */
import type { Account } from "../../accounts/accounts.ts";
import type { Asked } from "../asked.ts";
import { analysisOf, type Finding, findingsOf, statements } from "../images/analysis.ts";
import { baseOf } from "../images/base.ts";
import { configOf } from "../images/config.ts";
import { type Image, tagsOf } from "../images/image.ts";
import { predicates } from "../sbom/statements.ts";
import { severityOf } from "../vulnerabilities/database.ts";
import { scoreOf } from "../vulnerabilities/view.ts";

/** What is against a policy; fields beside the id differ from kind to kind. */
export interface Deviation {
  readonly id: string;
  readonly [field: string]: unknown;
}

export interface Policy {
  /** The type of the schema that shows it. */
  readonly kind:
    | "ScBooleanPolicy"
    | "ScGenericPolicy"
    | "ScLicencePolicy"
    | "ScVulnerabilityPolicy";
  readonly name: string;
  readonly displayName: string;
  readonly description: string;
  readonly resultType: string;
  /** Licences that it looks for. */
  readonly licenses?: readonly string[];
  /** What is against it; undefined where nobody can tell. */
  evaluate(
    asked: Asked,
    image: Image,
    organization: Account,
  ): Promise<readonly Deviation[] | undefined>;
}

const copyleft = ["AGPL-3.0", "AGPL-3.0-only", "AGPL-3.0-or-later"];

export const policies: readonly Policy[] = [
  {
    kind: "ScVulnerabilityPolicy",
    name: "critical-high-vulnerabilities",
    displayName: "No fixable critical or high vulnerabilities",
    description: "Critical and high vulnerabilities for which a version that mends them is known.",
    resultType: "vulnerabilities",
    evaluate: (asked, image, organization) =>
      vulnerabilities(
        asked,
        image,
        organization,
        ({ cve, affected }) =>
          affected.fixed !== undefined && ["CRITICAL", "HIGH"].includes(severityOf(cve)),
      ),
  },
  {
    kind: "ScVulnerabilityPolicy",
    name: "high-profile-vulnerabilities",
    displayName: "No high-profile vulnerabilities",
    description: "Vulnerabilities that are exploited, as CISA lists them, or known far and wide.",
    resultType: "vulnerabilities",
    evaluate: (asked, image, organization) =>
      vulnerabilities(
        asked,
        image,
        organization,
        ({ cve }) => cve.exploited === true || cve.id === "CVE-2024-3094",
      ),
  },
  {
    kind: "ScLicencePolicy",
    name: "copyleft-licenses",
    displayName: "No AGPL v3 licenses",
    description: "Packages under the GNU Affero General Public License, version 3.",
    resultType: "licensed packages",
    licenses: copyleft,
    async evaluate(asked, image) {
      const { sbomState, packages } = await analysisOf(asked, image);
      if (sbomState !== "INDEXED") return undefined;
      return packages.flatMap(({ purl, licenses }) =>
        licenses
          .filter((license) => copyleft.includes(license))
          .map((license) => ({ id: `${purl} ${license}`, purl, license })),
      );
    },
  },
  {
    kind: "ScBooleanPolicy",
    name: "default-non-root-user",
    displayName: "Default non-root user",
    description: "Processes do not run as root where nobody says otherwise.",
    resultType: "boolean",
    async evaluate(asked, image) {
      const { user } = await configOf(asked, image);
      const [name = ""] = (user ?? "").split(":");
      const isRoot = ["", "root", "0"].includes(name);
      return isRoot ? [detailed("user", "User", name === "" ? "root" : name)] : [];
    },
  },
  {
    kind: "ScGenericPolicy",
    name: "supply-chain-attestations",
    displayName: "Supply chain attestations",
    description: "A bill of materials and the provenance are attested.",
    resultType: "generic",
    async evaluate(asked, image) {
      const types = (await statements(asked, image)).map(({ predicateType }) => predicateType);
      const has = (prefix: string) => types.some((type) => type.startsWith(prefix));
      return [
        ...(has(predicates.spdx) || has(predicates.cyclonedx)
          ? []
          : [detailed("missing", "Missing attestation", "SBOM")]),
        ...(has("https://slsa.dev/provenance")
          ? []
          : [detailed("missing", "Missing attestation", "Provenance")]),
      ];
    },
  },
  {
    kind: "ScBooleanPolicy",
    name: "up-to-date-base-images",
    displayName: "No outdated base images",
    description: "The base image is the one that its tag names today.",
    resultType: "boolean",
    async evaluate(asked, image, organization) {
      const base = baseOf(asked, image, organization);
      if (!base) return undefined;
      const isCurrent = tagsOf(asked, base).length > 0;
      return isCurrent ? [] : [detailed("base", "Base image", base.digest)];
    },
  },
];

/** How the one configuration of each policy is called. */
export const configurationName = "default";

async function vulnerabilities(
  asked: Asked,
  image: Image,
  organization: Account,
  isAgainst: (finding: Finding) => boolean,
): Promise<Deviation[] | undefined> {
  const { sbomState } = await analysisOf(asked, image);
  if (sbomState !== "INDEXED") return undefined;
  const found = await findingsOf(asked, image, organization);
  return found
    .filter((finding) => !finding.isExcepted && isAgainst(finding))
    .map(({ cve, affected, package: { purl } }) => ({
      id: `${cve.id} ${purl}`,
      vulnerability: cve.id,
      purl,
      severity: severityOf(cve),
      cvssScore: scoreOf(cve),
      fixedBy: affected.fixed ?? null,
    }));
}

function detailed(key: string, displayName: string, value: string): Deviation {
  return { id: `${key} ${value}`, details: [{ key, displayName, value }] };
}
