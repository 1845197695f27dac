/** What can be pushed as a blob. */
import { stat } from "node:fs/promises";
import { WharfError } from "../errors.ts";
import type { Cancellable } from "../http/bytes.ts";
import type { Digest } from "../reference/descriptor.ts";
import { createDigester } from "../store/digester.ts";
import { bytesSource, fileSource, streamSource } from "../store/sources.ts";
import type { BlobSource } from "../store/store.ts";

/** The path of a file, bytes in memory, or a stream of bytes, such as what `pullBlob` gives. */
export type Pushable = string | Uint8Array | AsyncIterable<Uint8Array>;

/**
 * Opens what is to be pushed.
 * @param size bytes of a stream, where known; what was pulled says it itself
 * @throws WharfError FILE_NOT_FOUND, FILE_FAILED
 */
export async function openPushable(what: Pushable, size?: number): Promise<BlobSource> {
  if (what instanceof Uint8Array) return bytesSource(what);
  if (typeof what !== "string") return streamSource(what, size ?? sizeOf(what));
  const found = await stat(what).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT")
      throw new WharfError("FILE_NOT_FOUND", `${what}: no such file`, { cause: error });
    throw new WharfError("FILE_FAILED", `${what}: ${error.message}`, { cause: error });
  });
  if (found.isDirectory())
    throw new WharfError("FILE_FAILED", `${what} is a folder`, {
      hint: "A blob is one file: make a tar of it.",
    });
  const source = fileSource(what);
  // A device or pipe does not say how much will come, and gives it once.
  return found.isFile() ? { ...source, size: found.size } : { ...source, replayable: false };
}

function sizeOf(stream: AsyncIterable<Uint8Array>): number | undefined {
  return "size" in stream && typeof stream.size === "number" ? stream.size : undefined;
}

/** Digest and size of bytes that can be read again. */
export async function hashSource(
  source: BlobSource,
  options: Cancellable = {},
): Promise<{ readonly digest: Digest; readonly size: number }> {
  const digester = createDigester("sha256", source.size === undefined ? {} : { size: source.size });
  try {
    const bytes = await source.open(0, options);
    for await (const chunk of bytes) {
      await digester.update(chunk);
      bytes.recycle?.(chunk);
    }
    return { digest: await digester.digest(), size: digester.size };
  } finally {
    digester.dispose();
  }
}

/**
 * The sha256 digest of a file, as `pushBlob` would give it.
 * @throws WharfError FILE_NOT_FOUND, FILE_FAILED
 * @example
 * await hashFile("logger.dat") // "sha256:…"
 */
export async function hashFile(path: string, options: Cancellable = {}): Promise<Digest> {
  return (await hashSource(await openPushable(path), options)).digest;
}
