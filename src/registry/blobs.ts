/** Blobs, but for their bytes: distribution-spec 1.1, "Checking if content exists", "Mounting a blob", "Deleting Blobs". */
import { isError } from "../errors.ts";
import { responseError } from "../http/errors.ts";
import type { HttpResponse } from "../http/http.ts";
import type { Descriptor, Digest } from "../reference/descriptor.ts";
import { parseDigest } from "../reference/digest.ts";
import { name as nameOf, path } from "../reference/path.ts";
import type { Cancellable } from "../store/store.ts";
import { type Connection, deleting, pulling, pushing } from "./connection.ts";
import { deletionRefused, isDeleted } from "./manifests.ts";
import { UploadSession, uploadsPath } from "./upload/session.ts";

/** The descriptor of a blob, of a generic media type; undefined where the repository lacks it. */
export async function statBlob(
  connection: Connection,
  name: string,
  digest: Digest,
  { signal }: Cancellable = {},
): Promise<Descriptor | undefined> {
  const request = {
    path: blobPath(name, digest),
    scopes: pulling(name),
    ...(signal && { signal }),
  };
  const response = await connection.request({ method: "HEAD", ...request });
  const { status } = response;
  const size = sizeOf(response);
  if (status === 200 && size !== undefined) {
    await response.discard();
    return { mediaType: "application/octet-stream", digest, size };
  }
  if (status === 404) {
    await response.discard();
    return undefined;
  }
  // Storage behind a redirect may have signed the address for GET only.
  const elsewhere = response.url.origin !== connection.base.origin;
  const unclear =
    status === 200 || status === 405 || status === 501 || (status === 403 && elsewhere);
  if (!unclear) throw await responseError(response);
  await response.discard();
  return statByRange(connection, digest, request);
}

async function statByRange(
  connection: Connection,
  digest: Digest,
  request: Omit<Parameters<Connection["request"]>[0], "method">,
): Promise<Descriptor | undefined> {
  const response = await connection.request({
    ...request,
    method: "GET",
    headers: { range: "bytes=0-0", "accept-encoding": "identity" },
  });
  const { status } = response;
  const total = /\/(\d{1,15})$/.exec(response.headers.get("content-range") ?? "")?.[1];
  const size = status === 200 ? sizeOf(response) : total === undefined ? undefined : Number(total);
  if ((status === 200 || status === 206 || status === 416) && size !== undefined) {
    await response.discard();
    return { mediaType: "application/octet-stream", digest, size };
  }
  const error = await responseError(response, { code404: "BLOB_NOT_FOUND" });
  if (isError(error, "BLOB_NOT_FOUND", "REPOSITORY_NOT_FOUND")) return undefined;
  throw error;
}

/**
 * Asks the registry to take a blob over from another of its repositories.
 *
 * @returns `mounted`; else the upload session that it has opened instead, or undefined where it opened none
 * @throws WharfError DIGEST_INVALID
 */
export async function mountBlob(
  connection: Connection,
  name: string,
  digest: Digest,
  from: string,
  { signal }: Cancellable = {},
): Promise<"mounted" | UploadSession | undefined> {
  parseDigest(digest);
  try {
    const response = await connection.request({
      method: "POST",
      path: `${uploadsPath(name)}?mount=${digest}&from=${encodeURIComponent(from)}`,
      headers: { "content-length": "0" },
      repeat: "always",
      scopes: [...pushing(name), ...pulling(from)],
      ...(signal && { signal }),
    });
    if (response.status === 202) return await UploadSession.from(connection, name, response);
    await response.discard();
    return response.status === 201 ? "mounted" : undefined;
  } catch (error) {
    // Whatever is wrong, the push that follows will say it better, or succeed.
    if (isError(error, "INTERRUPTED") || !isError(error)) throw error;
    return undefined;
  }
}

/** @throws WharfError BLOB_NOT_FOUND, UNSUPPORTED */
export async function deleteBlob(
  connection: Connection,
  name: string,
  digest: Digest,
  { signal }: Cancellable = {},
): Promise<void> {
  const response = await connection.request({
    method: "DELETE",
    path: blobPath(name, digest),
    scopes: deleting(name),
    ...(signal && { signal }),
  });
  if (!isDeleted(response, digest)) {
    const error = await responseError(response, { code404: "BLOB_NOT_FOUND" });
    throw error.code === "UNSUPPORTED" ? deletionRefused(error, connection.registry) : error;
  }
  await response.discard();
}

/** @throws WharfError DIGEST_INVALID */
export function blobPath(name: string, digest: Digest): string {
  parseDigest(digest);
  return path`${nameOf(name)}/blobs/${digest}`;
}

function sizeOf({ headers }: HttpResponse): number | undefined {
  const length = headers.get("content-length");
  return length !== undefined && /^\d{1,15}$/.test(length) ? Number(length) : undefined;
}
