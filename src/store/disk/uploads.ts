/** Uploads in pieces, in files that outlive the process. */
import { createHash, randomBytes } from "node:crypto";
import { open, stat } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";

import { interrupted } from "../../errors.ts";
import type { Bytes, Cancellable } from "../../http/bytes.ts";
import type { Descriptor, Digest } from "../../reference/descriptor.ts";
import { parseDigest } from "../../reference/digest.ts";
import type { DigestAlgorithm } from "../../reference/digest.ts";
import { createDigester } from "../digester.ts";
import type { Digester } from "../digester.ts";
import { uploadBusy, uploadInvalid, uploadUnknown, wrongBytes } from "../missing.ts";
import { fileSource } from "../sources.ts";
import type { Upload } from "../store.ts";
import { diskError, failedWith } from "./failure.ts";
import { createFile, removeFile, syncFile } from "./files.ts";
import { FileWriter } from "./fileWriter.ts";
import type { Workspace } from "./workspace.ts";

/** Moves a finished, synced and verified file to where the blob belongs. */
export type Place = (file: string, descriptor: Descriptor) => Promise<void>;

/**
 * Uploads whose file and running hash are kept open. One that is pushed out opens its file again, and is hashed from the
 * beginning when it ends.
 */
const openLimit = 128;

const idPattern = /^[0-9a-f]{32}-[0-9a-f]{16}$/;

/** Whether a file's name is that of an upload, which must survive its process. */
export function isUploadId(name: string): boolean {
  return idPattern.test(name);
}

/** The uploads of one process, of all repositories in a data directory. */
export class Uploads {
  readonly #workspace: () => Promise<Workspace>;
  readonly #sessions = new Map<string, Session>();
  /** Those that are open, the longest unused first. */
  readonly #open = new Set<Session>();

  constructor(workspace: () => Promise<Workspace>) {
    this.#workspace = workspace;
  }

  /** @param scope the repository; an upload is known only in the one it was begun in */
  async create(scope: string, place: Place, algorithm?: string): Promise<Upload> {
    const workspace = await this.#workspace();
    const id = `${randomBytes(16).toString("hex")}-${scopeMark(scope)}`;
    const path = workspace.path(id);
    const handle = await createFile(path);
    const session = new Session(this, id, path, 0, place);
    session.begin(handle, algorithm === "sha512" ? "sha512" : "sha256");
    this.#sessions.set(id, session);
    await this.opened(session);
    return session;
  }

  /** @throws WharfError UPLOAD_UNKNOWN; LOCKED is not thrown: the upload of another living process is not known here */
  async open(scope: string, place: Place, id: string): Promise<Upload> {
    if (!isUploadId(id) || !id.endsWith(`-${scopeMark(scope)}`)) throw uploadUnknown(id);
    const known = this.#sessions.get(id);
    if (known !== undefined) return known;
    const workspace = await this.#workspace();
    const path = workspace.path(id);
    let size = await sizeOf(path);
    if (size === undefined) {
      // Perhaps its process has died since we came.
      await workspace.adopt(isUploadId);
      size = await sizeOf(path);
    }
    if (size === undefined) throw uploadUnknown(id);
    const session = this.#sessions.get(id) ?? new Session(this, id, path, size, place);
    this.#sessions.set(id, session);
    return session;
  }

  /**
   * Forgets uploads that nothing was appended to for `age` milliseconds.
   * @param options.dryRun whether they are only counted
   * @returns how many
   */
  async expire(age: number, { dryRun = false }: { dryRun?: boolean } = {}): Promise<number> {
    const workspace = await this.#workspace();
    let expired = 0;
    for (const id of (await workspace.list()).filter(isUploadId)) {
      const path = workspace.path(id);
      const session = this.#sessions.get(id);
      if (session?.busy) continue;
      const found = await stat(path).catch(() => undefined);
      // Files' times are finer than the clock's milliseconds, and must not seem to be ahead of it.
      if (found === undefined || Date.now() - Math.floor(found.mtimeMs) < age) continue;
      if (dryRun) {
        expired++;
        continue;
      }
      if (session === undefined) await removeFile(path);
      else if (!session.busy) await session.cancel();
      else continue;
      expired++;
    }
    return expired;
  }

  /** Closes the files; the uploads can be opened again, by this process or the next. */
  async close(): Promise<void> {
    for (const session of this.#sessions.values()) await session.sleep();
    this.#sessions.clear();
    this.#open.clear();
  }

  /** Notes that a session was used, and puts those to sleep that were not for longest. */
  async opened(session: Session): Promise<void> {
    this.#open.delete(session);
    this.#open.add(session);
    for (const other of this.#open) {
      if (this.#open.size <= openLimit) break;
      if (other.busy || other === session) continue;
      this.#open.delete(other);
      await other.sleep();
    }
  }

  forget(session: Session): void {
    this.#sessions.delete(session.id);
    this.#open.delete(session);
  }
}

class Session implements Upload {
  readonly id: string;
  readonly #uploads: Uploads;
  readonly #path: string;
  readonly #place: Place;
  #algorithm: DigestAlgorithm = "sha256";
  #size: number;
  #handle: FileHandle | undefined;
  #digester: { readonly algorithm: DigestAlgorithm; readonly running: Digester } | undefined;
  #ended = false;
  /** Whether a piece is being received, or the upload is ending. */
  busy = false;

  constructor(uploads: Uploads, id: string, path: string, size: number, place: Place) {
    this.#uploads = uploads;
    this.id = id;
    this.#path = path;
    this.#size = size;
    this.#place = place;
  }

  get size(): number {
    return this.#size;
  }

  begin(handle: FileHandle, algorithm: DigestAlgorithm): void {
    this.#handle = handle;
    this.#algorithm = algorithm;
  }

  append(
    body: Bytes,
    {
      offset = this.#size,
      expected,
      signal,
    }: Cancellable & { offset?: number; expected?: number } = {},
  ): Promise<number> {
    return this.#alone(async () => {
      if (offset !== this.#size) throw uploadInvalid(this.id, offset, this.#size);
      const handle = await this.#wake();
      if (this.#size === 0) this.#startHash(expected);
      const recycle = body.recycle?.bind(body);
      const writer = new FileWriter(handle, this.#path, { position: this.#size, recycle });
      try {
        for await (const chunk of body) {
          if (signal?.aborted) throw interrupted(signal);
          const hashed = this.#digester?.running.update(chunk);
          if (hashed !== undefined) await hashed;
          const room = writer.write(chunk);
          if (room !== undefined) await room;
        }
      } finally {
        // What came is kept, whatever ended the body.
        try {
          await writer.flush();
        } finally {
          this.#size = writer.position;
          if (writer.lost) await this.#end();
        }
      }
      return this.#size;
    });
  }

  commit(digest: Digest, { signal }: Cancellable = {}): Promise<Descriptor> {
    return this.#alone(async () => {
      const { algorithm } = parseDigest(digest);
      const handle = await this.#wake();
      const actual = await this.#digest(algorithm, signal);
      if (actual !== digest) {
        await this.#end();
        throw wrongBytes(`upload ${this.id}, to be ${digest}`, actual);
      }
      try {
        await syncFile(handle, this.#path);
      } catch (error) {
        // The next sync would find nothing wrong, and bytes that are not on the disk would count as safe.
        await this.#end();
        throw error;
      }
      const descriptor = { mediaType: "application/octet-stream", digest, size: this.#size };
      await this.#place(this.#path, descriptor);
      await this.#end();
      return descriptor;
    });
  }

  cancel(): Promise<void> {
    return this.#alone(() => this.#end());
  }

  /** Closes the file and gives up the running hash. */
  async sleep(): Promise<void> {
    this.#digester?.running.dispose();
    this.#digester = undefined;
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }

  /** A hash that sees every byte can only begin with the first. */
  #startHash(size = 0): void {
    this.#digester?.running.dispose();
    const algorithm = this.#algorithm;
    this.#digester = { algorithm, running: createDigester(algorithm, { size }) };
  }

  async #wake(): Promise<FileHandle> {
    if (this.#handle === undefined) {
      try {
        this.#handle = await open(this.#path, "r+");
      } catch (error) {
        throw failedWith(error, "ENOENT") ? uploadUnknown(this.id) : diskError(error, this.#path);
      }
    }
    await this.#uploads.opened(this);
    return this.#handle;
  }

  /** The running hash where it has seen every byte, else that of the file. */
  async #digest(algorithm: DigestAlgorithm, signal?: AbortSignal): Promise<Digest> {
    const digester = this.#digester;
    this.#digester = undefined;
    if (digester?.algorithm === algorithm && digester.running.size === this.#size) {
      return digester.running.digest();
    }
    digester?.running.dispose();
    const again = createDigester(algorithm, { size: this.#size });
    try {
      const body = await fileSource(this.#path).open(0, signal && { signal });
      for await (const chunk of body) {
        await again.update(chunk);
        body.recycle?.(chunk);
      }
      return await again.digest();
    } finally {
      again.dispose();
    }
  }

  async #end(): Promise<void> {
    this.#ended = true;
    this.#uploads.forget(this);
    await this.sleep();
    await removeFile(this.#path);
  }

  async #alone<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#ended) throw uploadUnknown(this.id);
    if (this.busy) throw uploadBusy(this.id);
    this.busy = true;
    try {
      return await work();
    } finally {
      this.busy = false;
    }
  }
}

/** Ties an upload's id to its repository. */
function scopeMark(scope: string): string {
  return createHash("sha256").update(scope).digest("hex").slice(0, 16);
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (failedWith(error, "ENOENT")) return undefined;
    throw diskError(error, path);
  }
}
