/** One file or folder into a store: read once and hashed once where the store allows it. */
import type { FileHandle } from "node:fs/promises";

import { isError, WharfError } from "../../errors.ts";
import type { Cancellable } from "../../http/bytes.ts";
import type { Descriptor, Digest } from "../../reference/descriptor.ts";
import { readRange, spool } from "../../store/archive/file.ts";
import { createDigester } from "../../store/digester.ts";
import { streamSource } from "../../store/sources.ts";
import type { BlobSource, PushOptions, Target } from "../../store/store.ts";
import { Batch } from "../../transfer/batch.ts";
import { Presence } from "../../transfer/presence.ts";
import type { FileEvent, OnFile } from "./event.ts";
import type { Prepared } from "./files.ts";
import { packFolder } from "./pack.ts";
import { annotationKeys } from "./terms.ts";

/** Where an artifact can be pushed. */
export type ArtifactTarget = Pick<Target, "statBlob" | "pushBlob" | "pushManifest"> &
  Partial<StreamPusher>;

/** A store that hashes what it is given while it takes it. */
interface StreamPusher {
  pushStream(
    source: BlobSource,
    options?: Cancellable & PushOptions & { readonly digest?: () => Promise<Digest> },
  ): Promise<Descriptor>;
}

export interface DeliverOptions {
  readonly signal: AbortSignal;
  /** Time of the entries of folders, in seconds since 1970. */
  readonly epoch?: number;
  readonly onEvent?: OnFile;
}

/**
 * Bytes from which a file is sent while it is hashed. Hashing first takes a smaller one a tenth of a second, and then
 * nothing is sent that is there.
 */
const largeSize = 64 << 20;

type Bare = Pick<Descriptor, "digest" | "size">;

/** The way of files into one target. */
export class Delivery {
  readonly #target: ArtifactTarget;
  readonly #options: DeliverOptions;
  /** A registry is a journey away: what it has is not sent, and what it refuses is known before it is packed. */
  readonly #remote: boolean;
  readonly #presence: Presence;
  readonly #sent = new Map<Digest, Promise<"exists" | "copied">>();

  constructor(target: ArtifactTarget, options: DeliverOptions) {
    this.#target = target;
    this.#options = options;
    this.#remote = "registry" in target;
    this.#presence = new Presence(!this.#remote);
  }

  /** Makes sure that the target has the file. @returns its descriptor */
  async deliver(file: Prepared): Promise<Descriptor> {
    try {
      return file.kind === "folder" ? await this.#folder(file) : await this.#file(file);
    } catch (error) {
      throw changed(error, file);
    }
  }

  /** Makes sure that the target has bytes whose digest is known. */
  async bytes(descriptor: Descriptor, source: BlobSource): Promise<void> {
    await this.#once(descriptor, source, () => {});
  }

  async #folder(file: Prepared): Promise<Descriptor> {
    const { epoch, signal } = this.#options;
    const tell = this.#teller(file);
    const pack = packFolder(file.path!, file.title, {
      signal,
      ...(epoch !== undefined && { epoch }),
      // Where it is stored while it is packed, that is progress enough.
      ...(!this.#writesStreams && { onProgress: (bytes: number) => tell("packing", bytes) }),
    });
    const stored = await this.#stream(file, streamSource(pack.bytes));
    return describe(file, stored, {
      [annotationKeys.contentDigest]: pack.contentDigest(),
      [annotationKeys.unpack]: "true",
    });
  }

  async #file(file: Prepared): Promise<Descriptor> {
    const source = file.source!;
    const { size } = source;
    if (!source.replayable || size === undefined || this.#writesStreams) {
      return describe(file, await this.#stream(file, source));
    }
    if (this.#target.pushStream && size >= largeSize) {
      return describe(file, await this.#sendAndHash(file, source, size));
    }
    const digest = await hash(source, size, this.#options.signal);
    const tell = this.#teller(file);
    tell(await this.#once({ digest, size }, source, tell), size, size);
    return describe(file, { digest, size });
  }

  /** A store on this machine takes bytes as they come, and hashes them anyway. */
  get #writesStreams(): boolean {
    return !this.#remote && this.#target.pushStream !== undefined;
  }

  /** Bytes that can be read once. */
  async #stream(file: Prepared, source: BlobSource): Promise<Bare> {
    const tell = this.#teller(file);
    const { signal } = this.#options;
    if (this.#writesStreams) {
      const stored = await this.#target.pushStream!(source, {
        signal,
        onProgress: (bytes) => tell("progress", bytes),
      });
      tell("copied", stored.size, stored.size);
      return stored;
    }
    // Elsewhere they go by way of a file, so that a cut costs nothing and what is there is not sent.
    const { file: handle, digest, size } = await spoolHashed(source, signal);
    try {
      const again = rangeSource(handle, size, file.name);
      tell(await this.#once({ digest, size }, again, tell), size, size);
      return { digest, size };
    } finally {
      await handle.close();
    }
  }

  /** Sends a large file while it is hashed; if the hash shows that the target has it, the rest stays. */
  async #sendAndHash(file: Prepared, source: BlobSource, size: number): Promise<Bare> {
    const tell = this.#teller(file);
    const batch = new Batch(this.#options.signal);
    const { signal } = batch;
    const hashing = hash(source, size, signal);
    let sent = 0;
    let found: Descriptor | undefined;
    const look = async () => {
      const digest = await hashing;
      if (sent < size / 2) found = await this.#target.statBlob(digest, { signal });
    };
    const digest = async () => {
      const known = await hashing;
      if (found) throw new WharfError("INTERRUPTED", "The target has the blob already");
      return known;
    };
    const send = async () => {
      const cut = endedBy(source, () => found !== undefined);
      const onProgress = (bytes: number) => tell("progress", (sent = bytes), size);
      try {
        await this.#target.pushStream!(cut, { signal, digest, onProgress });
      } catch (error) {
        if (!found) throw error;
      }
    };
    try {
      await batch.all([send(), look()]);
    } finally {
      batch.close();
    }
    tell(found ? "exists" : "copied", size, size);
    return { digest: await hashing, size };
  }

  /** Sends bytes of a known digest unless the target has them; the same of two files go once. */
  #once(bare: Bare, source: BlobSource, tell: Tell): Promise<"exists" | "copied"> {
    const { digest } = bare;
    const running = this.#sent.get(digest);
    if (running) return running.then(() => "exists");
    const sending = this.#send(bare, source, tell);
    this.#sent.set(digest, sending);
    return sending;
  }

  async #send({ digest, size }: Bare, source: BlobSource, tell: Tell) {
    const { signal } = this.#options;
    if (this.#presence.worthAsking(size)) {
      const found = await this.#target.statBlob(digest, { signal });
      this.#presence.learn(found !== undefined);
      if (found !== undefined) return "exists";
    }
    const descriptor = { mediaType: "application/octet-stream", digest, size };
    const onProgress = (bytes: number) => tell("progress", bytes, size);
    await this.#target.pushBlob(descriptor, source, { signal, onProgress });
    return "copied";
  }

  #teller({ title, size = -1, silent }: Prepared): Tell {
    const onEvent = silent ? undefined : this.#options.onEvent;
    return (state, bytes, whole = size) =>
      onEvent?.({ type: "file", state, title, size: whole, bytes });
  }
}

type Tell = (state: FileEvent["state"], bytes: number, whole?: number) => void;

/**
 * A source that ends early once the rest of its bytes is not wanted. It does not say its size, so that the request under way
 * can end too: after one that is broken off, distribution does not let go of the upload.
 */
function endedBy({ open }: BlobSource, isOver: () => boolean): BlobSource {
  return {
    replayable: true,
    async open(offset, options) {
      const body = await open(offset, options);
      async function* chunks(): AsyncGenerator<Uint8Array, void, undefined> {
        for await (const chunk of body) {
          if (isOver()) return;
          yield chunk;
        }
      }
      const generator = chunks();
      return {
        [Symbol.asyncIterator]: () => generator,
        recycle: (chunk) => body.recycle?.(chunk),
      };
    },
  };
}

function describe(file: Prepared, { digest, size }: Bare, more = {}): Descriptor {
  const annotations = { ...more, ...file.annotations };
  const some = Object.keys(annotations).length > 0;
  return { mediaType: file.mediaType, digest, size, ...(some && { annotations }) };
}

async function hash(source: BlobSource, size: number, signal: AbortSignal): Promise<Digest> {
  const digester = createDigester("sha256", { size });
  try {
    const body = await source.open(0, { signal });
    for await (const chunk of body) {
      await digester.update(chunk);
      body.recycle?.(chunk);
    }
    if (digester.size !== size) throw new WharfError("SIZE_MISMATCH", "The file has another size");
    return await digester.digest();
  } finally {
    digester.dispose();
  }
}

async function spoolHashed(source: BlobSource, signal: AbortSignal) {
  const digester = createDigester("sha256");
  async function* hashed(): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const chunk of await source.open(0, { signal })) {
      await digester.update(chunk);
      yield chunk;
    }
  }
  try {
    const { file, size } = await spool(hashed(), { signal });
    return { file, size, digest: await digester.digest() };
  } finally {
    digester.dispose();
  }
}

function rangeSource(file: FileHandle, size: number, subject: string): BlobSource {
  return {
    size,
    replayable: true,
    open: async (offset, options) =>
      readRange(file, offset, size - offset, { ...options, subject }),
  };
}

/** What a store finds wrong with the bytes of a file is that somebody writes to it, or else that they were damaged. */
function changed(error: unknown, { kind, name }: Prepared): unknown {
  if (!isError(error, "SIZE_MISMATCH", "DIGEST_MISMATCH") || kind === "stream") return error;
  if (error.message.startsWith(name)) return error;
  return new WharfError(
    error.code,
    `${name}: changed while it was pushed, or was damaged on the way`,
    { ...error.details, cause: error, hint: "Push it again once nobody writes to it." },
  );
}
