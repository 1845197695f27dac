/** Blobs between a store and a file or pipe, with progress. */
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { isError, WharfError } from "../errors.ts";
import type { Descriptor } from "../reference/descriptor.ts";
import { fileSource, streamSource } from "../store/sources.ts";
import type { BlobSource, Repository } from "../store/store.ts";
import type { Call } from "./call.ts";
import { usage } from "./flags.ts";
import { formatBytes } from "./format.ts";
import { blobDigest, openRepository, openStore } from "./open.ts";

/** Uploads a file (`-`: standard input) and returns what it became. */
export async function putBlob(
  call: Call,
  where: string,
  file: string,
  algorithm: "sha256" | "sha512",
): Promise<{ digest: string; size: number; repository: string }> {
  const { store, repository } = await openRepository(call, where, "pushBlob", "createUpload");
  const source = file === "-" ? streamSource(call.stdin) : await sizedFile(file);
  const progress = await call.progress();
  try {
    const label = file === "-" ? "standard input" : basename(file);
    const onProgress = (bytes: number) => progress?.update(label, bytes, source.size);
    const { digest, size } = await push(store, source, {
      algorithm,
      onProgress,
      signal: call.signal,
    });
    return { digest, size, repository };
  } finally {
    progress?.stop();
  }
}

interface PushOptions {
  readonly algorithm: "sha256" | "sha512";
  readonly onProgress: (bytes: number) => void;
  readonly signal: AbortSignal;
}

/** One pass: the digest is known when the last byte has gone. */
async function push(
  store: Pick<Repository, "pushBlob" | "createUpload">,
  source: BlobSource,
  options: PushOptions,
): Promise<Descriptor> {
  if (hasPushStream(store)) return store.pushStream(source, options);
  const { createDigester } = await import("../store/digester.ts");
  const digester = createDigester(
    options.algorithm,
    source.size === undefined ? {} : { size: source.size },
  );
  const upload = await store.createUpload({ algorithm: options.algorithm });
  try {
    const body = await source.open(0, options);
    await upload.append(hashing(body, digester.update.bind(digester), options.onProgress), options);
    return await upload.commit(await digester.digest(), options);
  } catch (error) {
    await upload.cancel();
    throw error;
  } finally {
    digester.dispose();
  }
}

interface StreamPusher {
  pushStream(source: BlobSource, options: PushOptions): Promise<Descriptor>;
}

const hasPushStream = (store: object): store is StreamPusher => "pushStream" in store;

async function* hashing(
  body: AsyncIterable<Uint8Array>,
  update: (chunk: Uint8Array) => void | Promise<void>,
  onProgress: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of body) {
    await update(chunk);
    onProgress((size += chunk.byteLength));
    yield chunk;
  }
}

async function sizedFile(file: string): Promise<BlobSource> {
  const found = await stat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT")
      throw new WharfError("FILE_NOT_FOUND", `There is no file ${file}`, { cause: error });
    throw new WharfError("FILE_FAILED", `${file}: ${error.message}`, { cause: error });
  });
  if (found.isDirectory())
    throw new WharfError("FILE_FAILED", `${file} is a folder`, {
      hint: "A blob is one file: pipe `tar c` in.",
    });
  const source = fileSource(file);
  // A device or pipe says nothing of its size, and cannot be read twice.
  return found.isFile() ? { ...source, size: found.size } : { ...source, replayable: false };
}

/** Downloads a blob to a file, resuming, or to standard output. */
export async function getBlob(
  call: Call,
  what: string,
  file: string,
): Promise<{ digest: string; size: number; file: string }> {
  const { output, signal } = call;
  const digest = blobDigest(what);
  const { store, repository } = await openStore(call, what, "statBlob", "fetchBlob");
  const descriptor = await store.statBlob(digest, { signal });
  if (!descriptor) throw new WharfError("BLOB_NOT_FOUND", `${repository} has no blob ${digest}`);
  // Bars and bytes on one terminal would be neither.
  const progress = file === "-" && output.stdout.isTTY ? undefined : await call.progress();
  const onProgress = (bytes: number) => progress?.update(digest, bytes, descriptor.size);
  try {
    if (file !== "-") {
      const { downloadBlob } = await import("../registry/download.ts");
      const { resumed } = await downloadBlob(store, descriptor, file, { signal, onProgress });
      if (resumed > 0) output.note(`Went on from ${formatBytes(resumed)} of an earlier download`);
      return { digest, size: descriptor.size, file };
    }
    const { verified } = await import("../store/verified.ts");
    let size = 0;
    for await (const chunk of verified(descriptor, await store.fetchBlob(descriptor, { signal }))) {
      if (size === 0 && output.stdout.isTTY) refuseBinary(chunk);
      await output.write(chunk);
      onProgress((size += chunk.byteLength));
    }
    return { digest, size, file };
  } catch (error) {
    if (!isError(error, "INTERRUPTED") || file === "-") throw error;
    const hint = "Run the same again: it goes on where it was.";
    throw new WharfError("INTERRUPTED", error.message, { hint, cause: error });
  } finally {
    progress?.stop();
  }
}

/** @throws WharfError USAGE for what is no text: it could set the terminal's colours, title or worse */
function refuseBinary(chunk: Uint8Array): void {
  const isText = chunk.every((byte) => (byte >= 0x20 ? byte !== 0x7f : [9, 10, 13].includes(byte)));
  if (isText) return;
  throw usage(
    "The blob is no text and would garble the terminal",
    "Write it to a file with --output FILE, or pipe it on.",
  );
}
