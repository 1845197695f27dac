/** A blob's bytes, read on after each cut: distribution-spec 1.1, "Pulling blobs"; RFC 9110, section 14. */
import { WharfError } from "../errors.ts";
import { responseError } from "../http/errors.ts";
import type { HttpResponse } from "../http/http.ts";
import { redactUrl } from "../http/redact.ts";
import type { Descriptor } from "../reference/descriptor.ts";
import type { Bytes, Cancellable, Range } from "../store/store.ts";
import { blobPath } from "./blobs.ts";
import { type Connection, invalid, pulling } from "./connection.ts";
import { isCurable } from "./patience.ts";

/** Bytes of a blob from a registry. */
export interface BlobBytes extends Bytes {
  /** Whether the registry sends ranges: it answered a range that was asked for with nothing else (206). */
  readonly ranged: boolean;
}

/** From this size on, bodies take the lane for bulk. */
const bulkSize = 1024 * 1024;

/**
 * Opens a blob, or a part of it. A connection that breaks or stops is replaced, and the bytes go on where they ended.
 * The digest is not checked here; the size is.
 *
 * @throws WharfError BLOB_NOT_FOUND; while it is read SIZE_MISMATCH where the blob has another size than its descriptor
 */
export async function openBlob(
  connection: Connection,
  name: string,
  descriptor: Descriptor,
  options: Range & Cancellable = {},
): Promise<BlobBytes> {
  const stream = new BlobStream(connection, name, descriptor, options);
  await stream.begin();
  return stream;
}

class BlobStream implements BlobBytes {
  readonly #connection: Connection;
  readonly #name: string;
  readonly #descriptor: Descriptor;
  readonly #signal: AbortSignal | undefined;
  /** Whether the caller wants a part, so that what follows its end is no surprise. */
  readonly #part: boolean;
  /** Of the next byte to be handed on. */
  #position: number;
  /** After the last one. */
  readonly #end: number;
  #response: HttpResponse | undefined;
  /** Where the bytes of `#response` end. */
  #sent = 0;
  /** Bytes of `#response` that come before `#position`. */
  #ahead = 0;
  #tag: { origin: string; value: string } | undefined;
  ranged = false;

  constructor(
    connection: Connection,
    name: string,
    descriptor: Descriptor,
    { offset, length, signal }: Range & Cancellable,
  ) {
    const { size } = descriptor;
    this.#connection = connection;
    this.#name = name;
    this.#descriptor = descriptor;
    this.#signal = signal;
    this.#part = (offset !== undefined && offset > 0) || length !== undefined;
    this.#position = Math.min(offset ?? 0, size);
    this.#end = Math.min(size, this.#position + (length ?? Infinity));
  }

  recycle(chunk: Uint8Array): void {
    this.#response?.body.recycle?.(chunk);
  }

  /** Sends the first request, so that what is not there is known before anything is read. */
  async begin(): Promise<void> {
    if (this.#part && this.#position === this.#end) return;
    this.#response = await this.#request();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    const patience = this.#connection.patience();
    while (this.#response) {
      let failure: unknown = this.#error("CONNECTION_FAILED", "the body ended too early");
      try {
        for await (const chunk of this.#response.body) {
          const wanted = this.#clip(chunk);
          if (!wanted) continue;
          this.#position += wanted.byteLength;
          patience.gained();
          yield wanted;
          // The rest of a whole blob is not waited for.
          if (this.#position === this.#end && this.#end < this.#sent) return;
        }
      } catch (error) {
        if (!isCurable(error)) throw error;
        failure = error;
      }
      if (this.#position === this.#end) return;
      await patience.failed(failure, this.#signal);
      this.#response = await this.#request();
    }
  }

  /** What of a chunk is to be handed on, if anything. */
  #clip(chunk: Uint8Array): Uint8Array | undefined {
    if (this.#ahead >= chunk.byteLength) {
      this.#ahead -= chunk.byteLength;
      return undefined;
    }
    const rest = this.#ahead === 0 ? chunk : chunk.subarray(this.#ahead);
    this.#ahead = 0;
    const room = this.#end - this.#position;
    if (rest.byteLength <= room) return rest;
    if (!this.#part) throw this.#error("SIZE_MISMATCH", "the registry sends more than that");
    return rest.subarray(0, room);
  }

  async #request(): Promise<HttpResponse> {
    const rest = this.#end - this.#position;
    const ask = this.#part || this.#position > 0;
    const response = await this.#connection.request({
      method: "GET",
      path: blobPath(this.#name, this.#descriptor.digest),
      headers: {
        // Ranges and sizes count the blob's own bytes.
        "accept-encoding": "identity",
        ...(ask && { range: `bytes=${this.#position}-${this.#end - 1}` }),
      },
      scopes: pulling(this.#name),
      bulk: rest >= bulkSize,
      ...(this.#signal && { signal: this.#signal }),
    });
    try {
      await this.#check(response);
    } catch (error) {
      await response.discard();
      throw error;
    }
    return response;
  }

  /** Makes sure that an answer's bytes are those asked for. */
  async #check(response: HttpResponse): Promise<void> {
    const { status, headers, url } = response;
    const { size } = this.#descriptor;
    if (status === 416)
      throw this.#error("SIZE_MISMATCH", `the registry has no byte ${this.#position}`);
    if (status === 206) {
      const range = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/.exec(
        headers.get("content-range") ?? "",
      );
      if (!range) throw invalid(response, "the answer to a range does not say which one it is");
      if (Number(range[1]) !== this.#position || Number(range[2]) >= this.#end) {
        throw invalid(
          response,
          `bytes ${this.#position}-${this.#end - 1} were asked for, ${range[1]}-${range[2]} came`,
        );
      }
      if (range[3] !== "*" && Number(range[3]) !== size) {
        throw this.#error("SIZE_MISMATCH", `the registry has ${range[3]}`);
      }
      this.ranged = true;
      this.#ahead = 0;
      this.#sent = Number(range[2]) + 1;
    } else if (status === 200) {
      const length = headers.get("content-length");
      if (length !== undefined && Number(length) !== size) {
        throw this.#error("SIZE_MISMATCH", `the registry has ${length}`);
      }
      this.#ahead = this.#position;
      this.#sent = size;
    } else {
      throw await responseError(response, { code404: "BLOB_NOT_FOUND" });
    }
    const tag = headers.get("etag");
    if (tag === undefined || tag.startsWith("W/")) return;
    if (this.#tag?.origin === url.origin && this.#tag.value !== tag) {
      throw invalid(response, "the blob was replaced while it was being read");
    }
    this.#tag = { origin: url.origin, value: tag };
  }

  #error(code: "SIZE_MISMATCH" | "CONNECTION_FAILED", what: string): WharfError {
    const { digest, size } = this.#descriptor;
    const url = new URL(`v2/${blobPath(this.#name, digest)}`, this.#connection.base);
    const promised = code === "SIZE_MISMATCH" ? `its descriptor promises ${size} bytes, ` : "";
    return new WharfError(code, `GET ${redactUrl(url)}: ${promised}${what}`);
  }
}
