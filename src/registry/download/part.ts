/**
 * The file of an unfinished download, which another process can finish. Its bytes are a prefix of the blob, unless a record
 * beside it says which ranges are there; the record never claims a byte that was not written before.
 */
import { constants } from "node:fs";
import { type FileHandle, open, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { WharfError } from "../../errors.ts";
import type { Descriptor } from "../../reference/descriptor.ts";
import { parseDigest } from "../../reference/digest.ts";
import { diskError, failedWith } from "../../store/disk/failure.ts";
import { renameFile, syncFolder } from "../../store/disk/files.ts";
import { type Lock, tryLock } from "../../store/disk/lock.ts";
import { Ranges, type Span } from "./ranges.ts";
import { Writer } from "./writer.ts";

/** The names can be foreseen: in a folder that others write to, one may be a link to what is not to be overwritten. */
const { O_RDWR, O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW } = constants;

/** Bytes that may come between two records: what a kill costs at most. */
const recordInterval = 32 * 1024 * 1024;

/** Where the unfinished download of a blob to `file` is. */
export function partPath(file: string, { digest }: Descriptor): string {
  const { algorithm, encoded } = parseDigest(digest);
  return join(dirname(file), `${algorithm}-${encoded}.part`);
}

export class Part {
  readonly path: string;
  readonly #size: number;
  readonly #lock: Lock;
  readonly #handle: FileHandle;
  readonly #writer: Writer;
  readonly #durable: boolean;
  #ranges: Ranges;
  #recorded: boolean;
  #unrecorded = 0;
  #recording: Promise<void> = Promise.resolve();

  private constructor(
    path: string,
    size: number,
    lock: Lock,
    handle: FileHandle,
    found: Found,
    durable: boolean,
  ) {
    this.path = path;
    this.#size = size;
    this.#lock = lock;
    this.#handle = handle;
    this.#writer = new Writer(handle, { durable });
    this.#durable = durable;
    this.#ranges = found.ranges;
    this.#recorded = found.recorded;
  }

  /** @throws WharfError LOCKED while another download is at it; FILE_NOT_FOUND, FILE_FAILED */
  static async open(file: string, descriptor: Descriptor, durable = false): Promise<Part> {
    const path = partPath(file, descriptor);
    let lock: Lock | undefined;
    let handle: FileHandle | undefined;
    try {
      lock = tryLock(`${path}.lock`);
      if (!lock) throw locked(path);
      handle = await openOrCreate(path);
      const { size: length } = await handle.stat();
      // Longer than the blob is a part that somebody else wrote; a byte too many must not get the name.
      if (length > descriptor.size) await handle.truncate(descriptor.size);
      const found = await look(path, Math.min(length, descriptor.size));
      return new Part(path, descriptor.size, lock, handle, found, durable);
    } catch (error) {
      await handle?.close();
      await lock?.release();
      throw diskError(error, path);
    }
  }

  get ranges(): Ranges {
    return this.#ranges;
  }

  /** Writes all of a chunk. @throws WharfError DISK_FULL, FILE_FAILED */
  async write(chunk: Uint8Array, position: number): Promise<void> {
    try {
      const written = this.#writer.write(chunk, position);
      if (written) await written;
    } catch (error) {
      throw diskError(error, this.path);
    }
    this.#ranges.add({ start: position, end: position + chunk.byteLength });
    this.#unrecorded += chunk.byteLength;
    if (this.#recorded && this.#unrecorded >= recordInterval) await this.record();
  }

  /** Reads what was written; fewer bytes than the buffer has only at the end. */
  async read(buffer: Uint8Array, position: number): Promise<number> {
    try {
      return (await this.#handle.read(buffer, 0, buffer.byteLength, position)).bytesRead;
    } catch (error) {
      throw diskError(error, this.path);
    }
  }

  /** Writes down which ranges are there. To be called before the first byte is written out of turn. */
  record(): Promise<void> {
    this.#recorded = true;
    this.#unrecorded = 0;
    const { spans } = this.#ranges;
    this.#recording = this.#recording.then(() => writeRecord(this.path, spans));
    return this.#recording;
  }

  /** Forgets all bytes. */
  async empty(): Promise<void> {
    await rm(recordPath(this.path), { force: true });
    await this.#handle.truncate(0);
    this.#ranges = new Ranges();
    this.#recorded = false;
  }

  /** Gives the finished file its name; both survive a power cut where that was asked for. */
  async finish(file: string): Promise<void> {
    try {
      if (this.#durable) await this.#writer.sync();
    } catch (error) {
      throw diskError(error, this.path);
    }
    await renameFile(this.path, file);
    await rm(recordPath(this.path), { force: true });
    if (this.#durable) await syncFolder(dirname(file));
  }

  /** Removes it: its bytes are worth nothing. */
  async remove(): Promise<void> {
    await rm(recordPath(this.path), { force: true });
    await rm(this.path, { force: true });
  }

  /** Lets go; what was written stays for the next, unless the disk has lost some of it. */
  async close(): Promise<void> {
    await this.#recording.catch(() => {});
    const unfinished = this.#ranges.total < this.#size;
    if (this.#recorded && unfinished) await this.record().catch(() => {});
    await this.#writer.idle();
    if (this.#writer.lost) await this.remove().catch(() => {});
    await this.#handle.close();
    await this.#lock.release();
  }
}

interface Found {
  readonly ranges: Ranges;
  readonly recorded: boolean;
}

/** What there is of a part; a record that cannot be true is not believed, and nothing is known then. */
async function look(path: string, length: number): Promise<Found> {
  const spans = await readRecord(path);
  if (spans === undefined)
    return { ranges: new Ranges([{ start: 0, end: length }]), recorded: false };
  const ranges = new Ranges(spans);
  const possible = (ranges.spans[0]?.start ?? 0) >= 0 && (ranges.spans.at(-1)?.end ?? 0) <= length;
  return { ranges: possible ? ranges : new Ranges(), recorded: true };
}

function recordPath(path: string): string {
  return `${path}.ranges`;
}

async function readRecord(path: string): Promise<Span[] | undefined> {
  let text: string;
  try {
    text = await readFile(recordPath(path), "utf8");
  } catch (error) {
    if (failedWith(error, "ENOENT")) return undefined;
    throw error;
  }
  try {
    const pairs = JSON.parse(text) as unknown[];
    return pairs.map((pair) => {
      const [start, end] = pair as number[];
      if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end))
        throw new TypeError("no range");
      return { start: start!, end: end! };
    });
  } catch {
    return [];
  }
}

async function writeRecord(path: string, spans: readonly Span[]): Promise<void> {
  const record = recordPath(path);
  try {
    const text = JSON.stringify(spans.map(({ start, end }) => [start, end]));
    await writeFile(`${record}.new`, text, { flag: O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW });
    await renameFile(`${record}.new`, record);
  } catch (error) {
    throw diskError(error, record);
  }
}

async function openOrCreate(path: string): Promise<FileHandle> {
  try {
    return await open(path, O_RDWR | O_NOFOLLOW);
  } catch (error) {
    if (!failedWith(error, "ENOENT")) throw error;
    // A record without its file is from a download that was ended in the middle of its last steps.
    await rm(recordPath(path), { force: true });
    return open(path, "wx+");
  }
}

function locked(path: string): WharfError {
  return new WharfError("LOCKED", `${path}: another download of the same blob is writing it`);
}
