/** Bodies in HTTP chunks (RFC 9112, section 7.1), decoded as they come. */
import { malformed } from "./head.ts";

/** Longest line with a chunk's size; extensions are read and ignored. */
const lineLimit = 4096;
/** Bytes of all trailer fields; they are read and ignored. */
const trailerLimit = 16 * 1024;

type State = "size" | "data" | "data-end" | "trailer" | "done";

export class ChunkDecoder {
  #state: State = "size";
  #line = "";
  #left = 0;
  #trailers = 0;

  get done(): boolean {
    return this.#state === "done";
  }

  /**
   * Takes bytes and hands on what they hold of the body.
   * @returns how many of the bytes belong to the body; fewer than there are only when it is done
   * @throws Failure CONNECTION_FAILED where they are no chunks
   */
  take(bytes: Uint8Array, onPayload: (payload: Uint8Array) => void): number {
    let at = 0;
    while (at < bytes.length && this.#state !== "done") {
      if (this.#state === "data") {
        const payload = bytes.subarray(at, at + this.#left);
        at += payload.length;
        this.#left -= payload.length;
        if (this.#left === 0) this.#state = "data-end";
        onPayload(payload);
        continue;
      }
      const newline = bytes.indexOf(10, at);
      const end = newline < 0 ? bytes.length : newline + 1;
      if (this.#line.length + end - at > lineLimit) throw malformed("chunk");
      this.#line += Buffer.from(bytes.buffer, bytes.byteOffset + at, end - at).toString("latin1");
      at = end;
      if (newline >= 0) this.#endLine();
    }
    return at;
  }

  #endLine(): void {
    if (!this.#line.endsWith("\r\n")) throw malformed("chunk");
    const line = this.#line.slice(0, -2);
    this.#line = "";
    if (this.#state === "size") {
      const size = /^([0-9a-fA-F]{1,12})(?:[\t ]*;[\t\x20-\x7e\x80-\xff]*)?$/.exec(line)?.[1];
      if (size === undefined) throw malformed("chunk size");
      this.#left = Number.parseInt(size, 16);
      this.#state = this.#left === 0 ? "trailer" : "data";
    } else if (this.#state === "data-end") {
      if (line !== "") throw malformed("chunk");
      this.#state = "size";
    } else {
      this.#trailers += line.length + 2;
      if (this.#trailers > trailerLimit) throw malformed("trailer");
      if (line === "") this.#state = "done";
    }
  }
}
