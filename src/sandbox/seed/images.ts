/** The images that a seed names, brought together and described once, however many repositories hold them. */
import type { Descriptor, Digest } from "../../reference/descriptor.ts";
import { parseManifest } from "../../reference/manifest.ts";
import { createMemoryRepository } from "../../store/memory.ts";
import type { Repository } from "../../store/store.ts";
import { describe, type DescribedImage } from "../registry/describe.ts";
import type { State } from "../state/state.ts";
import { readBlob, store, storeImage } from "../state/stored.ts";
import { ownImage } from "./own.ts";
import type { Ready } from "./ready.ts";

/** A manifest as the table of manifests has it. */
export interface ManifestRow {
  readonly descriptor: Descriptor;
  readonly contentType: string;
  /** JSON. */
  readonly images: string;
  readonly blobs: string;
}

export interface SeedImage {
  readonly root: Digest;
  /** What is listed stands before what lists it. */
  readonly rows: readonly ManifestRow[];
  readonly blobs: readonly Descriptor[];
}

/** Pushes an image that a seed names by a location into a repository. @returns digest of what was named */
export type Fetch = (location: string, target: Repository) => Promise<Digest>;

/** Where images lie until they are written into the state. */
export class Dock {
  readonly #repository = createMemoryRepository();
  readonly #images = new Map<string, SeedImage>();
  readonly #fetch: Fetch | undefined;

  /** @param fetch for images that are not ours */
  constructor(fetch?: Fetch) {
    this.#fetch = fetch;
  }

  get(name: string): SeedImage {
    return this.#images.get(name)!;
  }

  /** @param name of one of ours, or a location that `fetch` knows */
  async bring(name: string): Promise<void> {
    if (this.#images.has(name)) return;
    if (!ownImage.test(name)) return this.#keep(name, await this.#fetch!(name, this.#repository));
    const { ready } = await import("./ready.ts");
    const { images } = ready();
    if (Object.hasOwn(images, name)) this.#images.set(name, images[name]!);
    else await this.build(name);
  }

  /** Builds one of ours. */
  async build(name: string): Promise<void> {
    const { pushHello } = await import("./hello.ts");
    const [, ours, version = "1.0"] = ownImage.exec(name) ?? [];
    const attested = ours === "hello";
    await this.#keep(name, await pushHello(this.#repository, version, { attested }));
  }

  async #keep(name: string, root: Digest): Promise<void> {
    this.#images.set(name, await this.#inventory(root));
  }

  /** Manifests and blobs of all images. @param known bytes that need not be here */
  async contents(known: Ready["contents"] = {}): Promise<ReadonlyMap<Digest, Uint8Array>> {
    const contents = new Map<Digest, Uint8Array>();
    const add = async (digest: Digest, read: () => Promise<Uint8Array>) => {
      if (contents.has(digest)) return;
      const bytes = known[digest];
      contents.set(digest, bytes === undefined ? await read() : Buffer.from(bytes, "latin1"));
    };
    for (const { rows, blobs } of this.#images.values()) {
      for (const { descriptor } of rows)
        await add(
          descriptor.digest,
          async () => (await this.#repository.fetchManifest(descriptor.digest)).bytes,
        );
      for (const blob of blobs) await add(blob.digest, () => this.#read(blob));
    }
    return contents;
  }

  /** @returns what writes all of it into a state */
  async write(state: State): Promise<() => void> {
    const known = this.#images.size > 0 ? (await import("./ready.ts")).ready().contents : {};
    const contents = await this.contents(known);
    return () => {
      for (const [digest, bytes] of contents) store(state, digest, bytes);
      for (const { root, rows, blobs } of this.#images.values())
        storeImage(state, root, { manifests: rows.map(({ descriptor }) => descriptor), blobs });
    };
  }

  async #read(blob: Descriptor): Promise<Uint8Array> {
    return readBlob(this.#repository, blob);
  }

  async #inventory(root: Digest): Promise<SeedImage> {
    const rows = new Map<Digest, ManifestRow>();
    const blobs = new Map<Digest, Descriptor>();
    const look = async (digest: Digest): Promise<void> => {
      if (rows.has(digest)) return;
      const { bytes, descriptor } = await this.#repository.fetchManifest(digest);
      const manifest = parseManifest(bytes, descriptor.mediaType);
      if (manifest.kind === "index")
        for (const child of manifest.manifests)
          // An archive may leave out what its index lists.
          if (await this.#has(child.digest)) await look(child.digest);
      if (manifest.kind === "image")
        for (const { mediaType, digest, size } of [manifest.config, ...manifest.layers])
          blobs.set(digest, { mediaType, digest, size });
      const known = (child: string) =>
        JSON.parse(rows.get(child)?.images ?? "[]") as DescribedImage[];
      const described = await describe(this.#repository, digest, known);
      rows.set(digest, {
        descriptor,
        contentType: described.contentType,
        images: JSON.stringify(described.images),
        blobs: JSON.stringify(described.blobs),
      });
      for await (const referrer of this.#repository.listReferrers(digest))
        await look(referrer.digest);
    };
    await look(root);
    return { root, rows: [...rows.values()], blobs: [...blobs.values()] };
  }

  async #has(digest: Digest): Promise<boolean> {
    return this.#repository.resolve(digest).then(
      () => true,
      () => false,
    );
  }
}
