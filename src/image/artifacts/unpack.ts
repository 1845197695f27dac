/** A folder out of its tar: nothing is written outside of it, whatever the archive says. */
import { link, lstat, mkdir, open, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { interrupted, isError, WharfError } from "../../errors.ts";
import { readAll } from "../../http/body.ts";
import type { Bytes, Cancellable } from "../../http/bytes.ts";
import type { Digest } from "../../reference/descriptor.ts";
import { parseDigest, quoted } from "../../reference/digest.ts";
import { decompressed } from "../../store/archive/compression.ts";
import { createDigester } from "../../store/digester.ts";
import { diskError, failedWith } from "../../store/disk/failure.ts";
import { FileWriter } from "../../store/disk/fileWriter.ts";
import type { TarEntry } from "../../store/tar/entry.ts";
import { entryPath } from "../../store/tar/path.ts";
import { readTar } from "../../store/tar/reader.ts";
import { checkLink } from "./links.ts";
import { rootTitle } from "./titles.ts";

export interface UnpackOptions extends Cancellable {
  /** What the folder is called in the archive: all entries must lie in it. */
  readonly title: string;
  /** Of the tar. @default not checked */
  readonly contentDigest?: Digest;
  /** What it may take; several archives may share it. */
  readonly allowance: Allowance;
}

/** Entries; each costs a name on the disk, even where it has no bytes. */
const mostEntries = 2_000_000;
/** Bytes up to which a file is written in one go. */
const smallSize = 64 << 10;

/** What archives may unpack to, all together. */
export class Allowance {
  readonly #limit: number;
  #bytes = 0;
  #entries = 0;

  /** @param limit bytes of the tars */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** @throws WharfError ARCHIVE_TOO_LARGE */
  takeBytes(title: string, bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > this.#limit) throw tooLarge(title, this.#limit, "bytes");
  }

  /** @throws WharfError ARCHIVE_TOO_LARGE */
  takeEntry(title: string): void {
    this.#entries += 1;
    if (this.#entries > mostEntries) throw tooLarge(title, mostEntries, "entries");
  }
}

/**
 * Unpacks into a folder that is new, empty and nobody else's.
 *
 * Links must stay inside; nothing is written through one, and nothing is written twice. Owners are not kept, permissions
 * are as far as the process's mask allows, without those that lend rights.
 *
 * @param folder what the archive's folder becomes
 * @throws WharfError PATH_UNSAFE, ARCHIVE_INVALID, ARCHIVE_TOO_LARGE, DIGEST_MISMATCH, UNSUPPORTED for devices and pipes
 */
export async function unpack(bytes: Bytes, folder: string, options: UnpackOptions): Promise<void> {
  const { title, contentDigest, allowance, signal } = options;
  const { body } = await decompressed(bytes, title);
  const extraction = new Extraction(folder, title);
  const algorithm = contentDigest === undefined ? "sha256" : parseDigest(contentDigest).algorithm;
  const digester = createDigester(algorithm);
  async function* checked(): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const chunk of body) {
      if (signal?.aborted) throw interrupted(signal);
      allowance.takeBytes(title, chunk.byteLength);
      await digester.update(chunk);
      yield chunk;
    }
  }
  try {
    for await (const entry of readTar(checked(), { subject: title })) {
      allowance.takeEntry(title);
      await extraction.add(entry);
    }
    const actual = await digester.digest();
    if (contentDigest !== undefined && actual !== contentDigest) {
      throw new WharfError(
        "DIGEST_MISMATCH",
        `${title}: unpacks to ${actual}, not ${contentDigest}`,
      );
    }
    await extraction.finish();
  } finally {
    digester.dispose();
  }
}

class Extraction {
  readonly #folder: string;
  readonly #title: string;
  /** Times of folders are set in the end: until then they are written to. */
  readonly #times: { readonly path: string; readonly mtime: number }[] = [];
  /** The last folder that is known to be one, and no link. */
  #known = "";

  constructor(folder: string, title: string) {
    this.#folder = folder;
    this.#title = title;
  }

  async add(entry: TarEntry): Promise<void> {
    const name = entryPath(entry.name, this.#title);
    const path = this.#inside(name);
    try {
      await this.#write(entry, name, path);
    } catch (error) {
      if (isError(error)) throw error;
      if (failedWith(error, "EEXIST")) throw this.#twice(name);
      throw diskError(error, join(this.#title, path));
    }
  }

  async finish(): Promise<void> {
    for (const { path, mtime } of this.#times.toReversed()) await setTime(path, mtime);
  }

  async #write(entry: TarEntry, name: string, path: string): Promise<void> {
    const place = join(this.#folder, path);
    const mode = entry.mode & 0o777;
    if (entry.type === "directory") {
      // The owner must be able to write to it, and to remove it again.
      await this.#enter(path, mode | 0o700);
      if (entry.mtime > 0) this.#times.push({ path: place, mtime: entry.mtime });
      return;
    }
    if (path === "") throw this.#outside(entry.name);
    await this.#enter(parentOf(path));
    switch (entry.type) {
      case "file":
        return writeBody(entry, place, mode);
      case "symlink":
        checkLink(name, entry.linkName, this.#title, `${this.#title}: ${quoted(name)}`);
        return symlink(entry.linkName, place);
      case "hardlink":
        return this.#hardLink(entry, place);
      default:
        throw new WharfError(
          "UNSUPPORTED",
          `${this.#title}: ${quoted(name)} is neither a file, a folder nor a link`,
          { hint: "An honest folder holds no devices or pipes." },
        );
    }
  }

  async #hardLink(entry: TarEntry, place: string): Promise<void> {
    const target = this.#inside(entryPath(entry.linkName, this.#title));
    await this.#enter(parentOf(target));
    const from = join(this.#folder, target);
    const found = await lstat(from);
    if (!found.isFile()) throw this.#outside(entry.linkName);
    await link(from, place);
  }

  /** Makes the folder `path`, unless it is there; no part of it may be anything else. */
  async #enter(path: string, mode = 0o777): Promise<void> {
    if (path === this.#known || path === "") return;
    let at = "";
    for (const segment of path.split("/")) {
      at = at === "" ? segment : `${at}/${segment}`;
      const place = join(this.#folder, at);
      try {
        await mkdir(place, at === path ? mode : 0o777);
      } catch (error) {
        if (!failedWith(error, "EEXIST")) throw error;
        const found = await lstat(place);
        if (found.isSymbolicLink()) throw this.#throughLink(path, at);
        if (!found.isDirectory()) throw this.#twice(at);
      }
    }
    this.#known = path;
  }

  /** A path of the archive as one below the folder. */
  #inside(name: string): string {
    const title = this.#title;
    if (title === rootTitle) return name;
    if (name === title) return "";
    if (name.startsWith(`${title}/`)) return name.slice(title.length + 1);
    throw this.#outside(name);
  }

  #outside(name: string): WharfError {
    return new WharfError(
      "PATH_UNSAFE",
      `${this.#title}: the entry ${quoted(name)} does not lie in the folder`,
    );
  }

  #throughLink(path: string, link: string): WharfError {
    return new WharfError(
      "PATH_UNSAFE",
      `${this.#title}: the entry ${quoted(path)} would be written through the link ${quoted(link)}`,
    );
  }

  #twice(name: string): WharfError {
    return new WharfError("ARCHIVE_INVALID", `${this.#title}: has ${quoted(name)} twice`);
  }
}

async function writeBody(entry: TarEntry, place: string, mode: number): Promise<void> {
  // Never through a link, never over a file: the flag `x` refuses both.
  if (entry.size <= smallSize) {
    await writeFile(place, await readAll(entry.body, smallSize), { flag: "wx", mode });
  } else {
    const handle = await open(place, "wx", mode);
    try {
      const writer = new FileWriter(handle, place, { durable: false });
      for await (const chunk of entry.body) await writer.write(chunk);
      await writer.flush();
    } finally {
      await handle.close();
    }
  }
  if (entry.mtime > 0) await setTime(place, entry.mtime);
}

/** A time that the file system cannot keep is no reason to fail. */
async function setTime(path: string, mtime: number): Promise<void> {
  await utimes(path, mtime, mtime).catch(() => {});
}

const parentOf = (path: string) => path.slice(0, Math.max(0, path.lastIndexOf("/")));

function tooLarge(title: string, limit: number, what: string): WharfError {
  const message = `${title}: with it, folders unpack to more than ${limit} ${what}`;
  return new WharfError("ARCHIVE_TOO_LARGE", message, {
    hint: "If you trust where it comes from, allow more with --max-unpacked.",
  });
}
