/** Blobs between a store and a file or pipe, with progress. */
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { isError, WharfError } from "../errors.ts";
import type { Descriptor, Digest } from "../reference/descriptor.ts";
import { checkTag } from "../reference/reference.ts";
import { fileSource, streamSource } from "../store/sources.ts";
import type { BlobSource, Repository } from "../store/store.ts";
import { nameBlobs, namesAlias, openAlias, sizeOf } from "./aliases.ts";
import type { Call } from "./call.ts";
import { usage } from "./flags.ts";
import { formatBytes } from "./format.ts";
import { blobDigest, openRepository, openStore } from "./open.ts";

/** Uploads a file (`-`: standard input) and returns what it became. */
export async function putBlob(
  call: Call,
  where: string,
  file: string,
  { algorithm, alias }: PutOptions,
): Promise<Put> {
  if (alias !== undefined) checkTag(alias);
  const { store, repository } = await openRepository(
    call,
    where,
    "pushBlob",
    "createUpload",
    "pushManifest",
  );
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
    const put = { repository, digest, size };
    if (alias === undefined) return put;
    return { ...put, alias, manifest: await nameBlobs(store, alias, [put], call.signal) };
  } finally {
    progress?.stop();
  }
}

interface PutOptions {
  readonly algorithm: "sha256" | "sha512";
  readonly alias: string | undefined;
}

interface Put {
  readonly repository: string;
  readonly digest: string;
  readonly size: number;
  readonly alias?: string;
  /** Digest of the manifest that gives it the name. */
  readonly manifest?: string;
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

interface GetOptions {
  /** `-` is standard output. */
  readonly file: string;
  readonly platform: string | undefined;
}

/** Downloads a blob to a file, resuming, or to standard output; there all blobs of an alias, one behind the other. */
export async function getBlob(
  call: Call,
  what: string,
  { file, platform }: GetOptions,
): Promise<{ digest: string; size: number; file: string } | undefined> {
  const { store, repository, blobs } = namesAlias(what)
    ? await openAlias(call, what, platform)
    : await openBlob(call, what);
  if (file !== "-") {
    const [blob, ...more] = blobs;
    if (!blob || more.length > 0)
      throw usage(
        `${what} names ${blob ? blobs.length : "no"} blobs, and ${file} is one file`,
        "Name one as REPO@DIGEST (wharf blob list tells them), or write them to standard output.",
      );
    const descriptor = await descriptorOf(store, repository, blob.digest, call.signal);
    return { ...(await intoFile(call, store, descriptor, file)), file };
  }
  for (const { digest } of blobs)
    await toOutput(call, store, await descriptorOf(store, repository, digest, call.signal));
  return undefined;
}

type BlobReader = Pick<Repository, "statBlob" | "fetchBlob">;

async function openBlob(call: Call, what: string) {
  const digest = blobDigest(what);
  const { store, repository } = await openStore(call, what, "statBlob", "fetchBlob");
  return { store, repository, blobs: [{ digest }] };
}

async function descriptorOf(
  store: BlobReader,
  repository: string,
  digest: Digest,
  signal: AbortSignal,
): Promise<Descriptor> {
  const size = await sizeOf(store, digest, repository, signal);
  return { mediaType: "application/octet-stream", digest, size };
}

async function intoFile(call: Call, store: BlobReader, descriptor: Descriptor, file: string) {
  const { output, signal } = call;
  const { digest, size } = descriptor;
  const progress = await call.progress();
  const onProgress = (bytes: number) => progress?.update(digest, bytes, size);
  try {
    const { downloadBlob } = await import("../registry/download.ts");
    const { resumed } = await downloadBlob(store, descriptor, file, { signal, onProgress });
    if (resumed > 0) output.note(`Went on from ${formatBytes(resumed)} of an earlier download`);
    return { digest, size };
  } catch (error) {
    if (!isError(error, "INTERRUPTED")) throw error;
    const hint = "Run the same again: it goes on where it was.";
    throw new WharfError("INTERRUPTED", error.message, { hint, cause: error });
  } finally {
    progress?.stop();
  }
}

async function toOutput(call: Call, store: BlobReader, descriptor: Descriptor): Promise<void> {
  const { output, signal } = call;
  const { digest, size } = descriptor;
  // Bars and bytes on one terminal would be neither.
  const progress = output.stdout.isTTY ? undefined : await call.progress();
  try {
    const { verified } = await import("../store/verified.ts");
    let done = 0;
    for await (const chunk of verified(descriptor, await store.fetchBlob(descriptor, { signal }))) {
      if (done === 0 && output.stdout.isTTY) refuseBinary(chunk);
      await output.write(chunk);
      progress?.update(digest, (done += chunk.byteLength), size);
    }
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
