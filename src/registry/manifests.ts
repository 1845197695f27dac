/** Manifests: distribution-spec 1.1, "Pulling Manifests", "Pushing Manifests". */
import { isError, WharfError } from "../errors.ts";
import { responseError } from "../http/errors.ts";
import type { HttpResponse } from "../http/http.ts";
import { redactUrl } from "../http/redact.ts";
import { type Descriptor, type Digest, mediaTypes } from "../reference/descriptor.ts";
import { digestOf, isDigest, parseDigest } from "../reference/digest.ts";
import {
  isManifestType,
  manifestAccept,
  manifestLimit,
  parseManifest,
  schema1Payload,
} from "../reference/manifest.ts";
import { name as nameOf, path } from "../reference/path.ts";
import { checkTag } from "../reference/reference.ts";
import type { Cancellable, Manifest } from "../store/store.ts";
import { type Connection, deleting, invalid, isHtml, pulling, pushing } from "./connection.ts";
import { readPullLimit } from "./pullLimit.ts";

/** Answers to `HEAD` that say nothing about the manifest, only about `HEAD`. */
const headRefused: ReadonlySet<number> = new Set([400, 405, 406, 415, 501]);

/**
 * Finds what a tag or digest names: one `HEAD`, and a `GET` only where its answer does not suffice.
 * @throws WharfError MANIFEST_NOT_FOUND, REPOSITORY_NOT_FOUND
 */
export async function resolveManifest(
  connection: Connection,
  name: string,
  reference: string,
  { signal }: Cancellable = {},
): Promise<Descriptor> {
  const { learned } = connection;
  const response = await headManifest(connection, name, reference, signal);
  const { status } = response;
  if (status === 200) {
    const descriptor = statedDescriptor(response, reference);
    if (descriptor) {
      learned.manifestHead = true;
      return descriptor;
    }
  } else {
    const missing = status === 404;
    // A 404 to HEAD has no words to it. Until one HEAD has succeeded, GET is asked whether it means what it says.
    const believed = missing && (learned.manifestHead === true || isDigest(reference));
    if (believed || (!missing && !headRefused.has(status))) {
      throw await responseError(response, { code404: "MANIFEST_NOT_FOUND" });
    }
    await response.discard();
  }
  try {
    return (await fetchManifest(connection, name, reference, { ...(signal && { signal }) }))
      .descriptor;
  } catch (error) {
    if (status === 404 && isError(error, "MANIFEST_NOT_FOUND", "REPOSITORY_NOT_FOUND")) {
      learned.manifestHead = true;
    }
    throw error;
  }
}

/** Asks for the head of a manifest, which counts as no pull. */
async function headManifest(
  connection: Connection,
  name: string,
  reference: string,
  signal: AbortSignal | undefined,
): Promise<HttpResponse> {
  const response = await connection.request({
    method: "HEAD",
    path: manifestPath(name, reference),
    headers: { accept: manifestAccept },
    scopes: pulling(name),
    ...(signal && { signal }),
  });
  if (response.status === 200) {
    await response.discard();
    connection.pullGuard?.stated(readPullLimit(response.headers));
  }
  return response;
}

/**
 * Reads a manifest, bytes as they were pushed, and checks them against the digest asked for, else against the one that
 * the registry states.
 * @throws WharfError MANIFEST_NOT_FOUND, REPOSITORY_NOT_FOUND, DIGEST_MISMATCH, MANIFEST_TOO_LARGE, MANIFEST_INVALID
 */
export function fetchManifest(
  connection: Connection,
  name: string,
  reference: string,
  options: Cancellable = {},
): Promise<Manifest> {
  const { pullGuard, registry } = connection;
  const get = () => getManifest(connection, name, reference, options);
  if (pullGuard === undefined) return get();
  const ask = async () => {
    const response = await headManifest(connection, name, reference, options.signal);
    if (response.status === 200) return statedDescriptor(response, reference);
    const missing = response.status === 404 && connection.learned.manifestHead === true;
    if (missing) throw await responseError(response, { code404: "MANIFEST_NOT_FOUND" });
    await response.discard();
    return undefined;
  };
  return pullGuard.read({ ...options, registry, name, reference, get, ask });
}

async function getManifest(
  connection: Connection,
  name: string,
  reference: string,
  { signal }: Cancellable,
): Promise<Manifest> {
  const send = () =>
    connection.request({
      method: "GET",
      path: manifestPath(name, reference),
      headers: { accept: manifestAccept },
      scopes: pulling(name),
      ...(signal && { signal }),
    });
  const { response, bytes } = await connection
    .readWhole(send, manifestLimit, signal)
    .catch((error: unknown) => {
      if (!isError(error, "RESPONSE_INVALID")) throw error;
      throw new WharfError("MANIFEST_TOO_LARGE", error.message, { ...error.details, cause: error });
    });
  if (!bytes) throw await responseError(response, { code404: "MANIFEST_NOT_FOUND" });
  connection.pullGuard?.stated(readPullLimit(response.headers));
  const mediaType = mediaTypeOf(bytes, response);
  const digest = checkedDigest(bytes, mediaType, response, reference);
  return { descriptor: { mediaType, digest, size: bytes.byteLength }, bytes };
}

/**
 * Stores a manifest under its digest, and under `tag` where given.
 * @returns the digest of the subject that the registry has taken note of (`OCI-Subject`)
 * @throws WharfError DIGEST_MISMATCH, MANIFEST_INVALID
 */
export async function putManifest(
  connection: Connection,
  name: string,
  { descriptor, bytes }: Manifest,
  { signal, tag }: Cancellable & { tag?: string } = {},
): Promise<string | undefined> {
  const { digest, mediaType } = descriptor;
  const { algorithm } = parseDigest(digest);
  const actual = digestOf(bytes, algorithm);
  if (actual !== digest) {
    throw new WharfError(
      "DIGEST_MISMATCH",
      `Manifest ${digest}: the bytes to be pushed are those of ${actual}`,
    );
  }
  const put = async (reference: string) => {
    const response = await connection.request({
      method: "PUT",
      path: manifestPath(name, reference),
      headers: { "content-type": mediaType },
      body: bytes,
      scopes: pushing(name),
      ...(signal && { signal }),
    });
    if (![200, 201, 202, 204].includes(response.status)) throw await pushError(response);
    await response.discard();
    const stored = response.headers.get("docker-content-digest");
    if (stored?.startsWith(`${algorithm}:`) && stored !== digest && !isSigned(mediaType)) {
      throw new WharfError(
        "DIGEST_MISMATCH",
        `${response.method} ${redactUrl(response.url)}: the registry stored ${stored} in place of ${digest}`,
      );
    }
    return response.headers.get("oci-subject");
  };
  // Under a tag alone, registries file what they get by its sha256.
  if (tag === undefined || algorithm === "sha256") return put(tag ?? digest);
  const subject = await put(digest);
  await put(tag);
  return subject;
}

/**
 * Removes a manifest by digest, or whatever the registry removes for a tag.
 * @throws WharfError MANIFEST_NOT_FOUND, UNSUPPORTED
 */
export async function removeManifest(
  connection: Connection,
  name: string,
  reference: string,
  { signal }: Cancellable = {},
): Promise<void> {
  const response = await connection.request({
    method: "DELETE",
    path: manifestPath(name, reference),
    scopes: deleting(name),
    ...(signal && { signal }),
  });
  if (!isDeleted(response, reference)) {
    const error = await responseError(response, { code404: "MANIFEST_NOT_FOUND" });
    throw error.code === "UNSUPPORTED" ? deletionRefused(error, connection.registry) : error;
  }
  await response.discard();
  if (isDigest(reference)) connection.learned.deletable.add(name);
}

/**
 * Whether what was to go is gone: also where an earlier try has removed it, whose answer was lost. Of a tag, 404 may also
 * mean that the registry deletes none.
 */
export function isDeleted({ status, doubtful }: HttpResponse, reference: string): boolean {
  return [200, 202, 204].includes(status) || (status === 404 && doubtful && isDigest(reference));
}

/** Registries say UNSUPPORTED where deletion is switched off, as Debian's is unless `storage.delete.enabled` is set. */
export function deletionRefused(error: WharfError, registry: string): WharfError {
  return new WharfError("UNSUPPORTED", error.message, {
    ...error.details,
    hint:
      registry === "docker.io"
        ? "Docker Hub deletes by its web API: see `wharf hub tags delete` and `wharf hub delete-tags`."
        : "The registry does not delete; if it is yours, allow it (distribution: storage.delete.enabled: true).",
    cause: error,
  });
}

/** @throws WharfError REFERENCE_INVALID, DIGEST_INVALID */
function manifestPath(name: string, reference: string): string {
  if (reference.includes(":")) parseDigest(reference);
  else checkTag(reference);
  return path`${nameOf(name)}/manifests/${reference}`;
}

/** What the head of an answer says, where it says all and does not contradict what was asked for. */
function statedDescriptor(response: HttpResponse, reference: string): Descriptor | undefined {
  const stated = response.headers.get("docker-content-digest");
  const mediaType = statedType(response);
  const size = Number(response.headers.get("content-length"));
  if (mediaType === undefined || !(size > 0)) return undefined;
  if (isDigest(reference)) {
    if (stated !== undefined && isDigest(stated) && stated !== reference) return undefined;
    return { mediaType, digest: reference, size };
  }
  if (stated === undefined || !isDigest(stated)) return undefined;
  return { mediaType, digest: stated, size };
}

function statedType({ headers }: HttpResponse): string | undefined {
  const type = headers.get("content-type")?.split(";", 1)[0]?.trim();
  return type !== undefined && isManifestType(type) ? type : undefined;
}

/** The type that the manifest gives itself counts most, since its digest covers it; registries mislabel. */
function mediaTypeOf(bytes: Uint8Array, response: HttpResponse): string {
  let field: unknown;
  try {
    field = (JSON.parse(new TextDecoder().decode(bytes)) as { mediaType?: unknown } | null)
      ?.mediaType;
  } catch (cause) {
    if (isHtml(new TextDecoder().decode(bytes.subarray(0, 1000)))) {
      throw invalid(response, "HTML came in place of a manifest", cause);
    }
    throw new WharfError(
      "MANIFEST_INVALID",
      `${response.method} ${redactUrl(response.url)}: the manifest is not JSON`,
      { cause },
    );
  }
  if (typeof field === "string" && field !== "") return field;
  return statedType(response) ?? parseManifest(bytes).mediaType;
}

function checkedDigest(
  bytes: Uint8Array,
  mediaType: string,
  response: HttpResponse,
  reference: string,
): Digest {
  const stated = response.headers.get("docker-content-digest");
  const expected = isDigest(reference) ? reference : stated;
  if (expected === undefined || !isDigest(expected)) return digestOf(bytes);
  const actual = digestOf(bytes, parseDigest(expected).algorithm);
  if (actual === expected) return actual;
  // What is signed is known by the digest of what it was before.
  if (isSigned(mediaType) && payloadDigest(bytes, mediaType, expected) === expected)
    return expected;
  const promise = isDigest(reference)
    ? `asked for was ${expected}`
    : `the registry says ${expected}`;
  throw new WharfError(
    "DIGEST_MISMATCH",
    `${response.method} ${redactUrl(response.url)}: the bytes are those of ${actual}, but ${promise}`,
  );
}

function isSigned(mediaType: string): boolean {
  return mediaType === mediaTypes.dockerSchema1Signed || mediaType === mediaTypes.dockerSchema1;
}

function payloadDigest(bytes: Uint8Array, mediaType: string, like: Digest): Digest | undefined {
  const manifest = parseManifest(bytes, mediaType);
  if (manifest.kind !== "schema1") return undefined;
  return digestOf(schema1Payload(bytes, manifest), parseDigest(like).algorithm);
}

async function pushError(response: HttpResponse): Promise<WharfError> {
  const error = await responseError(response, { code404: "REPOSITORY_NOT_FOUND" });
  const codes = error.details.registryErrors?.map(({ code }) => code) ?? [];
  if (codes.includes("DIGEST_INVALID")) {
    return new WharfError("DIGEST_MISMATCH", error.message, { ...error.details, cause: error });
  }
  if (codes.includes("MANIFEST_INVALID") || codes.includes("MANIFEST_BLOB_UNKNOWN")) {
    return new WharfError("MANIFEST_INVALID", error.message, { ...error.details, cause: error });
  }
  if (response.status === 413) {
    return new WharfError("MANIFEST_TOO_LARGE", error.message, { ...error.details, cause: error });
  }
  return error;
}
