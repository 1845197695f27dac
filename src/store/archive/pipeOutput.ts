/** An archive down a pipe: strictly one member after another. */
import { open, type FileHandle } from "node:fs/promises";
import type { Writable } from "node:stream";
import { finished } from "node:stream/promises";

import { interrupted, WharfError } from "../../errors.ts";
import type { Bytes, Cancellable } from "../../http/bytes.ts";
import { diskError, failedWith } from "../disk/failure.ts";
import { createTarWriter } from "../tar/writer.ts";
import { readRange, spool } from "./file.ts";
import { Line } from "./line.ts";
import { nameOf, type NewMember, type Output } from "./output.ts";

/**
 * Writes to a stream.
 *
 * What is sent can't be taken back, so a member goes straight through only where its size is known and nobody was
 * before it; the others wait in temporary files. Where one that goes straight through fails, the archive is spoilt:
 * everything after fails too, and whoever reads misses the archive's end.
 *
 * @param subject what the stream is, for messages
 */
export function createPipeOutput(
  pipe: Writable,
  subject: string,
  options: PipeOptions = {},
): Output {
  return new PipeOutput(pipe, subject, options);
}

export interface PipeOptions {
  /** Whether the stream is to be ended with the archive. @default false */
  readonly ours?: boolean;
  /**
   * Whether the stream has done with a chunk when it answers a write, so that the memory may serve again; a `PassThrough`
   * for one has not. @default false
   */
  readonly prompt?: boolean;
}

/** Opens what is neither a file nor a folder, such as a named pipe. */
export async function openDevice(path: string): Promise<Output> {
  const file = await open(path, "w").catch((error: unknown) => {
    throw diskError(error, path);
  });
  return createPipeOutput(file.createWriteStream(), path, { ours: true, prompt: true });
}

class PipeOutput implements Output {
  readonly #pipe: Writable;
  readonly #subject: string;
  readonly #line = new Line();
  readonly #tar = createTarWriter((chunk) => this.#send(chunk));
  readonly #ours: boolean;
  readonly #prompt: boolean;
  #fault: unknown;
  #wake = (): void => {};

  constructor(pipe: Writable, subject: string, { ours = false, prompt = false }: PipeOptions) {
    this.#pipe = pipe;
    this.#subject = subject;
    this.#ours = ours;
    this.#prompt = prompt;
    pipe.on("error", this.#onError);
    pipe.on("close", this.#onClose);
  }

  readonly #onError = (error: Error): void => this.#fail(this.#broken(error));
  readonly #onClose = (): void => this.#fail(this.#broken());

  async add(member: NewMember, { signal }: Cancellable = {}): Promise<void> {
    const place = this.#line.enter();
    let spooled: { file: FileHandle; size: number } | undefined;
    try {
      if (member.size === undefined || !place.first) {
        spooled = await spool(await member.open(), { ...(signal && { signal }) });
      }
      await place.turn(signal);
      if (this.#fault) throw this.#fault;
      const name = nameOf(member);
      const size = spooled?.size ?? member.size;
      if (name === undefined || size === undefined) return;
      const body = spooled ? readRange(spooled.file, 0, size) : await member.open();
      await this.#entry(name, size, body, signal);
    } finally {
      place.leave();
      await spooled?.file.close();
    }
  }

  async #entry(name: string, size: number, body: Bytes, signal?: AbortSignal): Promise<void> {
    const onAbort = (): void => this.#fail(interrupted(signal));
    signal?.addEventListener("abort", onAbort);
    try {
      await this.#tar.entry({ name, size }, this.#prompt ? body : withoutRecycling(body));
    } catch (error) {
      this.#fail(error);
      throw error;
    } finally {
      signal?.removeEventListener("abort", onAbort);
    }
  }

  /** Sends a chunk and waits until the stream wants more. */
  async #send(chunk: Uint8Array): Promise<void> {
    if (this.#fault) throw this.#fault;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      this.#pipe.write(chunk, () => resolve());
    });
    // Of an error the stream tells by its event, perhaps only after it has answered the write.
    if (this.#pipe.destroyed || this.#pipe.errored) this.#fail(this.#broken(this.#pipe.errored));
    if (this.#fault) throw this.#fault;
  }

  async finish(): Promise<void> {
    const place = this.#line.enter();
    try {
      await place.turn();
      await this.#tar.finish();
    } finally {
      place.leave();
    }
    this.#pipe.off("close", this.#onClose);
    this.#pipe.off("error", this.#onError);
    if (this.#ours) await finished(this.#pipe.end());
  }

  async abort(): Promise<void> {
    this.#fail(new WharfError("INTERRUPTED", `${this.#subject}: the archive was given up`));
    if (this.#ours) this.#pipe.destroy();
  }

  #fail(fault: unknown): void {
    this.#fault ??= fault;
    this.#wake();
  }

  #broken(error?: Error | null): WharfError {
    if (error instanceof WharfError) return error;
    if (failedWith(error, "ENOSPC", "EDQUOT")) return diskError(error, this.#subject);
    const gone = failedWith(error, "EPIPE");
    const why = gone ? "its reader has gone" : (error?.message ?? "it was closed");
    return new WharfError("FILE_FAILED", `${this.#subject}: cannot be written, ${why}`, {
      cause: error,
    });
  }
}

async function* withoutRecycling(body: Bytes): AsyncGenerator<Uint8Array, void, undefined> {
  yield* body;
}
