/** Blobs on their way into memory. Clients that never come back must not fill it, so there is a bound for all of a collection. */
import { randomUUID } from "node:crypto";

import { interrupted, WharfError } from "../errors.ts";
import type { Descriptor, Digest } from "../reference/descriptor.ts";
import { parseDigest } from "../reference/digest.ts";
import { createDigester } from "./digester.ts";
import { uploadBusy, uploadInvalid, uploadUnknown, wrongBytes } from "./missing.ts";
import type { Cancellable, Upload } from "./store.ts";

export interface UploadBounds {
  /** Uploads that have begun and not ended; a push has some five at once. @default 20000 */
  readonly number?: number;
  /** Bytes that they hold together. @default 4 GiB */
  readonly bytes?: number;
  /** Milliseconds without a request after which one makes room for others. @default 60000 */
  readonly idle?: number;
  /** Milliseconds. @default performance.now */
  readonly now?: () => number;
}

/** A blob's bytes as they came; joined only where somebody needs them in one piece. */
export interface Blob {
  readonly size: number;
  readonly chunks: readonly Uint8Array[];
}

/** What an upload has to do with the repository that it belongs to. */
export interface UploadPlace {
  keep(digest: Digest, blob: Blob): void;
  forget(id: string): void;
}

/** The uploads of a collection. Where they are too many, those that nobody has asked for of late are forgotten first. */
export class MemoryUploads {
  readonly #bounds: Required<UploadBounds>;
  /** Longest unused first, and since when. */
  readonly #open = new Map<MemoryUpload, number>();
  #bytes = 0;

  constructor(bounds: UploadBounds = {}) {
    const now = () => performance.now();
    this.#bounds = { number: 20_000, bytes: 4 * 2 ** 30, idle: 60_000, now, ...bounds };
  }

  /** @throws WharfError RATE_LIMITED */
  begin(place: UploadPlace): MemoryUpload {
    const { number } = this.#bounds;
    if (!this.#makeRoom(() => this.#open.size < number))
      throw full(`${number} uploads have begun and not ended`);
    const upload = new MemoryUpload(this, place);
    this.used(upload);
    return upload;
  }

  /** Notes that somebody still wants it. */
  used(upload: MemoryUpload): void {
    this.#open.delete(upload);
    this.#open.set(upload, this.#bounds.now());
  }

  /** To be asked before the bytes are kept. @throws WharfError RATE_LIMITED */
  grow(bytes: number): void {
    const most = this.#bounds.bytes;
    if (!this.#makeRoom(() => this.#bytes + bytes <= most))
      throw full(`uploads that have not ended hold ${most} bytes of memory`);
    this.#bytes += bytes;
  }

  end(upload: MemoryUpload): void {
    if (this.#open.delete(upload)) this.#bytes -= upload.size;
  }

  #makeRoom(isThere: () => boolean): boolean {
    if (isThere()) return true;
    const { idle, now } = this.#bounds;
    const young = now() - idle;
    for (const [upload, used] of this.#open) {
      if (used > young) break;
      if (!upload.busy) upload.forget();
      if (isThere()) return true;
    }
    return false;
  }
}

function full(why: string): WharfError {
  return new WharfError("RATE_LIMITED", `${why}; try again in a minute`);
}

export class MemoryUpload implements Upload {
  readonly id = randomUUID();
  readonly #uploads: MemoryUploads;
  readonly #place: UploadPlace;
  readonly #chunks: Uint8Array[] = [];
  #size = 0;
  #ended = false;
  /** Whether a piece is being received, or the upload is ending. */
  busy = false;

  constructor(uploads: MemoryUploads, place: UploadPlace) {
    this.#uploads = uploads;
    this.#place = place;
  }

  get size(): number {
    return this.#size;
  }

  append(
    body: AsyncIterable<Uint8Array>,
    { offset = this.#size, signal }: Cancellable & { offset?: number } = {},
  ): Promise<number> {
    return this.#alone(async () => {
      if (offset !== this.#size) throw uploadInvalid(this.id, offset, this.#size);
      for await (const chunk of body) {
        if (signal?.aborted) throw interrupted(signal);
        if (this.#ended) throw uploadUnknown(this.id);
        this.#uploads.grow(chunk.byteLength);
        this.#chunks.push(chunk);
        this.#size += chunk.byteLength;
      }
      return this.#size;
    });
  }

  commit(digest: Digest): Promise<Descriptor> {
    return this.#alone(async () => {
      const digester = createDigester(parseDigest(digest).algorithm, { size: this.#size });
      for (const chunk of this.#chunks) await digester.update(chunk);
      const actual = await digester.digest();
      this.forget();
      if (actual !== digest) throw wrongBytes(`blob ${digest}`, actual);
      this.#place.keep(digest, { size: this.#size, chunks: this.#chunks });
      return { mediaType: "application/octet-stream", digest, size: this.#size };
    });
  }

  async cancel(): Promise<void> {
    this.forget();
  }

  forget(): void {
    this.#ended = true;
    this.#uploads.end(this);
    this.#place.forget(this.id);
  }

  async #alone<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#ended) throw uploadUnknown(this.id);
    if (this.busy) throw uploadBusy(this.id);
    this.busy = true;
    this.#uploads.used(this);
    try {
      return await work();
    } finally {
      this.busy = false;
      if (!this.#ended) this.#uploads.used(this);
    }
  }
}
