/** Manifests: distribution-spec 1.1, "Pulling manifests", "Pushing Manifests", "Deleting tags" and "Deleting Manifests". */
import { isError, WharfError } from "../errors.ts";
import type { Descriptor, Digest } from "../reference/descriptor.ts";
import { digestOf, parseDigest } from "../reference/digest.ts";
import { manifestLimit } from "../reference/manifest.ts";
import { isTag } from "../reference/reference.ts";
import { name as repositoryName, path } from "../reference/path.ts";
import type { Repository, TagGuard } from "../store/store.ts";
import { immutable } from "./blobs.ts";
import { receive } from "./receive.ts";
import { checkContent, checkReferences } from "./content.ts";
import type { Exchange } from "./exchange.ts";
import { etagOf, matchesDigest } from "./range.ts";
import { Refusal } from "./refusal.ts";
import type { Route } from "./route.ts";

type ManifestRoute = Extract<Route, { kind: "manifest" }>;

/** Most tags that one push may set; the specification wants ten at least. */
const tagLimit = 100;

/** GET and HEAD. What is stored is sent, whatever `Accept` says: another form would have another digest. */
export async function getManifest(exchange: Exchange, route: ManifestRoute): Promise<void> {
  const { name, reference } = route;
  const repository = exchange.repository(name);
  const byDigest = isDigestReference(reference);
  if (!byDigest && !isTag(reference)) throw unknown(route);

  const condition = exchange.header("if-none-match");
  if (exchange.request.method === "HEAD" || condition !== undefined) {
    const descriptor = await repository.resolve(reference);
    const headers = headersOf(descriptor, byDigest);
    if (matchesDigest(condition, descriptor.digest)) return exchange.reply(304, headers);
    if (exchange.request.method === "HEAD")
      return exchange.reply(200, { ...headers, "content-length": descriptor.size });
  }
  const { descriptor, bytes } = await repository.fetchManifest(reference);
  exchange.reply(200, headersOf(descriptor, byDigest), bytes);
  exchange.event({
    action: "pull",
    kind: "manifest",
    repository: name,
    ...named(descriptor),
    ...(!byDigest && { tag: reference }),
  });
}

export async function putManifest(exchange: Exchange, route: ManifestRoute): Promise<void> {
  const { name, reference } = route;
  const byDigest = isDigestReference(reference);
  const tags = [...new Set([...(byDigest ? [] : [reference]), ...exchange.query.getAll("tag")])];
  for (const tag of tags)
    if (!isTag(tag)) throw new Refusal("NAME_INVALID", `${JSON.stringify(tag)} is no tag`);
  if (tags.length > tagLimit)
    throw new Refusal("UNSUPPORTED", `more than ${tagLimit} tags at once`, { status: 414 });

  const bytes = await readManifest(exchange);
  const digest = digestFor(reference, byDigest, bytes);
  const manifest = checkContent(bytes, exchange.header("content-type"), limitOf(exchange));
  const repository = exchange.repository(name);
  const check = async () =>
    exchange.options.sparseImages ? [] : checkReferences(repository, manifest, exchange.signal);
  const required = await check();

  const { mediaType, subject } = manifest;
  const descriptor: Descriptor = { mediaType, digest, size: bytes.byteLength };
  const [first, ...others] = tags;
  const guard = guardOf(exchange, name);
  if (guard) await checkTags(repository, tags, digest, guard);
  const tag = first === undefined ? {} : { tag: first };
  const stored = repository.pushManifest({ descriptor, bytes }, { ...tag, ...guard, required });
  await stored.catch(async (error: unknown) => {
    // Collected since we looked; the second look says which are gone.
    if (isError(error, "BLOB_NOT_FOUND")) await check();
    throw error;
  });
  for (const other of others) await repository.tag(descriptor, other, guard);

  for (const tag of tags.length > 0 ? tags : [undefined])
    exchange.event({
      action: "push",
      kind: "manifest",
      repository: name,
      ...named(descriptor),
      ...(tag !== undefined && { tag }),
    });
  exchange.reply(201, {
    location: path`/v2/${repositoryName(name)}/manifests/${reference}`,
    "docker-content-digest": digest,
    ...(subject && { "oci-subject": subject.digest }),
    ...(exchange.query.has("tag") && { "oci-tag": tags }),
  });
}

/** A digest removes the manifest and all its tags, a tag only itself. */
export async function deleteManifest(exchange: Exchange, route: ManifestRoute): Promise<void> {
  const { name, reference } = route;
  const repository = exchange.repository(name);
  if (isDigestReference(reference)) {
    await repository.deleteManifest(reference, guardOf(exchange, name));
    exchange.event({ action: "delete", kind: "manifest", repository: name, digest: reference });
  } else {
    if (!isTag(reference)) throw unknown(route);
    guardOf(exchange, name)?.beforeUntag(reference);
    await repository.deleteTag(reference);
    exchange.event({ action: "delete", kind: "tag", repository: name, tag: reference });
  }
  exchange.reply(202, {});
}

/** Refuses where a tag that must stay would not. */
function guardOf({ options }: Exchange, name: string): Required<TagGuard> | undefined {
  if (!options.isImmutable) return undefined;
  return {
    beforeUntag(tag) {
      if (options.isImmutable?.(name, tag))
        throw new WharfError(
          "FORBIDDEN",
          `the tag ${tag} of ${name} is immutable: what it names stays; push under another tag`,
        );
    },
  };
}

/** Looks before anything is stored, so that of several tags all are set or none; what comes in between is the store's to refuse. */
async function checkTags(
  repository: Repository,
  tags: readonly string[],
  digest: Digest,
  { beforeUntag }: Required<TagGuard>,
): Promise<void> {
  for (const tag of tags) {
    const before = await repository.resolve(tag).catch((error: unknown) => {
      if (isError(error, "MANIFEST_NOT_FOUND", "REPOSITORY_NOT_FOUND")) return undefined;
      throw error;
    });
    if (before !== undefined && before.digest !== digest) beforeUntag(tag);
  }
}

/** A colon cannot be in a tag. @throws WharfError DIGEST_INVALID */
function isDigestReference(reference: string): boolean {
  if (!reference.includes(":")) return false;
  parseDigest(reference);
  return true;
}

function digestFor(reference: string, byDigest: boolean, bytes: Uint8Array): Digest {
  if (!byDigest) return digestOf(bytes);
  const actual = digestOf(bytes, parseDigest(reference).algorithm);
  if (actual !== reference)
    throw new Refusal("DIGEST_INVALID", `the manifest is ${actual}, not ${reference}`);
  return actual;
}

function limitOf({ options }: Exchange): number {
  return options.manifestLimit ?? manifestLimit;
}

async function readManifest(exchange: Exchange): Promise<Uint8Array> {
  const limit = limitOf(exchange);
  const tooLarge = () =>
    new Refusal("MANIFEST_INVALID", `a manifest may have ${limit} bytes`, { status: 413 });
  if (Number(exchange.header("content-length") ?? 0) > limit) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of receive(exchange)) {
    size += chunk.byteLength;
    if (size > limit) throw tooLarge();
    chunks.push(chunk);
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size);
}

function headersOf({ digest, mediaType }: Descriptor, byDigest: boolean) {
  return {
    "content-type": mediaType,
    "docker-content-digest": digest,
    etag: etagOf(digest),
    ...(byDigest && { "cache-control": immutable }),
  };
}

function named({ digest, mediaType, size }: Descriptor) {
  return { digest, mediaType, size };
}

function unknown({ name, reference }: ManifestRoute): Refusal {
  return new Refusal("MANIFEST_UNKNOWN", `${name} has no manifest ${reference}`);
}
