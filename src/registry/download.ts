/** A blob into a file: resumed after cuts and in later processes, verified before it gets its name. */
import { WharfError } from "../errors.ts";
import type { Descriptor } from "../reference/descriptor.ts";
import { parseDigest } from "../reference/digest.ts";
import { createDigester } from "../store/digester.ts";
import type { Cancellable, Fetcher } from "../store/store.ts";
import { Growth } from "./download/growth.ts";
import { Hashing } from "./download/hashing.ts";
import { Part } from "./download/part.ts";
import { Transfer } from "./download/transfer.ts";

/** How fast a blob is fetched, how safe its file must be, and who is told. */
export interface DownloadOptions extends Cancellable {
  /** Called with the bytes of the blob that have come, those of former processes included; may go back to 0. */
  readonly onProgress?: (bytes: number) => void;
  /** Connections at most, for blobs of 64 MiB and more; each is kept only where it makes the whole faster. @default 4 */
  readonly connections?: number;
  /**
   * Whether to wait until the disk has everything. Without it a kill loses nothing, a power cut may: as with other tools,
   * the file can then be shorter than the blob.
   * @default false
   */
  readonly durable?: boolean;
}

/** How a download went. */
export interface DownloadResult {
  /** Bytes that were there from a former, interrupted download. */
  readonly resumed: number;
  /** The most connections that there were at once. */
  readonly connections: number;
}

/** From this size on, several connections may pay. */
const largeSize = 64 * 1024 * 1024;

/**
 * Downloads a blob to a file, which it replaces.
 *
 * What has come is in `ALGORITHM-HEX.part` in the same folder until it is whole and verified: the same call continues it,
 * also in another process, and hashes it again. Blobs of 64 MiB and more are fetched over several connections where the
 * registry sends ranges and that is faster.
 *
 * @param repository where the blob is; any store that reads ranges
 * @throws WharfError BLOB_NOT_FOUND, DIGEST_MISMATCH, SIZE_MISMATCH, DISK_FULL; LOCKED while the same blob is downloaded to the same folder
 * @example
 * const { layers } = parseManifest((await repository.fetchManifest("latest")).bytes);
 * await downloadBlob(repository, layers[0], "layer.tar.gz");
 */
export async function downloadBlob(
  repository: Pick<Fetcher, "fetchBlob">,
  descriptor: Descriptor,
  file: string,
  options: DownloadOptions = {},
): Promise<DownloadResult> {
  const { durable = false } = options;
  const part = await Part.open(file, descriptor, durable);
  try {
    const resumed = part.ranges.total;
    let result = await fill(part, repository, descriptor, options);
    if (!result.right && resumed > 0) {
      // What a former process left may have been damaged since.
      await part.empty();
      result = await fill(part, repository, descriptor, options);
    }
    if (!result.right) {
      await part.remove();
      throw new WharfError(
        "DIGEST_MISMATCH",
        `Blob ${descriptor.digest}: the bytes that came are those of ${result.digest}`,
      );
    }
    await part.finish(file);
    return { resumed, connections: result.connections };
  } catch (error) {
    if (error instanceof WharfError && error.code === "SIZE_MISMATCH") await part.remove();
    throw error;
  } finally {
    await part.close();
  }
}

async function fill(
  part: Part,
  source: Pick<Fetcher, "fetchBlob">,
  descriptor: Descriptor,
  { connections: most = 4, onProgress, signal }: DownloadOptions,
) {
  const { digest, size } = descriptor;
  const digester = createDigester(parseDigest(digest).algorithm, { size });
  const hashing = new Hashing(digester, part);
  const several = size >= largeSize && most > 1;
  try {
    if (part.ranges.prefix > 0) hashing.follow();
    const transfer = new Transfer({
      source,
      descriptor,
      part,
      hashing,
      ...(several && { growth: new Growth({ most, now: () => performance.now() }) }),
      ...(onProgress && { onProgress }),
      ...(signal && { signal }),
    });
    await transfer.run();
    const actual = await hashing.finish();
    return { right: actual === digest, digest: actual, connections: transfer.connections };
  } finally {
    hashing.dispose();
  }
}
