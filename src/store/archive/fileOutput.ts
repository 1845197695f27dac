/** An archive in a file: members are written side by side, each to its place. */
import { randomBytes } from "node:crypto";
import { open, realpath, rename, unlink, type FileHandle } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

import { interrupted, WharfError } from "../../errors.ts";
import type { Bytes, Cancellable } from "../../http/bytes.ts";
import { diskError } from "../disk/failure.ts";
import { blockSize } from "../tar/header.ts";
import { padding } from "../tar/reader.ts";
import { archiveEnd, entryHead } from "../tar/writer.ts";
import { readRange, spool, writeAt } from "./file.ts";
import { Line } from "./line.ts";
import { nameOf, type NewMember, type Output } from "./output.ts";

/** A part of the file that belongs to one member: its head, body and padding. */
interface Region {
  offset: number;
  readonly length: number;
  /** Its member failed: what follows moves up in the end. */
  lost: boolean;
}

/**
 * Writes to a file of another name beside `path`, which it becomes in the end: a file that is there is replaced whole
 * or not at all.
 *
 * A member of known size gets its place at once and is written while others are. One of unknown size is written at the
 * end of the file when nobody was before it, else first into a temporary file.
 */
export async function openFileOutput(path: string): Promise<Output> {
  const target = await realpath(path).catch(() => path);
  const folder = dirname(target);
  const temporary = join(folder, `.${basename(target)}.${randomBytes(6).toString("hex")}.part`);
  try {
    return new FileOutput(await open(temporary, "wx+"), temporary, target);
  } catch (error) {
    throw diskError(error, path);
  }
}

class FileOutput implements Output {
  readonly #file: FileHandle;
  readonly #temporary: string;
  readonly #path: string;
  readonly #line = new Line();
  #regions: Region[] = [];
  #end = 0;
  #over = false;

  constructor(file: FileHandle, temporary: string, path: string) {
    this.#file = file;
    this.#temporary = temporary;
    this.#path = path;
  }

  async add(member: NewMember, { signal }: Cancellable = {}): Promise<void> {
    const place = this.#line.enter();
    let spooled: { file: FileHandle; size: number } | undefined;
    try {
      if (member.size === undefined && !place.first) {
        const folder = dirname(this.#path);
        spooled = await spool(await member.open(), { folder, ...(signal && { signal }) });
      }
      await place.turn(signal);
      const size = spooled?.size ?? member.size;
      if (size === undefined) return await this.#grow(member, signal);
      const name = nameOf(member);
      if (name === undefined) return;
      const region = this.#reserve(size);
      place.leave();
      await this.#fill(region, name, size, spooled ?? member, signal);
    } finally {
      place.leave();
      await spooled?.file.close();
    }
  }

  /** Writes a member whose size shows in the end behind all others, then its head before it. */
  async #grow(member: NewMember, signal?: AbortSignal): Promise<void> {
    const body = await member.open();
    const size = await this.#write(body, this.#end + blockSize, Infinity, signal);
    const name = nameOf(member);
    if (name === undefined) return;
    const { offset } = this.#reserve(size);
    await this.#put(entryHead({ name, size }), offset);
    await this.#put(new Uint8Array(padding(size)), offset + blockSize + size);
  }

  async #fill(
    region: Region,
    name: string,
    size: number,
    content: NewMember | { file: FileHandle },
    signal?: AbortSignal,
  ): Promise<void> {
    try {
      const body = region.offset + blockSize;
      await this.#put(entryHead({ name, size }), region.offset);
      const bytes = "file" in content ? readRange(content.file, 0, size) : await content.open();
      await this.#write(bytes, body, size, signal);
      await this.#put(new Uint8Array(padding(size)), body + size);
    } catch (error) {
      region.lost = true;
      throw error;
    }
  }

  #reserve(size: number): Region {
    const length = blockSize + size + padding(size);
    const region = { offset: this.#end, length, lost: false };
    this.#regions.push(region);
    this.#end += region.length;
    return region;
  }

  /** @returns the number of bytes written */
  async #write(body: Bytes, offset: number, size: number, signal?: AbortSignal): Promise<number> {
    let written = 0;
    for await (const chunk of body) {
      if (signal?.aborted) throw interrupted(signal);
      if (written + chunk.byteLength > size) break;
      await this.#put(chunk, offset + written);
      written += chunk.byteLength;
      body.recycle?.(chunk);
    }
    if (size !== Infinity && written !== size) {
      throw new WharfError("SIZE_MISMATCH", `${this.#path}: a member is not of its ${size} bytes`);
    }
    return written;
  }

  async #put(bytes: Uint8Array, position: number): Promise<void> {
    if (this.#over) throw new WharfError("INTERRUPTED", `${this.#path}: the archive was given up`);
    try {
      await writeAt(this.#file, bytes, position);
    } catch (error) {
      throw diskError(error, this.#path);
    }
  }

  async finish(): Promise<void> {
    const place = this.#line.enter();
    try {
      await place.turn();
      await this.#closeGaps();
      await this.#put(archiveEnd(), this.#end);
      this.#over = true;
      await this.#file.truncate(this.#end + archiveEnd().byteLength);
      await this.#file.close();
      await rename(this.#temporary, this.#path);
    } catch (error) {
      this.#over = false;
      await this.abort();
      throw diskError(error, this.#path);
    } finally {
      place.leave();
    }
  }

  async #closeGaps(): Promise<void> {
    let end = 0;
    for (const region of this.#regions) {
      if (region.lost) continue;
      if (region.offset !== end) {
        await this.#write(readRange(this.#file, region.offset, region.length), end, Infinity);
      }
      region.offset = end;
      end += region.length;
    }
    this.#regions = this.#regions.filter(({ lost }) => !lost);
    this.#end = end;
  }

  async abort(): Promise<void> {
    if (this.#over) return;
    this.#over = true;
    await this.#file.close().catch(() => {});
    await unlink(this.#temporary).catch(() => {});
  }
}
