/** The errors that every store words alike. */
import { WharfError } from "../errors.ts";
import type { Digest } from "../reference/descriptor.ts";

/** `where` names the store, such as a folder, where there is a name. */
export function manifestNotFound(reference: string, where?: string): WharfError {
  return new WharfError("MANIFEST_NOT_FOUND", `${place(where)}no manifest ${reference}`);
}

export function blobNotFound(digest: Digest, where?: string): WharfError {
  return new WharfError("BLOB_NOT_FOUND", `${place(where)}no blob ${digest}`);
}

export function uploadUnknown(id: string): WharfError {
  return new WharfError("UPLOAD_UNKNOWN", `upload ${id} is not known`);
}

/** A piece that does not begin where the last one ended. */
export function uploadInvalid(id: string, offset: number, size: number): WharfError {
  return new WharfError(
    "UPLOAD_INVALID",
    `upload ${id} has ${size} bytes, so a piece from ${offset} on does not continue it`,
  );
}

/** A piece that comes while another one is being received. */
export function uploadBusy(id: string): WharfError {
  return new WharfError("UPLOAD_INVALID", `upload ${id} is receiving another piece`);
}

export function wrongBytes(what: string, actual: Digest): WharfError {
  return new WharfError("DIGEST_MISMATCH", `${what}: the bytes are those of ${actual}`);
}

function place(where: string | undefined): string {
  return where === undefined ? "" : `${where}: `;
}
