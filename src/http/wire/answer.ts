/** Bytes of a connection, read as one answer. Knows nothing of sockets. */
import { Failure } from "../failure.ts";
import type { Method } from "../http.ts";
import { ChunkDecoder } from "./chunked.ts";
import { headLimit, malformed, parseHead, type Head } from "./head.ts";

/** Takes the body. */
export interface BodySink {
  /** Copies a piece. */
  write(piece: Uint8Array): void;
  /** Memory of its own that bytes can be read into, where it has any. */
  room?(): Uint8Array | undefined;
  /** So many bytes were read into `room()`. */
  advance?(count: number): void;
}

const nothing = new Uint8Array(0);

export class AnswerReader {
  readonly #method: Method;
  readonly #onHead: (head: Head) => BodySink;
  /** Head that has not ended yet. */
  #pending: Uint8Array = nothing;
  #headBytes = 0;
  #head: Head | undefined;
  #sink: BodySink | undefined;
  #left = 0;
  #chunks: ChunkDecoder | undefined;
  #done = false;

  /** @param onHead called once, with the final head; gives what takes the body */
  constructor(method: Method, onHead: (head: Head) => BodySink) {
    this.#method = method;
    this.#onHead = onHead;
  }

  /** Whether any byte has come. */
  get begun(): boolean {
    return this.#headBytes > 0;
  }

  /** Whether the answer is complete. */
  get done(): boolean {
    return this.#done;
  }

  /** Where bytes can be read to without a copy: only inside a body of known length. */
  room(): Uint8Array | undefined {
    if (this.#done || this.#head?.framing.kind !== "length") return undefined;
    return this.#sink?.room?.();
  }

  /** So many bytes were read into `room()`. @throws Failure where they are too many */
  advance(count: number): void {
    if (count > this.#left) throw malformed("more than Content-Length");
    this.#left -= count;
    this.#sink?.advance?.(count);
    if (this.#left === 0) this.#done = true;
  }

  /**
   * Takes bytes, which stay the caller's.
   * @throws Failure CONNECTION_FAILED for what is no proper answer, or comes after its end
   */
  take(bytes: Uint8Array): void {
    let rest = bytes;
    while (!this.#head) {
      if (rest.length === 0) return;
      rest = this.#takeHead(rest);
    }
    if (rest.length > 0) this.#takeBody(rest, this.#head);
  }

  /** The peer has ended. @throws Failure unless that completes the answer */
  end(): void {
    if (this.#done) return;
    if (this.#head?.framing.kind === "close") {
      this.#done = true;
      return;
    }
    const message = this.#head
      ? "connection closed in the middle of the body"
      : "connection closed before the answer";
    throw new Failure("CONNECTION_FAILED", message);
  }

  #takeHead(bytes: Uint8Array): Uint8Array {
    this.#headBytes += bytes.length;
    const whole = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    const text = Buffer.from(whole.buffer, whole.byteOffset, whole.byteLength);
    const end = text.indexOf("\r\n\r\n", Math.max(0, this.#pending.length - 3), "latin1");
    if (end < 0) {
      if (this.#headBytes > headLimit) throw malformed("head too large");
      if (!looksLikeHttp(text)) throw malformed("no HTTP");
      this.#pending = whole === bytes ? Uint8Array.from(bytes) : whole;
      return nothing;
    }
    if (this.#headBytes - (text.length - end) > headLimit) throw malformed("head too large");
    const head = parseHead(text.toString("latin1", 0, end), this.#method);
    const rest = whole.subarray(end + 4);
    this.#headBytes -= rest.length;
    this.#pending = nothing;
    if (head.status === 101) throw malformed("101 without a wish for it");
    if (head.status < 200) return rest;
    this.#head = head;
    const { framing } = head;
    this.#done = framing.kind === "none";
    if (framing.kind === "length") this.#left = framing.length;
    if (framing.kind === "chunked") this.#chunks = new ChunkDecoder();
    this.#sink = this.#onHead(head);
    return rest;
  }

  #takeBody(bytes: Uint8Array, head: Head): void {
    const sink = this.#sink;
    if (!sink || this.#done) throw malformed("bytes after the answer");
    if (this.#chunks) {
      const used = this.#chunks.take(bytes, (payload) => sink.write(payload));
      if (this.#chunks.done) this.#done = true;
      if (used < bytes.length) throw malformed("bytes after the answer");
    } else if (head.framing.kind === "length") {
      const body = bytes.subarray(0, this.#left);
      this.#left -= body.length;
      if (this.#left === 0) this.#done = true;
      sink.write(body);
      if (body.length < bytes.length) throw malformed("more than Content-Length");
    } else {
      sink.write(bytes);
    }
  }
}

/** Tells at the first bytes what would never end in an empty line, such as another protocol's greeting. */
function looksLikeHttp(bytes: Buffer): boolean {
  const expected = "HTTP/1.";
  const start = bytes.toString("latin1", 0, expected.length);
  return expected.startsWith(start) || start.startsWith(expected);
}
