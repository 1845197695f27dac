/**
 * What was attested of an image: BuildKit's attestations, which stand beside it in its index, and what refers to it.
 * Sources: in-toto attestation framework 1.0; BuildKit, "Image Attestation Storage"; DSSE 1.0.
 */
import type { Descriptor } from "../../../reference/descriptor.ts";
import { isObject, type JsonObject } from "../../../reference/fields.ts";
import type { Blobs } from "./blobs.ts";

/** A statement about an image. */
export interface Statement {
  /** Digest of the manifest that holds it. */
  readonly manifest: string;
  readonly predicateType: string;
  readonly predicate: unknown;
}

export const predicates = {
  spdx: "https://spdx.dev/Document",
  cyclonedx: "https://cyclonedx.org/bom",
  vex: "https://openvex.dev/ns",
} as const;

/** Bills of materials that are attached as they are. */
const bare = new Map<string, string>([
  ["application/spdx+json", predicates.spdx],
  ["text/spdx+json", predicates.spdx],
  ["application/vnd.cyclonedx+json", predicates.cyclonedx],
]);

/** Statements of one manifest that are read; BuildKit writes two or three. */
const statementLimit = 20;
/** Manifests about one image that are read. */
const manifestLimit = 200;

/** An image in its repository. */
export interface Place {
  /** Of the repository. */
  readonly path: string;
  readonly digest: string;
  /** Digests of indexes that list it. */
  readonly indexes: readonly string[];
  /** Digests of what else there is in the repository. */
  readonly others: readonly string[];
}

/** Every statement about an image of a repository. */
export async function statementsOf(
  blobs: Blobs,
  { path, digest, indexes, others }: Place,
): Promise<Statement[]> {
  const manifests = new Set<string>();
  const listed = new Set<string>();
  const subjects = [digest];
  for (const each of indexes) {
    const index = await blobs.manifest(path, each);
    if (index?.kind !== "index") continue;
    const images = index.manifests.filter((child) => !isAttestation(child));
    // What refers to an index with one image is about that image too.
    if (images.length === 1) subjects.push(each);
    for (const child of index.manifests.filter(isAttestation)) {
      listed.add(child.digest);
      if (child.annotations?.["vnd.docker.reference.digest"] === digest)
        manifests.add(child.digest);
    }
  }
  // Where nothing is left that could refer to it the registry need not look.
  if (others.some((other) => !listed.has(other)))
    for (const subject of subjects)
      for (const referrer of await blobs.referrers(path, subject)) manifests.add(referrer.digest);
  const found: Statement[] = [];
  for (const manifest of [...manifests].slice(0, manifestLimit))
    found.push(...(await statementsIn(blobs, path, manifest)));
  return found;
}

export function isAttestation({ annotations }: Descriptor): boolean {
  return annotations?.["vnd.docker.reference.type"] === "attestation-manifest";
}

async function statementsIn(blobs: Blobs, path: string, digest: string): Promise<Statement[]> {
  const manifest = await blobs.manifest(path, digest);
  if (manifest?.kind !== "image") return [];
  const found: Statement[] = [];
  for (const layer of manifest.layers) {
    const type = layer.mediaType.split(";", 1)[0]!.trim();
    const known = bare.get(type) ?? bare.get(manifest.artifactType ?? "");
    if (known === undefined && !/in-toto|dsse/.test(type)) continue;
    if (found.length === statementLimit) break;
    const document = await blobs.json(path, layer);
    if (known !== undefined) {
      found.push({ manifest: digest, predicateType: known, predicate: document });
      continue;
    }
    const statement = unwrapped(document);
    const said = statement?.["predicateType"] ?? layer.annotations?.["in-toto.io/predicate-type"];
    if (typeof said === "string")
      found.push({ manifest: digest, predicateType: said, predicate: statement?.["predicate"] });
  }
  return found;
}

/** The statement within an envelope that is signed; whose signature that is Docker Scout does not ask either. */
function unwrapped(document: unknown): JsonObject | undefined {
  if (!isObject(document)) return undefined;
  const { payload } = document;
  if (typeof payload !== "string") return document;
  try {
    const inner: unknown = JSON.parse(Buffer.from(payload, "base64").toString());
    return isObject(inner) ? inner : undefined;
  } catch {
    return undefined;
  }
}
