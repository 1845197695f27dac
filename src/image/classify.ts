/** What an artifact that is attached to an image is, by the types that the tools write. */

export type AttachmentKind =
  | "signature"
  | "sbom"
  | "provenance"
  | "vulnerabilities"
  | "vex"
  /** A statement about the image of some other kind. */
  | "attestation"
  | "other";

/** What something that is attached is, and in which format. */
export interface Classification {
  readonly kind: AttachmentKind;
  /** Who defines the format, such as `cosign`, `notation`, `spdx`, `cyclonedx`, `slsa`. */
  readonly format?: string;
}

type Rule = readonly [pattern: RegExp, kind: AttachmentKind, format?: string];

/** Media types, of a manifest's `artifactType` as of its layers. */
const typeRules: readonly Rule[] = [
  [/^application\/vnd\.dev\.cosign\.(artifact\.sig|simplesigning)\./, "signature", "cosign"],
  [/^application\/vnd\.dev\.cosign\.artifact\.sbom\./, "sbom"],
  [/^application\/vnd\.dev\.cosign\.artifact\.att\./, "attestation", "cosign"],
  [/^application\/vnd\.cncf\.notary\.signature$/, "signature", "notation"],
  [/^application\/vnd\.dev\.sigstore\.bundle\b/, "signature", "sigstore"],
  [/^(application|text)\/spdx(\+|$)/, "sbom", "spdx"],
  [/^application\/vnd\.cyclonedx(\+|$)/, "sbom", "cyclonedx"],
  [/^application\/vnd\.syft(\+|$)/, "sbom", "syft"],
  [/^application\/(vnd\.)?sarif(\+|$)/, "vulnerabilities", "sarif"],
  [/^application\/(vnd\.)?(openvex|vex|csaf)(\+|$)/, "vex"],
  [/^application\/vnd\.in-toto(\+|$)/, "attestation", "in-toto"],
  [/^application\/vnd\.in-toto\.bundle\b/, "attestation", "in-toto"],
  [/^application\/vnd\.dsse\.envelope\b/, "attestation", "dsse"],
];

/** What an in-toto statement is about: its predicate type. */
const predicateRules: readonly Rule[] = [
  [/^https:\/\/slsa\.dev\/provenance\//, "provenance", "slsa"],
  [/^https:\/\/slsa\.dev\/verification_summary\//, "attestation", "slsa"],
  [/^https:\/\/spdx\.dev\/Document/, "sbom", "spdx"],
  [/^https:\/\/cyclonedx\.org\/(bom|specification)/, "sbom", "cyclonedx"],
  [/^https:\/\/openvex\.dev\/ns/, "vex", "openvex"],
  [/^https:\/\/cosign\.sigstore\.dev\/attestation\/vuln\//, "vulnerabilities", "cosign"],
  [/^https:\/\/in-toto\.io\/attestation\/vulns/, "vulnerabilities", "in-toto"],
  [/^https:\/\/sigstore\.dev\/cosign\/sign\//, "signature", "cosign"],
];

const suffixRules: readonly Rule[] = [
  [/\.sig$/, "signature", "cosign"],
  [/\.sbom$/, "sbom"],
  [/\.att$/, "attestation", "cosign"],
];

/** By a media type. */
export function classifyType(mediaType: string): Classification | undefined {
  return match(typeRules, mediaType);
}

/** By the predicate type of an in-toto statement; one that is not known is still an attestation. */
export function classifyPredicate(predicateType: string): Classification {
  return match(predicateRules, predicateType) ?? { kind: "attestation", format: "in-toto" };
}

/** By what cosign puts behind the digest in a tag. */
export function classifyTag(tag: string): Classification {
  return match(suffixRules, tag) ?? { kind: "other" };
}

/** The predicate type that annotations state, as BuildKit, cosign and sigstore's bundles write it. */
export function predicateOf(
  annotations: Readonly<Record<string, string>> = {},
): string | undefined {
  return (
    annotations["in-toto.io/predicate-type"] ??
    annotations["dev.sigstore.bundle.predicateType"] ??
    annotations["predicateType"]
  );
}

function match(rules: readonly Rule[], text: string): Classification | undefined {
  const rule = rules.find(([pattern]) => pattern.test(text));
  if (rule === undefined) return undefined;
  const [, kind, format] = rule;
  return { kind, ...(format !== undefined && { format }) };
}
