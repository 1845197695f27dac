/**
 * The two files that make a folder an OCI layout: `oci-layout` and `index.json`.
 * Source: OCI image-spec 1.1, "Image Layout".
 */
import type { BigIntStats } from "node:fs";
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";

import { WharfError } from "../../errors.ts";
import type { Descriptor } from "../../reference/descriptor.ts";
import { mediaTypes } from "../../reference/descriptor.ts";
import { diskError, failedWith } from "../disk/failure.ts";
import { createFile, createFolder, openRegular, removeFile, renameFile } from "../disk/files.ts";
import { syncFile, syncFolder } from "../disk/files.ts";
import { announce } from "../disk/steps.ts";
import { Entries } from "./entries.ts";

/** Bytes of an `index.json`: some 400,000 tags. */
const indexLimit = 128 << 20;

/**
 * Milliseconds that a file must have been left alone before its time of change tells versions apart: file systems count
 * in ticks of up to 10 ms.
 */
const tick = 100;

/** What may lie in a folder that becomes a layout: what is left of one that was interrupted. */
const ownNames = ["oci-layout", "index.json", "blobs", "ingest", ".wharfinger"];

/** An index as it is in the file; fields that are not known are kept. */
export interface Index {
  readonly entries: Entries;
  readonly document: Readonly<Record<string, unknown>>;
}

/** Reads and writes the files of one layout. Reading needs no lock, since the file is replaced as a whole. */
export class IndexFile {
  readonly #folder: string;
  readonly #path: string;
  readonly #durable: boolean;
  #cached: { index: Index; version: string } | undefined;

  /**
   * @param options.durable whether the names of what is written are made to survive a power cut; true by default. The
   *   content always is: that costs a millisecond, and a file that was cut short would cost the layout
   */
  constructor(folder: string, { durable = true }: { readonly durable?: boolean } = {}) {
    this.#folder = folder;
    this.#durable = durable;
    this.#path = join(folder, "index.json");
  }

  /**
   * Whether the folder is a layout; false where it could become one.
   * @throws WharfError LAYOUT_INVALID where it is something else
   */
  async check(): Promise<boolean> {
    const path = join(this.#folder, "oci-layout");
    const text = await readText(path, 1 << 16);
    if (text !== undefined) {
      const version = (parse(text, path) as { imageLayoutVersion?: unknown }).imageLayoutVersion;
      if (typeof version === "string" && version.startsWith("1.")) return true;
      throw new WharfError("LAYOUT_INVALID", `${path}: the layout's version is not 1`);
    }
    const names = await readdir(this.#folder).catch((error: unknown) => {
      if (failedWith(error, "ENOENT")) return [];
      throw diskError(error, this.#folder);
    });
    if (names.every((name) => ownNames.includes(name))) return false;
    throw new WharfError("LAYOUT_INVALID", `${this.#folder}: no oci-layout in it`);
  }

  /** Makes the folder a layout. */
  async create(temporary: string): Promise<void> {
    const content = JSON.stringify({ imageLayoutVersion: "1.0.0" });
    const durable = this.#durable;
    await replaceFile(join(this.#folder, "oci-layout"), content, temporary, { durable });
    await createFolder(join(this.#folder, "blobs"), { durable });
  }

  /**
   * The index as it is now; the same object while the file is the same. It is changed only by who holds the lock of the
   * layout, writes it afterwards, or calls {@link forget}. A layout whose `index.json` is not written yet has no entries.
   * @throws WharfError LAYOUT_INVALID where it is damaged
   */
  async read(): Promise<Index> {
    const before = await this.#stat();
    const version = before && versionOf(before);
    if (version !== undefined && this.#cached?.version === version) return this.#cached.index;
    const index = await this.#parse();
    const after = await this.#stat();
    // What changed just now may change again without looking different.
    const settled = after !== undefined && Date.now() - Number(after.mtimeMs) > tick;
    if (settled && version === versionOf(after)) this.#cached = { index, version };
    return index;
  }

  /** Drops what is known, after changes that were not written. */
  forget(): void {
    this.#cached = undefined;
  }

  async #parse(): Promise<Index> {
    const text = await readText(this.#path, indexLimit);
    if (text === undefined) {
      const document = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [] };
      return { document, entries: new Entries([]) };
    }
    const document = parse(text, this.#path) as Record<string, unknown>;
    const manifests = document["manifests"] ?? [];
    if (!Array.isArray(manifests) || !manifests.every(isDescriptor)) {
      throw damaged(this.#path, "its manifests are not a list of descriptors");
    }
    return { document, entries: new Entries(manifests) };
  }

  /** Replaces the file; when this returns, a durable one is on the disk. */
  async write(index: Index, temporary: string): Promise<void> {
    const content = JSON.stringify({ ...index.document, manifests: index.entries.list() });
    const written = await replaceFile(this.#path, content, temporary, {
      durable: this.#durable,
    });
    index.entries.changed = false;
    this.#cached = { index, version: versionOf(written) };
  }

  async #stat(): Promise<BigIntStats | undefined> {
    return lstat(this.#path, { bigint: true }).catch((error: unknown) => {
      if (failedWith(error, "ENOENT", "ENOTDIR")) return undefined;
      throw diskError(error, this.#path);
    });
  }
}

/**
 * Puts a file in the place of another: afterwards the disk has the old or the new one, never a part.
 * @returns what the new file looks like
 */
async function replaceFile(
  path: string,
  content: string,
  temporary: string,
  { durable }: { readonly durable: boolean },
): Promise<BigIntStats> {
  const written = await writeSynced(temporary, content);
  try {
    await renameFile(temporary, path);
  } catch (error) {
    await removeFile(temporary).catch(() => {});
    throw error;
  }
  if (durable) await syncFolder(join(path, ".."));
  return written;
}

/** Writes a new file whose content is on the disk when this returns. */
export async function writeSynced(path: string, content: string): Promise<BigIntStats> {
  const handle = await createFile(path);
  try {
    announce("write", path);
    await handle.writeFile(content);
    await syncFile(handle, path);
    return await handle.stat({ bigint: true });
  } catch (error) {
    await removeFile(path).catch(() => {});
    throw diskError(error, path);
  } finally {
    await handle.close();
  }
}

async function readText(path: string, limit: number): Promise<string | undefined> {
  const file = await openRegular(path);
  if (file === undefined) return undefined;
  try {
    if (file.size > limit) throw damaged(path, `it has ${file.size} bytes`);
    return await file.handle.readFile("utf8");
  } catch (error) {
    throw diskError(error, path);
  } finally {
    await file.handle.close();
  }
}

/** The parser's own message is left out, since it quotes the file, which need not be what its name says. */
function parse(text: string, path: string): object {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw damaged(path, "it is not JSON");
  }
  if (typeof document !== "object" || document === null || Array.isArray(document)) {
    throw damaged(path, "it is not a JSON object");
  }
  return document;
}

function isDescriptor(entry: unknown): entry is Descriptor {
  const { digest, size, mediaType, annotations } = (entry ?? {}) as Partial<Descriptor>;
  return (
    typeof digest === "string" &&
    Number.isSafeInteger(size) &&
    (mediaType === undefined || typeof mediaType === "string") &&
    (annotations === undefined ||
      (typeof annotations === "object" &&
        annotations !== null &&
        Object.values(annotations).every((value) => typeof value === "string")))
  );
}

function damaged(path: string, why: string): WharfError {
  return new WharfError("LAYOUT_INVALID", `${path}: is damaged: ${why}`, {
    hint: "It is left as it is. Restore it, or remove the folder and copy again.",
  });
}

function versionOf({ ino, birthtimeNs, size, mtimeNs }: BigIntStats): string {
  return `${ino} ${birthtimeNs} ${size} ${mtimeNs}`;
}
