/** The names of python-dxf's module, for programs that are carried over line by line. */
import type { Digest } from "../reference/descriptor.ts";
import type { Refusal } from "./challenge.ts";
import type { ByPlatform } from "./contents.ts";
import type { PulledBlob } from "./pulled.ts";
import type { PushBlobOptions } from "./push.ts";
import type { Pushable } from "./pushable.ts";
import type { Login } from "./registry.ts";
import { BlobStore } from "./store.ts";

/** Bytes of a chunk where nothing is said. */
const chunkSize = 8192;

const gather = async <Item>(items: AsyncIterable<Item>): Promise<Item[]> => {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
};

/**
 * A {@link BlobStore} under dxf's names; what Python names by keyword is named in an object here. Use `BlobStore` in
 * anything new.
 *
 * @example
 * const auth = (dxf, response) => dxf.authenticate("fred", "somepassword", { response });
 * const dxf = new DXF("registry-1.docker.io", "fred/datalogger", auth);
 * const dgst = await dxf.push_blob("logger.dat");
 * await dxf.set_alias("may15-readings", dgst);
 */
export class DXF {
  /** What does the work. */
  readonly store: BlobStore;

  /** @throws WharfError REFERENCE_INVALID */
  constructor(
    host: string,
    repo: string,
    auth?: (dxf: DXF, response: Refusal) => Promise<unknown>,
    insecure = false,
    auth_host?: string,
    tlsverify: boolean | string = true,
  ) {
    this.store = new BlobStore(host, repo, {
      insecure,
      tlsVerify: tlsverify,
      ...(auth_host !== undefined && { authHost: auth_host }),
      ...(auth && { auth: (_, response) => auth(this, response) }),
    });
  }

  /** The token that is shown to the registry. */
  get token(): string | undefined {
    return this.store.token;
  }

  set token(token: string | undefined) {
    this.store.token = token;
  }

  /** Signs in: {@link BlobStore.authenticate}. @returns the token, where the registry wants one */
  authenticate(
    username?: string,
    password?: string,
    more: Pick<Login, "authorization" | "actions" | "response"> = {},
  ): Promise<string | undefined> {
    return this.store.authenticate({ ...more, username, password });
  }

  /** Stores a blob: {@link BlobStore.pushBlob}. @returns its digest */
  push_blob(what: Pushable, options?: PushBlobOptions): Promise<Digest> {
    return this.store.pushBlob(what, options);
  }

  /** In chunks of `chunk_size` bytes; the size of the whole is in the `size` of what is returned. */
  pull_blob(digest: Digest, chunk_size = chunkSize): Promise<PulledBlob> {
    return this.store.pullBlob(digest, { chunkSize: chunk_size });
  }

  /** Bytes of a blob: {@link BlobStore.blobSize}. */
  blob_size(digest: Digest): Promise<number> {
    return this.store.blobSize(digest);
  }

  /** Takes a blob over from the repository `repo`: {@link BlobStore.mountBlob}. @returns its digest */
  mount_blob(repo: string, digest: Digest): Promise<Digest> {
    return this.store.mountBlob(repo, digest);
  }

  /** Deletes a blob: {@link BlobStore.deleteBlob}. */
  del_blob(digest: Digest): Promise<void> {
    return this.store.deleteBlob(digest);
  }

  /** The manifest that would name blobs: {@link BlobStore.makeManifest}. */
  make_manifest(...digests: Digest[]): Promise<string> {
    return this.store.makeManifest(digests);
  }

  /** Stores a manifest under a name: {@link BlobStore.setManifest}. */
  set_manifest(alias: string, manifest: string): Promise<void> {
    return this.store.setManifest(alias, manifest);
  }

  /** Gives blobs a name: {@link BlobStore.setAlias}. @returns the manifest that was stored */
  set_alias(alias: string, ...digests: Digest[]): Promise<string> {
    return this.store.setAlias(alias, digests);
  }

  /** The digests of an alias's blobs; without `platform`, of an index those of each: {@link BlobStore.getAlias}. */
  get_alias(alias: string, platform?: string): Promise<Digest[] | ByPlatform<Digest[]>> {
    return this.store.getAlias(alias, { platform });
  }

  /** The digest of an image's configuration, or of an alias's first blob: {@link BlobStore.getDigest}. */
  get_digest(alias: string, platform?: string): Promise<Digest | ByPlatform<Digest>> {
    return this.store.getDigest(alias, { platform });
  }

  /** The manifest of an alias; without `platform`, of an index that of each: {@link BlobStore.getManifest}. */
  get_manifest(alias: string, platform?: string): Promise<string | ByPlatform<string>> {
    return this.store.getManifest(alias, { platform });
  }

  /** Deletes an alias; its blobs stay: {@link BlobStore.deleteAlias}. @returns their digests */
  del_alias(alias: string): Promise<Digest[] | ByPlatform<Digest>> {
    return this.store.deleteAlias(alias);
  }

  /** Lists the aliases, and all other tags: {@link BlobStore.listAliases}. */
  list_aliases(): Promise<string[]> {
    return gather(this.store.listAliases());
  }

  /** Lists the repositories: {@link BlobStore.listRepositories}. */
  list_repos(): Promise<string[]> {
    return gather(this.store.listRepositories());
  }

  /** Makes sure that a registry answers, and lets us in: {@link BlobStore.checkVersion}. */
  api_version_check(): Promise<void> {
    return this.store.checkVersion();
  }

  /** Closes the connections. */
  close(): Promise<void> {
    return this.store.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.store.close();
  }
}
