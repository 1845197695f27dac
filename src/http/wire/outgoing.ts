/** A request's body on its way out: with backpressure, and watched for a peer that stops reading. */
import type { Socket } from "node:net";
import { WharfError } from "../../errors.ts";
import type { Bytes } from "../bytes.ts";
import { Failure } from "../failure.ts";

/** Bytes written at once: what a slow peer takes well within an idle time-out. */
const pieceSize = 256 * 1024;
/** Pieces on their way at once, so that the socket never waits for us. */
const depth = 3;

export interface OutgoingOptions {
  /** Bytes announced as Content-Length; without them the body goes in chunks. */
  readonly size?: number;
  /** Milliseconds that the peer may take nothing. */
  readonly idleTimeout: number;
}

export class Outgoing {
  readonly #socket: Socket;
  readonly #options: OutgoingOptions;
  /** Pieces whose writing is not finished. */
  #pending = 0;
  #wake: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  readonly #onStall: (failure: Failure) => void;

  /** @param onStall called when the peer takes nothing for too long */
  constructor(socket: Socket, options: OutgoingOptions, onStall: (failure: Failure) => void) {
    this.#socket = socket;
    this.#options = options;
    this.#onStall = onStall;
  }

  /**
   * Writes the head, then the body as its source gives it.
   * @returns whether all of it was written; false where it was stopped
   * @throws WharfError SIZE_MISMATCH, or whatever the source throws
   */
  async send(head: string, body: Bytes): Promise<boolean> {
    try {
      this.#socket.write(head, "latin1");
      await this.#sendAll(body);
      while (this.#pending > 0 && !this.#stopped) await this.#progress();
      return !this.#stopped;
    } finally {
      clearTimeout(this.#timer);
    }
  }

  /** Writes no more; `send` ends soon. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#wake?.();
  }

  async #sendAll(body: Bytes): Promise<void> {
    const { size } = this.#options;
    let sent = 0;
    for await (const chunk of body) {
      if (this.#stopped) return;
      if (chunk.length === 0) continue;
      sent += chunk.length;
      if (size !== undefined && sent > size) throw mismatch(size, `${sent} or more`);
      await this.#write(chunk, body);
    }
    if (this.#stopped) return;
    if (size === undefined) this.#socket.write("0\r\n\r\n", "latin1");
    else if (sent < size) throw mismatch(size, String(sent));
  }

  async #write(chunk: Uint8Array, body: Bytes): Promise<void> {
    const chunked = this.#options.size === undefined;
    let left = Math.ceil(chunk.length / pieceSize);
    for (let at = 0; at < chunk.length; at += pieceSize) {
      while (this.#pending >= depth && !this.#stopped) await this.#progress();
      if (this.#stopped) return;
      const piece = chunk.subarray(at, at + pieceSize);
      this.#pending += 1;
      this.#watch();
      if (chunked) {
        this.#socket.cork();
        this.#socket.write(`${piece.length.toString(16)}\r\n`, "latin1");
      }
      this.#socket.write(piece, (error) => {
        this.#pending -= 1;
        left -= 1;
        if (left === 0 && !error) body.recycle?.(chunk);
        if (this.#pending > 0 && !error) this.#timer?.refresh();
        this.#wake?.();
      });
      if (chunked) {
        this.#socket.write("\r\n", "latin1");
        this.#socket.uncork();
      }
    }
  }

  #progress(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = undefined;
        resolve();
      };
    });
  }

  #watch(): void {
    if (this.#timer) {
      if (this.#pending === 1) this.#timer.refresh();
      return;
    }
    const { idleTimeout } = this.#options;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      // Nothing on its way: it is the source that is slow, which has a time-out of its own.
      if (this.#pending === 0 || this.#stopped) return;
      this.#onStall(new Failure("TIMEOUT", `host has read nothing for ${idleTimeout / 1000} s`));
    }, idleTimeout);
  }
}

function mismatch(size: number, sent: string): WharfError {
  return new WharfError("SIZE_MISMATCH", `Body to send has ${sent} bytes in place of ${size}`);
}
