/** Pushing blobs: which requests, with which bytes. */
import { isError, WharfError } from "../../errors.ts";
import { readAll } from "../../http/body.ts";
import type { Descriptor, Digest } from "../../reference/descriptor.ts";
import { type DigestAlgorithm, digestOf, parseDigest } from "../../reference/digest.ts";
import { createDigester } from "../../store/digester.ts";
import { bytesSource } from "../../store/sources.ts";
import type { BlobSource, Cancellable, PushOptions } from "../../store/store.ts";
import type { Connection } from "../connection.ts";
import { BlobPush } from "./blobPush.ts";
import { Outlet } from "./outlet.ts";
import type { UploadSession } from "./session.ts";
import { pushAtOnce, smallSize } from "./single.ts";

type Options = Cancellable & PushOptions;

/** What there is to say about bytes that nobody has hashed yet. */
export interface StreamOptions {
  readonly algorithm?: DigestAlgorithm;
  readonly mediaType?: string;
  readonly digest?: () => Promise<Digest>;
}

/**
 * Stores a blob whose digest is known. The registry verifies it.
 *
 * @param options.session one that is open already, of a mount that was declined
 * @throws WharfError DIGEST_INVALID, DIGEST_MISMATCH, SIZE_MISMATCH
 */
export async function pushBlob(
  connection: Connection,
  name: string,
  descriptor: Descriptor,
  source: BlobSource,
  options: Options & { readonly session?: UploadSession | undefined } = {},
): Promise<void> {
  const { digest, size } = descriptor;
  parseDigest(digest);
  const { onProgress, signal } = options;
  // A small blob is held: then no failure on the way needs its source again.
  const bytes = size <= smallSize ? await readSmall(descriptor, source, signal) : undefined;
  const outlet = new Outlet(bytes ? bytesSource(bytes) : source, {
    subject: digest,
    size,
    ...(onProgress && { onProgress }),
    ...(signal && { signal }),
  });
  let { session } = options;
  try {
    if (!session && connection.chunkSize === undefined) {
      const body = bytes ?? outlet.body(0);
      const sent = await pushAtOnce(connection, name, descriptor, body, signal && { signal });
      if (sent === "stored") {
        onProgress?.(size);
        return;
      }
      session = sent;
    }
    await new BlobPush(connection, name, outlet, {
      digest: async () => digest,
      atOnce: connection.chunkSize === undefined,
      ...(bytes && { bytes }),
      ...(session && { session }),
      ...(signal && { signal }),
    }).run();
    if (bytes) onProgress?.(size);
  } finally {
    outlet.close();
  }
}

/**
 * Stores bytes whose digest is found out while they are sent: one pass over the source.
 *
 * @param options.mediaType of the descriptor returned. @default application/octet-stream
 * @param options.digest asked for with the last request, where somebody else finds it out; nothing is hashed here then
 * @throws WharfError SIZE_MISMATCH where the source has another size than it says
 */
export async function pushStream(
  connection: Connection,
  name: string,
  source: BlobSource,
  options: Options & StreamOptions = {},
): Promise<Descriptor> {
  const {
    algorithm = "sha256",
    mediaType = "application/octet-stream",
    onProgress,
    signal,
  } = options;
  const { size } = source;
  const digester = options.digest
    ? undefined
    : createDigester(algorithm, size === undefined ? {} : { size });
  const outlet = new Outlet(source, {
    subject: "Upload",
    ...(digester && { onBytes: (chunk: Uint8Array) => digester.update(chunk) }),
    ...(size !== undefined && { size }),
    ...(onProgress && { onProgress }),
    ...(signal && { signal }),
  });
  let digest: Promise<Digest> | undefined;
  const finish = () => (digest ??= digester ? digester.digest() : options.digest!());
  try {
    await new BlobPush(connection, name, outlet, {
      digest: finish,
      atOnce: false,
      ...(signal && { signal }),
    }).run();
    return { mediaType, digest: await finish(), size: outlet.position };
  } finally {
    digester?.dispose();
    outlet.close();
  }
}

async function readSmall(
  { digest, size }: Descriptor,
  source: BlobSource,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const subject = `Blob ${digest}`;
  let bytes: Uint8Array;
  try {
    bytes = await readAll(await source.open(0, signal && { signal }), size);
  } catch (error) {
    if (!isError(error, "RESPONSE_INVALID")) throw error;
    throw new WharfError(
      "SIZE_MISMATCH",
      `${subject}: the source has more than the ${size} bytes promised`,
    );
  }
  if (bytes.byteLength < size) {
    throw new WharfError(
      "SIZE_MISMATCH",
      `${subject}: the source ended after ${bytes.byteLength} of the ${size} bytes promised`,
    );
  }
  const actual = digestOf(bytes, parseDigest(digest).algorithm);
  if (actual !== digest) {
    throw new WharfError(
      "DIGEST_MISMATCH",
      `${subject}: the source's bytes are those of ${actual}`,
    );
  }
  return bytes;
}
