/** Referrers: distribution-spec 1.1, "Listing Referrers", and the tag schema for registries without that API. */
import { isError } from "../errors.ts";
import { responseError } from "../http/errors.ts";
import type { Descriptor, Digest } from "../reference/descriptor.ts";
import { parseDigest } from "../reference/digest.ts";
import { manifestLimit, type ParsedManifest, parseManifest } from "../reference/manifest.ts";
import { name as nameOf, path } from "../reference/path.ts";
import type { Cancellable, Manifest } from "../store/store.ts";
import { type Connection, invalid, pulling } from "./connection.ts";
import { fetchManifest, putManifest, removeManifest } from "./manifests.ts";
import { nextPage } from "./nextPage.ts";
import { readReferrersTag, updateReferrersTag } from "./referrersTag.ts";

/** Pages of one list; each may hold as much as a manifest. */
const pageLimit = 1000;

/** Lists manifests whose subject is `digest`; without the API, from the tag that stands in for it. */
export async function* listReferrers(
  connection: Connection,
  name: string,
  digest: Digest,
  options: Cancellable & { artifactType?: string } = {},
): AsyncGenerator<Descriptor, void, undefined> {
  const { artifactType } = options;
  const seen = new Set<Digest>();
  for await (const { descriptors, filtered } of pages(connection, name, digest, options)) {
    for (const descriptor of descriptors) {
      if (!filtered && artifactType !== undefined && descriptor.artifactType !== artifactType)
        continue;
      if (seen.has(descriptor.digest)) continue;
      seen.add(descriptor.digest);
      yield descriptor;
    }
  }
}

interface Page {
  readonly descriptors: readonly Descriptor[];
  /** Whether the registry has left out other artifact types. */
  readonly filtered: boolean;
}

async function* pages(
  connection: Connection,
  name: string,
  digest: Digest,
  { artifactType, signal }: Cancellable & { artifactType?: string },
): AsyncGenerator<Page, void, undefined> {
  parseDigest(digest);
  if (connection.learned.referrers !== false) {
    const query =
      artifactType === undefined ? "" : `?artifactType=${encodeURIComponent(artifactType)}`;
    const request = {
      method: "GET",
      headers: { accept: "application/vnd.oci.image.index.v1+json" },
      ...(signal && { signal }),
    } as const;
    let send = () =>
      connection.request({
        ...request,
        path: path`${nameOf(name)}/referrers/${digest}` + query,
        scopes: pulling(name),
      });
    for (let count = 0; ; count += 1) {
      const { response, bytes } = await connection.readWhole(send, manifestLimit, signal);
      const descriptors = bytes && indexEntries(bytes);
      if (!descriptors) {
        if (count > 0 || !lacksApi(response.status)) {
          throw bytes ? invalid(response, "the answer is no index") : await responseError(response);
        }
        const unknownName =
          bytes === undefined && isError(await responseError(response), "REPOSITORY_NOT_FOUND");
        if (!unknownName) connection.learned.referrers = false;
        break;
      }
      connection.learned.referrers = true;
      const filters = response.headers.get("oci-filters-applied")?.split(",") ?? [];
      yield { descriptors, filtered: filters.some((filter) => filter.trim() === "artifactType") };
      const next = nextPage(connection, response, undefined);
      if (!next) return;
      if (count === pageLimit) throw invalid(response, "the list of referrers has no end");
      send = () => connection.requestAt(next, request, pulling(name));
    }
  }
  yield {
    descriptors: await readReferrersTag(connection, name, digest, signal && { signal }),
    filtered: false,
  };
}

/** Registries without the API answer its path in many ways, some with a page of HTML and status 200. */
function lacksApi(status: number): boolean {
  return [200, 400, 404, 405, 406, 501].includes(status);
}

function indexEntries(bytes: Uint8Array): readonly Descriptor[] | undefined {
  const manifest = read(bytes);
  return manifest?.kind === "index" ? manifest.manifests : undefined;
}

function read(bytes: Uint8Array, mediaType?: string): ParsedManifest | undefined {
  try {
    return parseManifest(bytes, mediaType);
  } catch {
    return undefined;
  }
}

/**
 * Stores a manifest; where it has a subject and the registry takes no note of that, adds it to the tag that stands in for the API.
 * @throws WharfError MANIFEST_INVALID, DIGEST_MISMATCH
 */
export async function pushManifest(
  connection: Connection,
  name: string,
  manifest: Manifest,
  options: Cancellable & { tag?: string } = {},
): Promise<void> {
  const noted = await putManifest(connection, name, manifest, options);
  if (noted !== undefined) connection.learned.referrers = true;
  if (connection.learned.referrers === true) return;
  const referrer = referrerOf(manifest);
  if (!referrer) return;
  await updateReferrersTag(connection, name, referrer.subject, adding(referrer), options);
}

/**
 * Removes a manifest, and where the tag schema is in use its entry there.
 * The entry goes first: after an interruption the manifest is still there to tell its subject.
 * @throws WharfError MANIFEST_NOT_FOUND, UNSUPPORTED
 */
export async function deleteManifest(
  connection: Connection,
  name: string,
  digest: Digest,
  options: Cancellable = {},
): Promise<void> {
  const referrer =
    connection.learned.referrers === true
      ? undefined
      : referrerOf(await fetchManifest(connection, name, digest, options));
  if (!referrer || (await hasApi(connection, name, referrer.subject, options))) {
    return removeManifest(connection, name, digest, options);
  }
  const { subject } = referrer;
  await updateReferrersTag(connection, name, subject, removing(digest), options);
  try {
    await removeManifest(connection, name, digest, options);
  } catch (error) {
    await updateReferrersTag(connection, name, subject, adding(referrer)).catch(() => {});
    throw error;
  }
}

async function hasApi(
  connection: Connection,
  name: string,
  subject: Digest,
  options: Cancellable,
): Promise<boolean> {
  if (connection.learned.referrers === undefined) {
    for await (const _ of pages(connection, name, subject, options)) break;
  }
  return connection.learned.referrers === true;
}

interface Referrer {
  readonly subject: Digest;
  readonly descriptor: Descriptor;
}

/** How a manifest stands in the list of its subject: distribution-spec 1.1, "Pushing Manifests with Subject". */
function referrerOf({ descriptor, bytes }: Manifest): Referrer | undefined {
  const { digest, size, mediaType } = descriptor;
  if (Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf('"subject"') < 0) {
    return undefined;
  }
  const manifest = read(bytes, mediaType);
  if (!manifest || manifest.kind === "schema1" || !manifest.subject) return undefined;
  const { subject, annotations } = manifest;
  const artifactType =
    manifest.artifactType ?? (manifest.kind === "image" ? manifest.config.mediaType : undefined);
  return {
    subject: subject.digest,
    descriptor: {
      mediaType,
      digest,
      size,
      ...(artifactType !== undefined && { artifactType }),
      ...(annotations && { annotations }),
    },
  };
}

function adding({ descriptor }: Referrer) {
  return (entries: readonly Descriptor[]) =>
    entries.some(({ digest }) => digest === descriptor.digest) ? entries : [...entries, descriptor];
}

function removing(removed: Digest) {
  return (entries: readonly Descriptor[]) =>
    entries.some(({ digest }) => digest === removed)
      ? entries.filter(({ digest }) => digest !== removed)
      : entries;
}
