/**
 * What was attested of an image: BuildKit's attestations, which stand beside it in its index, and what refers to it.
 * Sources: in-toto attestation framework 1.0; BuildKit, "Image Attestation Storage"; DSSE 1.0.
 */
import type { Descriptor } from "../../../reference/descriptor.ts";
import { isObject, type JsonObject } from "../../../reference/fields.ts";
import { isIndexType } from "../../../reference/manifest.ts";
import type { State } from "../../state/state.ts";
import type { RepositoryRow } from "../../repositories.ts";
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
const bare: Readonly<Record<string, string>> = {
  "application/spdx+json": predicates.spdx,
  "text/spdx+json": predicates.spdx,
  "application/vnd.cyclonedx+json": predicates.cyclonedx,
};

/** Every statement about an image of a repository. */
export async function statementsOf(
  state: State,
  blobs: Blobs,
  { id, namespace, name }: Pick<RepositoryRow, "id" | "namespace" | "name">,
  digest: string,
): Promise<Statement[]> {
  const path = `${namespace}/${name}`;
  const manifests = new Set<string>();
  const rows = state.all<{ digest: string; media_type: string }>(
    `SELECT digest, media_type FROM manifests WHERE repository = ?1 AND images LIKE '%' || ?2 || '%'`,
    id,
    digest,
  );
  const subjects = [digest];
  for (const row of rows) {
    if (!isIndexType(row.media_type)) continue;
    const index = await blobs.manifest(path, row.digest);
    if (index?.kind !== "index") continue;
    // What refers to an index with one image is about that image too.
    if (index.manifests.filter((each) => !isAttestation(each)).length === 1)
      subjects.push(row.digest);
    for (const child of index.manifests)
      if (child.annotations?.["vnd.docker.reference.digest"] === digest && isAttestation(child))
        manifests.add(child.digest);
  }
  for (const subject of subjects)
    for (const referrer of await blobs.referrers(path, subject)) manifests.add(referrer.digest);
  const found: Statement[] = [];
  for (const manifest of manifests) found.push(...(await statementsIn(blobs, path, manifest)));
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
    const known = bare[type] ?? bare[manifest.artifactType ?? ""];
    if (known === undefined && !/in-toto|dsse/.test(type)) continue;
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
