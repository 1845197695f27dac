/** A bill of materials as a document: SPDX 2.3 or CycloneDX 1.6. */
import { pathOf } from "../asked.ts";
import type { Image } from "../images/image.ts";
import { badInput } from "../refusal.ts";
import type { FoundPackage } from "../sbom/package.ts";

/** @param format `spdx` or `cyclonedx` @throws ScoutRefusal BAD_USER_INPUT */
export function documentOf(
  format: string,
  image: Image,
  packages: readonly FoundPackage[],
  now: number,
): object {
  const kind = format.toLowerCase().replace(/[-_]?json$/, "");
  const created = new Date(now).toISOString().replace(/\.\d+Z$/, "Z");
  const name = `${pathOf(image.repository)}@${image.digest}`;
  if (kind === "spdx") return spdx(name, image.digest, packages, created);
  if (kind === "cyclonedx") return cycloneDx(name, packages, created);
  throw badInput("format is spdx or cyclonedx");
}

function spdx(name: string, digest: string, packages: readonly FoundPackage[], created: string) {
  return {
    spdxVersion: "SPDX-2.3",
    dataLicense: "CC0-1.0",
    SPDXID: "SPDXRef-DOCUMENT",
    name,
    documentNamespace: `https://docker.com/docker-scout/${digest.replace(":", "/")}`,
    creationInfo: { created, creators: ["Organization: Docker", "Tool: wharfinger-sandbox"] },
    packages: packages.map((each, at) => ({
      SPDXID: `SPDXRef-Package-${at + 1}`,
      name: each.name,
      ...(each.version !== null && { versionInfo: each.version }),
      downloadLocation: "NOASSERTION",
      licenseDeclared: each.licenses.join(" AND ") || "NOASSERTION",
      externalRefs: [
        {
          referenceCategory: "PACKAGE-MANAGER",
          referenceType: "purl",
          referenceLocator: each.purl,
        },
      ],
    })),
    relationships: packages.map((_, at) => ({
      spdxElementId: "SPDXRef-DOCUMENT",
      relationshipType: "DESCRIBES",
      relatedSpdxElement: `SPDXRef-Package-${at + 1}`,
    })),
  };
}

function cycloneDx(name: string, packages: readonly FoundPackage[], timestamp: string) {
  return {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: { timestamp, component: { type: "container", name } },
    components: packages.map(({ name: each, version, purl, licenses }) => ({
      type: "library",
      name: each,
      ...(version !== null && { version }),
      purl,
      licenses: licenses.map((id) => ({ license: { id } })),
    })),
  };
}
