/** The files of an archive: listed once by jumping from header to header, then read by position. */
import type { FileHandle } from "node:fs/promises";

import { WharfError } from "../../errors.ts";
import type { Bytes, Cancellable } from "../../http/bytes.ts";
import type { Range } from "../store.ts";
import type { TarHeader } from "../tar/entry.ts";
import { entryPath, linkTarget } from "../tar/path.ts";
import { scanTar } from "../tar/reader.ts";
import { readRange } from "./file.ts";

/**
 * Most entries of an archive. One costs some 140 bytes of memory, so this is 36 MiB; the largest honest archives, whole
 * repositories of 10,000 images of 20 blobs, stay below.
 */
const entryLimit = 1 << 18;

/** Links that may follow one another: docker makes one between equal layers. */
const linkLimit = 8;

/** Where a file's bytes stand in the archive. */
export interface Member {
  /** Bytes from the beginning of the archive. */
  readonly offset: number;
  /** Bytes. */
  readonly size: number;
}

type Found = Member | Pick<TarHeader, "type" | "linkName">;

export class Members {
  readonly #file: FileHandle;
  readonly #found: ReadonlyMap<string, Found>;
  /** The archive's name, for messages. */
  readonly subject: string;

  private constructor(file: FileHandle, found: ReadonlyMap<string, Found>, subject: string) {
    this.#file = file;
    this.#found = found;
    this.subject = subject;
  }

  /**
   * Lists the files of a tar. Of several with one name the last counts, as when they are unpacked.
   * @param size bytes of the file
   * @param limit most files that are accepted
   * @throws WharfError ARCHIVE_INVALID, PATH_UNSAFE
   */
  static async list(
    file: FileHandle,
    size: number,
    subject: string,
    limit = entryLimit,
  ): Promise<Members> {
    const found = new Map<string, Found>();
    for await (const { header, offset } of scanTar(file, size, { subject })) {
      const path = entryPath(header.name, subject);
      const { type, linkName } = header;
      if (type === "file") found.set(path, { offset, size: header.size });
      else if (type === "symlink" || type === "hardlink") found.set(path, { type, linkName });
      else found.delete(path);
      if (found.size > limit) {
        throw new WharfError("ARCHIVE_INVALID", `${subject}: has more than ${limit} files`);
      }
    }
    return new Members(file, found, subject);
  }

  /**
   * The file with this path, links followed.
   * @throws WharfError PATH_UNSAFE where a link leads out of the archive, ARCHIVE_INVALID where it leads nowhere
   */
  find(path: string): Member | undefined {
    let at = path;
    for (let followed = 0; followed <= linkLimit; followed++) {
      const found = this.#found.get(at);
      if (found === undefined && followed === 0) return undefined;
      if (found === undefined) throw this.#lost(path, `leads to ${at}, which is not there`);
      if (!("linkName" in found)) return found;
      at = linkTarget(at, found, this.subject);
    }
    throw this.#lost(path, `leads on and on, over more than ${linkLimit} links`);
  }

  /**
   * Reads a small file whole.
   * @throws WharfError ARCHIVE_INVALID where it is larger than `limit` bytes or not there
   */
  async read(path: string, limit: number, options: Cancellable = {}): Promise<Uint8Array> {
    const member = this.find(path);
    if (!member) throw new WharfError("ARCHIVE_INVALID", `${this.subject}: has no ${path}`);
    if (member.size > limit) {
      const message = `${this.subject}: ${path} has ${member.size} bytes; at most ${limit} are accepted`;
      throw new WharfError("ARCHIVE_INVALID", message);
    }
    const chunks: Uint8Array[] = [];
    for await (const chunk of this.stream(member, options)) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  /** Opens a file's bytes, or some of them. */
  stream(
    { offset, size }: Member,
    { offset: from = 0, length = Infinity, signal }: Range & Cancellable = {},
  ): Bytes {
    const start = Math.min(from, size);
    return readRange(this.#file, offset + start, Math.min(length, size - start), {
      subject: this.subject,
      ...(signal && { signal }),
    });
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  #lost(path: string, why: string): WharfError {
    return new WharfError(
      "ARCHIVE_INVALID",
      `${this.subject}: link ${JSON.stringify(path)} ${why}`,
    );
  }
}
