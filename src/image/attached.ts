/** Signatures, SBOMs, attestations: what is attached to an image, as a tree. */
import { isError } from "../errors.ts";
import type { Descriptor, Digest } from "../reference/descriptor.ts";
import { isManifestType } from "../reference/manifest.ts";
import type { Cancellable, Source } from "../store/store.ts";
import { attachmentTags, findTagged, listReferrers } from "../transfer/attachments.ts";
import {
  classifyPredicate,
  classifyTag,
  classifyType,
  predicateOf,
  type AttachmentKind,
  type Classification,
} from "./classify.ts";
import { readManifest } from "./read.ts";
import { each } from "./several.ts";

/** One thing that an attached manifest holds. */
export interface AttachedContent extends Classification {
  readonly descriptor: Descriptor;
  /** What an in-toto statement is about. */
  readonly predicateType?: string;
}

/** A manifest that is attached to another one. */
export interface Attachment extends Classification {
  readonly descriptor: Descriptor;
  /** What it is attached to. */
  readonly subject: Digest;
  /** How it was found: as a referrer, under a digest tag, or in the same index (BuildKit's attestations). */
  readonly via: "referrer" | "tag" | "index";
  readonly tag?: string;
  readonly artifactType?: string;
  readonly predicateType?: string;
  /** Its layers, where it had to be read to know what it is. */
  readonly contents: readonly AttachedContent[];
  /** What is attached to it in turn. */
  readonly attachments: readonly Attachment[];
}

/** What is attached to an image, and to that in turn. */
export interface AttachmentTree {
  readonly attachments: readonly Attachment[];
  /** Whether there was more than `depth` and `limit` allow. */
  readonly truncated: boolean;
}

/** How far attachments are followed, and where they are looked for. */
export interface TreeOptions extends Cancellable {
  /** Levels: 1 is what refers to the image itself. @default 4 */
  readonly depth?: number;
  /** Attached manifests in all. @default 500 */
  readonly limit?: number;
  /** Whether cosign's tags (`sha256-….sig`, `.att`, `.sbom`) of the image itself are asked for too. @default true */
  readonly tags?: boolean;
}

/**
 * Finds what is attached to a manifest and, level by level, to that.
 *
 * @throws WharfError UNSUPPORTED, FORBIDDEN and the like where the store refuses to list referrers
 * @example
 * const { attachments } = await referrersTree(store, digest);
 * const signed = attachments.some(({ kind }) => kind === "signature");
 */
export function referrersTree(
  store: Source,
  digest: Digest,
  options: TreeOptions = {},
): Promise<AttachmentTree> {
  return growTree(store, [digest], [], options);
}

type Growing = Omit<Attachment, "attachments"> & { readonly attachments: Growing[] };
type Found = Pick<Attachment, "descriptor" | "subject" | "via" | "tag">;

/** A tree for several manifests, with what is known to be attached to them already. */
export async function growTree(
  store: Source,
  digests: readonly Digest[],
  known: readonly Found[],
  { depth = 4, limit = 500, tags = true, signal }: TreeOptions,
): Promise<AttachmentTree> {
  const options = signal === undefined ? {} : { signal };
  const roots: Growing[] = [];
  const seen = new Set<string>(digests);
  let truncated = false;
  let level = digests.map((subject) => ({ subject, into: roots }));
  let extra = known;
  for (let at = 1; level.length > 0; at++) {
    const lists = await each(level, ({ subject }) =>
      findAttached(store, subject, at === 1 && tags, options),
    );
    const found = level.flatMap(({ into }, index) => lists[index]!.map((item) => ({ item, into })));
    for (const item of extra) found.push({ item, into: roots });
    extra = [];
    const fresh = found.filter(({ item }) => {
      if (seen.has(item.descriptor.digest)) return false;
      if (at > depth || seen.size >= limit + digests.length) {
        truncated = true;
        return false;
      }
      seen.add(item.descriptor.digest);
      return true;
    });
    const nodes = await each(fresh, ({ item }) => describe(store, item, options));
    for (const [index, node] of nodes.entries()) fresh[index]!.into.push(node);
    level = nodes.map(({ descriptor, attachments }) => ({
      subject: descriptor.digest,
      into: attachments,
    }));
  }
  return { attachments: roots, truncated };
}

async function findAttached(
  store: Source,
  subject: Digest,
  tags: boolean,
  options: Cancellable,
): Promise<Found[]> {
  const [referrers, ...tagged] = await Promise.all([
    listReferrers(store, subject, options),
    ...(tags ? attachmentTags(subject) : []).map((tag) => findTagged(store, tag, options)),
  ]);
  return [
    ...referrers.map(({ descriptor }) => ({ descriptor, subject, via: "referrer" as const })),
    ...tagged.flatMap((found) => (found ? [{ ...found, subject, via: "tag" as const }] : [])),
  ];
}

/** Says what it is; reads the manifest only where the listing does not tell. */
async function describe(store: Source, found: Found, options: Cancellable): Promise<Growing> {
  const { descriptor, tag } = found;
  const stated = stateOf(descriptor);
  const vague = stated === undefined || (stated.kind === "attestation" && !stated.predicateType);
  const manifest = vague ? await read(store, descriptor, options) : undefined;
  const contents = manifest?.contents ?? [];
  const kinds = new Set(contents.map(({ kind }) => kind));
  const inner = kinds.size === 1 ? contents[0] : undefined;
  const several: Classification | undefined = kinds.size > 1 ? { kind: "attestation" } : undefined;
  const { kind, format } = (tag === undefined
    ? (manifest?.stated ?? several ?? inner ?? stated)
    : inner?.kind === "other" || inner === undefined
      ? classifyTag(tag)
      : inner) ?? { kind: "other" as AttachmentKind };
  const artifactType = descriptor.artifactType ?? manifest?.artifactType;
  const predicateType = stated?.predicateType ?? inner?.predicateType;
  return {
    ...found,
    kind,
    ...(format !== undefined && { format }),
    ...(artifactType !== undefined && { artifactType }),
    ...(predicateType !== undefined && { predicateType }),
    contents,
    attachments: [],
  };
}

function stateOf({ artifactType, annotations }: Descriptor) {
  const predicateType = predicateOf(annotations);
  if (predicateType !== undefined) return { ...classifyPredicate(predicateType), predicateType };
  const known = artifactType === undefined ? undefined : classifyType(artifactType);
  return known && { ...known, predicateType: undefined };
}

/** What the manifest says; one that cannot be read only leaves the kind open. */
async function read(store: Source, { digest, mediaType }: Descriptor, options: Cancellable) {
  if (!isManifestType(mediaType)) return undefined;
  try {
    const { parsed } = await readManifest(store, digest, options);
    if (parsed.kind !== "image") return undefined;
    const contents = parsed.layers.map(contentOf);
    const artifactType = parsed.artifactType ?? parsed.config.mediaType;
    const predicate = predicateOf(parsed.annotations);
    return {
      contents,
      artifactType,
      stated: predicate === undefined ? undefined : classifyPredicate(predicate),
    };
  } catch (error) {
    if (isError(error, "MANIFEST_NOT_FOUND", "MANIFEST_INVALID", "DIGEST_MISMATCH"))
      return undefined;
    throw error;
  }
}

function contentOf(descriptor: Descriptor): AttachedContent {
  const predicateType = predicateOf(descriptor.annotations);
  if (predicateType === undefined) {
    return { descriptor, ...(classifyType(descriptor.mediaType) ?? { kind: "other" }) };
  }
  return { descriptor, predicateType, ...classifyPredicate(predicateType) };
}
