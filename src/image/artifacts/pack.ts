/**
 * A folder as a tar that is compressed with gzip. The same files give the same bytes, whoever packs them, wherever and
 * whenever: in the order of their names, without owners, with one time for all.
 */
import { readFileSync, type Stats } from "node:fs";
import { lstat, readdir, readlink, realpath } from "node:fs/promises";
import { join } from "node:path";

import { interrupted, isError, WharfError } from "../../errors.ts";
import type { Bytes, Cancellable } from "../../http/bytes.ts";
import type { Digest } from "../../reference/descriptor.ts";
import { createDigester } from "../../store/digester.ts";
import { diskError } from "../../store/disk/failure.ts";
import { fileSource } from "../../store/sources.ts";
import type { NewTarEntry } from "../../store/tar/entry.ts";
import { padding } from "../../store/tar/reader.ts";
import { archiveEnd, entryHead } from "../../store/tar/writer.ts";
import { gzip } from "./gzip.ts";
import { checkLink } from "./links.ts";

/** Bytes up to which a file is read at once: cheaper than a journey to another thread and back. */
const smallSize = 64 << 10;
/** Bytes between two reports. */
const reportEvery = 1 << 20;

export interface PackOptions extends Cancellable {
  /** Time of every entry, in seconds since 1970. @default 0 */
  readonly epoch?: number;
  /** Called with the bytes of the tar so far. */
  readonly onProgress?: (bytes: number) => void;
}

export interface Pack {
  readonly bytes: Bytes;
  /** Of the tar; known once all bytes were read. */
  contentDigest(): Digest;
}

/**
 * Packs a folder while its bytes are read. Links are kept as links, others' bytes as they are at that moment.
 *
 * @param title what entries are called, and the folder that unpacking makes
 * @throws WharfError PATH_UNSAFE for a link that leads out of the folder, since unpacking refuses it; UNSUPPORTED for
 *   sockets, pipes and devices; SIZE_MISMATCH where a file changes meanwhile
 */
export function packFolder(path: string, title: string, options: PackOptions = {}): Pack {
  let digest: Digest | undefined;
  async function* hashed(): AsyncGenerator<Uint8Array, void, undefined> {
    const digester = createDigester("sha256");
    let reported = 0;
    try {
      for await (const chunk of tarOf(path, title, options)) {
        await digester.update(chunk);
        if (digester.size - reported >= reportEvery)
          options.onProgress?.((reported = digester.size));
        yield chunk;
      }
      digest = await digester.digest();
    } finally {
      digester.dispose();
    }
  }
  return {
    bytes: gzip(hashed()),
    contentDigest() {
      if (digest === undefined) throw new WharfError("INTERNAL", `${path}: is not packed yet`);
      return digest;
    },
  };
}

interface Found {
  readonly path: string;
  /** Within the archive. */
  readonly name: string;
  readonly stats: Stats;
}

async function* tarOf(
  path: string,
  title: string,
  { epoch: mtime = 0, signal }: PackOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const root = await attempt(path, () => realpath(path));
  for await (const { path: file, name, stats } of walk(root, title)) {
    if (signal?.aborted) throw interrupted(signal);
    const common = { name, size: 0, mode: stats.mode & 0o777, mtime };
    if (stats.isDirectory()) yield entryHead({ ...common, type: "directory" });
    else if (stats.isSymbolicLink()) yield entryHead(await linkEntry(file, title, common));
    else if (stats.isFile()) yield* fileEntry(file, { ...common, size: stats.size }, signal);
    else throw unsupported(file);
  }
  yield archiveEnd();
}

/** The folder and all below it, each before what is in it, by the bytes of their names. */
async function* walk(path: string, name: string): AsyncGenerator<Found, void, undefined> {
  const stats = await attempt(path, () => lstat(path));
  yield { path, name, stats };
  if (!stats.isDirectory()) return;
  const children = await attempt(path, () => readdir(path));
  children.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  for (const child of children) {
    yield* walk(join(path, child), name === "." ? child : `${name}/${child}`);
  }
}

async function linkEntry(file: string, title: string, common: NewTarEntry): Promise<NewTarEntry> {
  const linkName = await attempt(file, () => readlink(file));
  checkLink(common.name, linkName, title, file);
  return { ...common, type: "symlink", mode: 0o777, linkName };
}

async function* fileEntry(
  file: string,
  header: NewTarEntry,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (header.size <= smallSize) {
    const bytes = await attempt(file, async () => readFileSync(file));
    if (bytes.byteLength !== header.size) throw changed(file);
    yield Buffer.concat([entryHead(header), bytes, new Uint8Array(padding(header.size))]);
    return;
  }
  yield entryHead(header);
  let size = 0;
  for await (const chunk of await fileSource(file).open(0, signal && { signal })) {
    size += chunk.byteLength;
    if (size > header.size) break;
    yield chunk;
  }
  if (size !== header.size) throw changed(file);
  const rest = padding(size);
  if (rest > 0) yield new Uint8Array(rest);
}

function changed(file: string): WharfError {
  return new WharfError("SIZE_MISMATCH", `${file}: changed while it was packed`, {
    hint: "Push it again once nobody writes to it.",
  });
}

function unsupported(file: string): WharfError {
  return new WharfError("UNSUPPORTED", `${file}: is neither a file, a folder nor a link`, {
    hint: "Take it out of the folder; sockets, pipes and devices cannot be pushed.",
  });
}

async function attempt<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw isError(error) ? error : diskError(error, path);
  }
}
