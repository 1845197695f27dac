/** A repository of a registry as a store of blobs, which aliases give names. */
import { WharfError } from "../errors.ts";
import type { Cancellable } from "../http/bytes.ts";
import type { Digest } from "../reference/descriptor.ts";
import { digestOf } from "../reference/digest.ts";
import { parseManifest } from "../reference/manifest.ts";
import { removeManifest } from "../registry/manifests.ts";
import { RemoteRepository } from "../registry/repository.ts";
import type { Manifest } from "../store/store.ts";
import { aliasManifest } from "./aliasManifest.ts";
import {
  blobsOf,
  type ByPlatform,
  childFor,
  configOf,
  eachChild,
  type Leaf,
  type NamedBlob,
  readContents,
  readLeaf,
} from "./contents.ts";
import { mount } from "./mount.ts";
import { pulled, type PulledBlob, type PullOptions } from "./pulled.ts";
import { pushBlob, type PushBlobOptions } from "./push.ts";
import type { Pushable } from "./pushable.ts";
import { BlobRegistry, type BlobRegistryOptions, type ListOptions } from "./registry.ts";

/** An alias (or the digest of its manifest), or a manifest that is at hand already. */
export type AliasSource = string | { readonly manifest: string | Uint8Array };

/** Of which platform an alias is read, where it has several. */
export interface AliasOptions extends Cancellable {
  /** `OS/ARCHITECTURE[/VARIANT]`, as the index spells it. @default each platform that there is */
  readonly platform?: string | undefined;
}

type OnePlatform = AliasOptions & { readonly platform: string };

/**
 * Stores any bytes in a registry, finds them by their digest, and gives them names. What `dxf` has stored is found, and the
 * other way round.
 *
 * @example
 * const auth = (store, response) => store.authenticate({ username: "fred", password, response });
 * await using store = new BlobStore("registry.example.com", "fred/datalogger", { auth });
 * const digest = await store.pushBlob("logger.dat");
 * await store.setAlias("may15-readings", digest);
 * for await (const chunk of await store.pullBlob(digest)) process.stdout.write(chunk);
 */
export class BlobStore extends BlobRegistry {
  /** `fred/datalogger`: as it is given, nothing is put in front. */
  readonly repository: string;
  readonly #remote: RemoteRepository;

  /**
   * Nothing is sent yet.
   *
   * @param host `HOST[:PORT]`; or a registry, whose connections, token and `auth` are shared: `options` say nothing then
   * @throws WharfError REFERENCE_INVALID
   */
  constructor(
    host: string | BlobRegistry,
    repository: string,
    options: BlobRegistryOptions<BlobStore> = {},
  ) {
    const { auth, ...others } = options;
    super(host, { ...others, ...(auth && { auth: (_, refusal) => auth(this, refusal) }) });
    this.#remote = new RemoteRepository(this.connection, repository);
    this.repository = this.#remote.name;
  }

  protected override scopes(actions: readonly string[] | undefined) {
    if (actions === undefined || actions.length === 0) return super.scopes(actions);
    return [`repository:${this.repository}:${actions.join(",")}`];
  }

  /**
   * Stores a blob, unless the registry has it.
   *
   * @param what path of a file, bytes, or a stream of bytes
   * @returns its digest
   * @throws WharfError FILE_NOT_FOUND, FILE_FAILED, DIGEST_MISMATCH, SIZE_MISMATCH
   * @example
   * await store.pushBlob("logger.dat");
   * await store.pushBlob(await other.pullBlob(digest), { digest }); // from another registry, nothing on the disk
   */
  pushBlob(what: Pushable, options: PushBlobOptions = {}): Promise<Digest> {
    return pushBlob(this.#remote, what, options);
  }

  /**
   * Opens a blob. A cut connection is replaced and the bytes go on; after the last one the digest is checked.
   *
   * @param blob its digest, with its size where that is known
   * @throws WharfError BLOB_NOT_FOUND, DIGEST_INVALID; while it is read DIGEST_MISMATCH, SIZE_MISMATCH
   */
  async pullBlob(blob: Digest | NamedBlob, options: PullOptions = {}): Promise<PulledBlob> {
    const { signal } = options;
    const named = typeof blob === "string" ? { digest: blob } : blob;
    const size = named.size ?? (await this.blobSize(named.digest, signal && { signal }));
    return pulled(this.#remote, { digest: named.digest, size }, options);
  }

  /**
   * Bytes of a blob.
   * @throws WharfError BLOB_NOT_FOUND, DIGEST_INVALID
   */
  async blobSize(digest: Digest, options: Cancellable = {}): Promise<number> {
    const found = await this.#remote.statBlob(digest, options);
    if (found) return found.size;
    throw new WharfError("BLOB_NOT_FOUND", `${this.host}/${this.repository} has no blob ${digest}`);
  }

  /**
   * Takes a blob over from another repository of the registry; no bytes move.
   * @returns its digest
   * @throws WharfError UNSUPPORTED where the registry declines, as it does where the blob is not there
   */
  async mountBlob(from: string, digest: Digest, options: Cancellable = {}): Promise<Digest> {
    await mount(this.connection, this.repository, digest, from, options);
    return digest;
  }

  /** @throws WharfError BLOB_NOT_FOUND, UNSUPPORTED */
  async deleteBlob(digest: Digest, options: Cancellable = {}): Promise<void> {
    await this.#remote.deleteBlob(digest, options);
  }

  /**
   * The manifest that would name blobs, of which the registry must know the sizes.
   * @throws WharfError BLOB_NOT_FOUND
   */
  async makeManifest(digests: Digest | readonly Digest[], options?: Cancellable): Promise<string> {
    const wanted = typeof digests === "string" ? [digests] : digests;
    const sizes = await Promise.all(wanted.map((digest) => this.blobSize(digest, options)));
    const { bytes } = aliasManifest(wanted.map((digest, at) => ({ digest, size: sizes[at] ?? 0 })));
    return Buffer.from(bytes).toString();
  }

  /**
   * Gives blobs a name; where it had another meaning, that is lost.
   *
   * @returns the manifest that was stored
   * @throws WharfError BLOB_NOT_FOUND, REFERENCE_INVALID for what cannot be a tag
   */
  async setAlias(
    alias: string,
    digests: Digest | readonly Digest[],
    options: Cancellable = {},
  ): Promise<string> {
    const manifest = await this.makeManifest(digests, options);
    await this.setManifest(alias, manifest, options);
    return manifest;
  }

  /** Stores a manifest, byte for byte, under a name. @throws WharfError MANIFEST_INVALID */
  async setManifest(
    alias: string,
    manifest: string | Uint8Array,
    options: Cancellable = {},
  ): Promise<void> {
    await this.#remote.pushManifest(manifestOf(manifest), { ...options, tag: alias });
  }

  /**
   * The blobs of an alias with their sizes, in the order in which it was given them.
   * @throws WharfError MANIFEST_NOT_FOUND, PLATFORM_NOT_FOUND, MANIFEST_INVALID
   */
  blobs(alias: AliasSource, options: OnePlatform): Promise<NamedBlob[]>;
  blobs(alias: AliasSource, options?: AliasOptions): Promise<NamedBlob[] | ByPlatform<NamedBlob[]>>;
  blobs(alias: AliasSource, options: AliasOptions = {}) {
    return this.#read(alias, options, blobsOf);
  }

  /**
   * The digests of an alias's blobs; for an image of several platforms those of each.
   * @throws WharfError MANIFEST_NOT_FOUND, PLATFORM_NOT_FOUND, MANIFEST_INVALID
   * @example
   * await store.getAlias("may15-readings") // ["sha256:…"]
   * await store.getAlias("latest") // { "linux/amd64": ["sha256:…"], "linux/arm64": […] }
   */
  getAlias(alias: AliasSource, options: OnePlatform): Promise<Digest[]>;
  getAlias(alias: AliasSource, options?: AliasOptions): Promise<Digest[] | ByPlatform<Digest[]>>;
  getAlias(alias: AliasSource, options: AliasOptions = {}) {
    return this.#read(alias, options, (leaf) => blobsOf(leaf).map(({ digest }) => digest));
  }

  /**
   * The digest of an image's configuration (what `docker inspect` calls its `Id`); of an alias, that of its first blob.
   * @throws WharfError MANIFEST_NOT_FOUND, PLATFORM_NOT_FOUND; UNSUPPORTED for manifests of schema 1
   */
  getDigest(alias: AliasSource, options: OnePlatform): Promise<Digest>;
  getDigest(alias: AliasSource, options?: AliasOptions): Promise<Digest | ByPlatform<Digest>>;
  getDigest(alias: AliasSource, options: AliasOptions = {}) {
    return this.#read(alias, options, configOf);
  }

  /**
   * The manifest of an alias as it was stored; of an index, that of each platform.
   * @throws WharfError MANIFEST_NOT_FOUND, PLATFORM_NOT_FOUND
   */
  getManifest(alias: string, options: OnePlatform): Promise<string>;
  getManifest(alias: string, options?: AliasOptions): Promise<string | ByPlatform<string>>;
  getManifest(alias: string, options: AliasOptions = {}) {
    return this.#read(alias, options, ({ manifest }) => Buffer.from(manifest.bytes).toString());
  }

  /**
   * Deletes an alias, and with it every other alias of the same blobs: they have one manifest. The blobs stay.
   *
   * @returns the digests of the blobs; of an index, that of the manifest of each platform, which stay too
   * @throws WharfError MANIFEST_NOT_FOUND, UNSUPPORTED
   */
  async deleteAlias(
    alias: string,
    options: Cancellable = {},
  ): Promise<Digest[] | ByPlatform<Digest>> {
    const manifest = await this.#remote.fetchManifest(alias, options);
    const contents = readContents(manifest);
    await removeManifest(this.connection, this.repository, manifest.descriptor.digest, options);
    if (contents.kind === "leaf") return blobsOf(contents).map(({ digest }) => digest);
    return Object.fromEntries(
      contents.children.map(([platform, { digest }]) => [platform, digest]),
    );
  }

  /** Lists the aliases, and all other tags, as the registry orders them. @throws WharfError REPOSITORY_NOT_FOUND */
  async *listAliases(options: ListOptions = {}): AsyncGenerator<string, void, undefined> {
    yield* this.#remote.listTags({ ...options, asSent: true });
  }

  /** Reads an alias: once, or once for each platform. */
  async #read<Value>(
    alias: AliasSource,
    { platform, signal }: AliasOptions,
    read: (leaf: Leaf) => Value,
  ): Promise<Value | ByPlatform<Value>> {
    const options = signal && { signal };
    const fetch = (reference: string) => this.#remote.fetchManifest(reference, options);
    const manifest = typeof alias === "string" ? await fetch(alias) : manifestOf(alias.manifest);
    const contents = readContents(manifest);
    if (contents.kind === "leaf") return read(contents);
    if (platform !== undefined)
      return read(readLeaf(await fetch(childFor(contents, platform).digest)));
    return Object.fromEntries(
      await Promise.all(
        Array.from(eachChild(contents), async ([name, { digest }]) => [
          name,
          read(readLeaf(await fetch(digest))),
        ]),
      ),
    ) as ByPlatform<Value>;
  }
}

function manifestOf(text: string | Uint8Array): Manifest {
  const bytes = Buffer.from(text);
  const { mediaType } = parseManifest(bytes);
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.byteLength }, bytes };
}
