/** The blobs of a docker archive that is being written: layers uncompressed and each once, configurations kept for later. */
import { WharfError } from "../../errors.ts";
import type { Bytes } from "../../http/bytes.ts";
import type { Descriptor, Digest } from "../../reference/descriptor.ts";
import { parseDigest } from "../../reference/digest.ts";
import { createDigester } from "../digester.ts";
import type { BlobSource, Cancellable, PushOptions } from "../store.ts";
import { decompressed } from "./compression.ts";
import { configLimit } from "./dockerImage.ts";
import type { Output } from "./output.ts";
import { Once, openChecked } from "./target.ts";

/** What was pushed: a configuration, or a layer, which is in the archive under its diff id. `size` is the blob's. */
export type StoredBlob =
  | { readonly size: number; readonly config: Uint8Array }
  | { readonly size: number; readonly diffId: Digest };

/** The error for what docker's archives have no place for. */
export function noImage(subject: string, what: string): WharfError {
  return new WharfError("UNSUPPORTED", `${subject}: holds images only, and ${what}`, {
    hint: "Leave it out (--no-referrers), or write an oci-archive, which holds everything.",
  });
}

export function layerPath(diffId: Digest): string {
  return `${parseDigest(diffId).encoded}.tar`;
}

export class DockerBlobs {
  readonly #output: Output;
  readonly #subject: string;
  readonly #blobs = new Map<Digest, StoredBlob>();
  readonly #diffIds = new Set<Digest>();
  readonly #once = new Once();

  constructor(output: Output, subject: string) {
    this.#output = output;
    this.#subject = subject;
  }

  get(digest: Digest): StoredBlob | undefined {
    return this.#blobs.get(digest);
  }

  /** @throws WharfError UNSUPPORTED for what is neither a layer nor a configuration; DIGEST_MISMATCH, SIZE_MISMATCH */
  async push(
    descriptor: Descriptor,
    source: BlobSource,
    options: Cancellable & PushOptions,
  ): Promise<void> {
    const { digest, mediaType } = descriptor;
    parseDigest(digest);
    const role = roleOf(mediaType);
    if (role === undefined) throw noImage(this.#subject, `${digest} is of type ${mediaType}`);
    const isThere = (): boolean => this.#blobs.has(digest);
    await this.#once.run(digest, isThere, async () => {
      const stored = await (role === "config"
        ? this.#readConfig(descriptor, source, options)
        : this.#writeLayer(descriptor, source, options));
      this.#blobs.set(digest, stored);
    });
  }

  async #readConfig(
    descriptor: Descriptor,
    source: BlobSource,
    options: Cancellable & PushOptions,
  ): Promise<StoredBlob> {
    const { digest, size } = descriptor;
    if (size > configLimit) {
      const why = `configuration ${digest} has ${size} bytes; at most ${configLimit} are accepted`;
      throw new WharfError("UNSUPPORTED", `${this.#subject}: ${why}`);
    }
    const chunks: Uint8Array[] = [];
    for await (const chunk of await openChecked(descriptor, source, options)) chunks.push(chunk);
    return { size, config: Buffer.concat(chunks) };
  }

  async #writeLayer(
    descriptor: Descriptor,
    source: BlobSource,
    options: Cancellable & PushOptions,
  ): Promise<StoredBlob> {
    let diffId: Digest = "";
    let isNew = false;
    const name = (): string | undefined => {
      // Two blobs may be one layer, compressed in two ways.
      isNew = !this.#diffIds.has(diffId);
      this.#diffIds.add(diffId);
      return isNew ? layerPath(diffId) : undefined;
    };
    const open = async (): Promise<Bytes> => {
      const body = await openChecked(descriptor, source, options);
      const plain = await decompressed(body, `layer ${descriptor.digest}`);
      return hashed(plain.body, (found) => (diffId = found));
    };
    try {
      await this.#output.add({ name, open }, options);
    } catch (error) {
      if (isNew) this.#diffIds.delete(diffId);
      throw error;
    }
    return { size: descriptor.size, diffId };
  }
}

function roleOf(mediaType: string): "config" | "layer" | undefined {
  if (/[.+]encrypted$/.test(mediaType)) return undefined;
  if (/^application\/vnd\.(oci\.image\.config|docker\.container\.image)\./.test(mediaType)) {
    return "config";
  }
  const isLayer = /^application\/vnd\.(oci\.image\.layer|docker\.image\.rootfs)\./.test(mediaType);
  return isLayer ? "layer" : undefined;
}

/** Hands bytes on and tells their digest when they have all passed. */
async function* hashed(
  body: Bytes,
  tell: (digest: Digest) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  const digester = createDigester("sha256");
  try {
    for await (const chunk of body) {
      const taken = digester.update(chunk);
      if (taken !== undefined) await taken;
      yield chunk;
    }
    tell(await digester.digest());
  } finally {
    digester.dispose();
  }
}
