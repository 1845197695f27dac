/** What both kinds of archive are to who writes them. */
import type { Bytes } from "../../http/bytes.ts";
import type { Descriptor, Digest } from "../../reference/descriptor.ts";
import type { BlobSource, Cancellable, PushOptions, Target } from "../store.ts";
import { verified } from "../verified.ts";

/**
 * An archive that can be copied to. It begins empty, whatever was at its place before, and is there once `finish` is
 * over.
 */
export interface ArchiveTarget extends Target {
  /** True where only images fit in, each of one platform: no index, nothing that refers to an image. */
  readonly imagesOnly: boolean;
  /** Writes what is still missing and puts the archive in its place. */
  finish(): Promise<void>;
  /** Gives up and removes what was written. Harmless after `finish`. */
  abort(): Promise<void>;
}

/** Opens a blob's bytes to be stored: checked, and counted for the caller's progress. */
export async function openChecked(
  descriptor: Descriptor,
  source: BlobSource,
  { signal, onProgress }: Cancellable & PushOptions,
): Promise<Bytes> {
  const body = verified(descriptor, await source.open(0, { ...(signal && { signal }) }));
  if (!onProgress) return body;
  async function* counted(): AsyncGenerator<Uint8Array, void, undefined> {
    let taken = 0;
    for await (const chunk of body) {
      yield chunk;
      taken += chunk.byteLength;
      onProgress?.(taken);
    }
  }
  const chunks = counted();
  return { [Symbol.asyncIterator]: () => chunks, recycle: (chunk) => body.recycle?.(chunk) };
}

/** Pushes of the same digest at the same time: one works, the others wait and look again. */
export class Once {
  readonly #running = new Map<Digest, Promise<void>>();

  /** @param isDone whether there is nothing left to do */
  async run(digest: Digest, isDone: () => boolean, work: () => Promise<void>): Promise<void> {
    for (let running; !isDone() && (running = this.#running.get(digest));) {
      await running.catch(() => {});
    }
    if (isDone()) return;
    const running = work().finally(() => this.#running.delete(digest));
    this.#running.set(digest, running);
    await running;
  }
}
