/** Tags that are made of a digest, by which what belongs to an image is found where there is no other way. */
import { isDigest, parseDigest } from "./digest.ts";
import type { Digest } from "./descriptor.ts";

/**
 * The tag of the index of referrers, for registries without the referrers API: `sha256-<hex>`.
 * Source: distribution-spec 1.1, "Referrers Tag Schema": 32 characters of the algorithm, 64 of the rest.
 *
 * @throws WharfError DIGEST_INVALID
 */
export function referrersTag(digest: Digest): string {
  const { algorithm, encoded } = parseDigest(digest);
  const clean = (text: string) => text.replace(/[^A-Za-z0-9._-]/g, "-");
  return `${clean(algorithm.slice(0, 32))}-${clean(encoded.slice(0, 64))}`;
}

/** What cosign puts behind the digest: signatures, attestations, bills of materials. */
const suffixes = [".sig", ".att", ".sbom"] as const;

/**
 * All tags under which something may be attached to a digest, the referrers' tag first.
 * The others need the digest whole, which sha512 makes longer than a tag may be.
 *
 * @throws WharfError DIGEST_INVALID
 */
export function digestTags(digest: Digest): string[] {
  const tag = referrersTag(digest);
  const whole = tag.length === digest.length;
  return [tag, ...(whole ? suffixes.map((suffix) => tag + suffix) : [])];
}

/** Whether a tag is made of a digest, and not meant for people. */
export function isDigestTag(tag: string): boolean {
  return /^sha(?:256|512)-[0-9a-f]{64}(?:\.[A-Za-z0-9]{1,16})?$/.test(tag);
}

/** The digest that a digest tag belongs to; undefined where it is none, or was cut. */
export function digestOfTag(tag: string): Digest | undefined {
  if (!isDigestTag(tag)) return undefined;
  const digest = tag.replace(/\..*$/, "").replace("-", ":");
  return isDigest(digest) ? digest : undefined;
}
