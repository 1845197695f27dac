/** Storing a blob: hash, look, upload. */
import { WharfError } from "../errors.ts";
import type { Cancellable } from "../http/bytes.ts";
import type { Digest } from "../reference/descriptor.ts";
import { parseDigest } from "../reference/digest.ts";
import type { RemoteRepository } from "../registry/repository.ts";
import type { BlobSource } from "../store/store.ts";
import { hashSource, openPushable, type Pushable } from "./pushable.ts";

/** What is known of a blob before it is stored, and who is told. */
export interface PushBlobOptions extends Cancellable {
  /** The digest of the bytes, where it is known. What does not match it is not stored. @default found out */
  readonly digest?: Digest;
  /** Bytes of a stream, where that is known. */
  readonly size?: number;
  /** Ask first whether the registry has the blob. @default true */
  readonly checkExists?: boolean;
  /** Called with the bytes that are stored so far (they go back when some are sent again), and with all that there are. */
  readonly onProgress?: (
    done: number,
    size: number | undefined,
    digest: Digest | undefined,
  ) => void;
}

/** A file is read twice, so that nothing is sent that is there already; a stream is hashed while it is sent. */
export async function pushBlob(
  repository: RemoteRepository,
  what: Pushable,
  options: PushBlobOptions,
): Promise<Digest> {
  const { checkExists = true, onProgress, signal } = options;
  const cancellable = signal && { signal };
  const source = await openPushable(what, options.size);
  const known = await knownOf(source, options, cancellable);
  if (known.digest !== undefined && checkExists) {
    const found = await repository.statBlob(known.digest, cancellable);
    if (found) return found.digest;
  }
  const { digest, size } = known;
  const push = {
    ...cancellable,
    ...(onProgress && { onProgress: (done: number) => onProgress(done, size, digest) }),
  };
  if (digest === undefined) return (await repository.pushStream(source, push)).digest;
  if (size === undefined) return pushUnmeasured(repository, digest, source, push);
  const descriptor = { mediaType: "application/octet-stream", digest, size };
  await repository.pushBlob(descriptor, source, push);
  return digest;
}

interface Known {
  readonly digest: Digest | undefined;
  readonly size: number | undefined;
}

async function knownOf(
  source: BlobSource,
  { digest }: PushBlobOptions,
  options?: Cancellable,
): Promise<Known> {
  if (digest !== undefined) {
    parseDigest(digest);
    return { digest, size: source.size };
  }
  return source.replayable ? hashSource(source, options) : { digest, size: source.size };
}

/** Bytes of a known digest and an unknown number: the registry checks them when the last has come. */
async function pushUnmeasured(
  repository: RemoteRepository,
  digest: Digest,
  source: BlobSource,
  options: Cancellable & { readonly onProgress?: (bytes: number) => void },
): Promise<Digest> {
  const { algorithm } = parseDigest(digest);
  const { signal } = options;
  const upload = await repository.createUpload({ algorithm, ...(signal && { signal }) });
  try {
    await upload.append(counted(await source.open(0, options), options.onProgress), options);
    return (await upload.commit(digest, options)).digest;
  } catch (error) {
    // A registry that refuses the digest forgets the upload by itself.
    await upload.cancel().catch((failure: unknown) => {
      if (!(failure instanceof WharfError)) throw failure;
    });
    throw error;
  }
}

async function* counted(
  bytes: AsyncIterable<Uint8Array>,
  onProgress: ((bytes: number) => void) | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  let sent = 0;
  for await (const chunk of bytes) {
    yield chunk;
    onProgress?.((sent += chunk.byteLength));
  }
}
