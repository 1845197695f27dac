/** One repository of a registry, as a store. */
import { isError, WharfError } from "../errors.ts";
import type { Descriptor, Digest } from "../reference/descriptor.ts";
import { name as nameOf, path } from "../reference/path.ts";
import { checkRepositoryName } from "../reference/reference.ts";
import type {
  BlobSource,
  Cancellable,
  Manifest,
  PushOptions,
  Range,
  Repository,
  Upload,
} from "../store/store.ts";
import type { BlobBytes } from "./blobStream.ts";
import { type Connection, pulling } from "./connection.ts";
import { type ListOptions, listTags } from "./listing.ts";
import { fetchManifest, putManifest, resolveManifest } from "./manifests.ts";
import type { StreamOptions } from "./upload/push.ts";
import type { PullGuard } from "./pullLimit.ts";
import type { PushDate } from "./pushDates.ts";
import type { UploadSession } from "./upload/session.ts";

// What only some calls need is loaded by them: most commands ask for a manifest or two.
const blobs = () => import("./blobs.ts");
const referrers = () => import("./referrers.ts");
const uploads = () => import("./upload/push.ts");
const sessions = () => import("./upload/session.ts");

/** Sessions of declined mounts that wait for the push of their blob; more are cancelled. */
const heldSessions = 64;

/**
 * A repository of a remote registry. Each method says no more than its interface, but for what is documented here.
 *
 * @example
 * const nginx = connect("docker.io").repository("library/nginx");
 * const { digest } = await nginx.resolve("latest");
 */
export class RemoteRepository implements Repository {
  /** As in references: `docker.io`. */
  readonly registry: string;
  /** `library/nginx` */
  readonly name: string;
  readonly #connection: Connection;
  readonly #sessions = new Map<Digest, UploadSession>();

  /** @throws WharfError REFERENCE_INVALID */
  constructor(connection: Connection, name: string) {
    this.#connection = connection;
    this.registry = connection.registry;
    this.name = checkRepositoryName(name);
  }

  resolve(reference: string, options?: Cancellable): Promise<Descriptor> {
    return resolveManifest(this.#connection, this.name, reference, options);
  }

  fetchManifest(reference: string, options?: Cancellable): Promise<Manifest> {
    return fetchManifest(this.#connection, this.name, reference, options);
  }

  /** Opens a blob; resumed after cuts. `ranged` of the result says whether the registry sends ranges. */
  async fetchBlob(descriptor: Descriptor, options?: Range & Cancellable): Promise<BlobBytes> {
    const { openBlob } = await import("./blobStream.ts");
    return openBlob(this.#connection, this.name, descriptor, options);
  }

  async statBlob(digest: Digest, options?: Cancellable): Promise<Descriptor | undefined> {
    const { statBlob } = await blobs();
    return statBlob(this.#connection, this.name, digest, options);
  }

  async pushBlob(
    descriptor: Descriptor,
    source: BlobSource,
    options: Cancellable & PushOptions = {},
  ): Promise<void> {
    const { pushBlob } = await uploads();
    const session = this.#sessions.get(descriptor.digest);
    this.#sessions.delete(descriptor.digest);
    await pushBlob(this.#connection, this.name, descriptor, source, {
      ...options,
      ...(session && { session }),
    });
  }

  /**
   * Stores bytes whose digest nobody knows yet: it is found out while they are sent, in one pass.
   *
   * @param options.mediaType of the descriptor returned. @default application/octet-stream
   * @param options.digest found out by somebody else meanwhile; asked for with the last request. Nothing is hashed here then
   * @throws WharfError SIZE_MISMATCH where the source has another size than it says
   * @example
   * const layer = await repository.pushStream(streamSource(process.stdin));
   */
  async pushStream(
    source: BlobSource,
    options?: Cancellable & PushOptions & StreamOptions,
  ): Promise<Descriptor> {
    const { pushStream } = await uploads();
    return pushStream(this.#connection, this.name, source, options);
  }

  async pushManifest(manifest: Manifest, options?: Cancellable & { tag?: string }): Promise<void> {
    const { pushManifest } = await referrers();
    return pushManifest(this.#connection, this.name, manifest, options);
  }

  /** Whether `source` is another repository of the same registry. */
  canMount(source: object): boolean {
    return (
      source instanceof RemoteRepository &&
      source.#connection.base.href === this.#connection.base.href &&
      source.name !== this.name
    );
  }

  /** Asks for a mount. The upload that a registry opens when it declines serves the push that follows. */
  async mountBlob({ digest }: Descriptor, source: object, options?: Cancellable): Promise<boolean> {
    if (!(source instanceof RemoteRepository) || !this.canMount(source)) return false;
    const { mountBlob } = await blobs();
    const result = await mountBlob(this.#connection, this.name, digest, source.name, options);
    if (result === "mounted") return true;
    if (result) await this.#hold(digest, result);
    return false;
  }

  async tag(descriptor: Descriptor, tag: string, options: Cancellable = {}): Promise<void> {
    const manifest = await this.fetchManifest(descriptor.digest, options);
    await putManifest(this.#connection, this.name, manifest, { ...options, tag });
  }

  listTags(options?: ListOptions): AsyncGenerator<string, void, undefined> {
    const list = path`${nameOf(this.name)}/tags/list`;
    return listTags(this.#connection, pulling(this.name), list, options);
  }

  /**
   * Tells when tags were pushed, where the registry does: Google's, once it has listed tags.
   * @throws WharfError UNSUPPORTED where it does not, without asking
   */
  async *pushDates(
    tags: ReadonlySet<string>,
    options?: Cancellable,
  ): AsyncGenerator<PushDate, void, undefined> {
    const { listPushDates } = await import("./pushDates.ts");
    yield* listPushDates(this.#connection, this.name, tags, options);
  }

  async *listReferrers(
    digest: Digest,
    options?: Cancellable & { artifactType?: string },
  ): AsyncGenerator<Descriptor, void, undefined> {
    const { listReferrers } = await referrers();
    yield* listReferrers(this.#connection, this.name, digest, options);
  }

  async deleteManifest(digest: Digest, options?: Cancellable): Promise<void> {
    const { deleteManifest } = await referrers();
    return deleteManifest(this.#connection, this.name, digest, options);
  }

  /** Removes one tag. Where the registry cannot, the tag is first moved to a throw-away manifest; what else is on its own is spared. */
  async deleteTag(tag: string, options?: Cancellable): Promise<void> {
    const { deleteTag } = await import("./tagDeletion.ts");
    return deleteTag(this.#connection, this.name, tag, options);
  }

  /** Has `guard` decide on each read of a manifest of this registry, from now on; undefined for none. */
  guardPulls(guard: PullGuard | undefined): void {
    this.#connection.pullGuard = guard;
  }

  async deleteBlob(digest: Digest, options?: Cancellable): Promise<void> {
    const { deleteBlob } = await blobs();
    return deleteBlob(this.#connection, this.name, digest, options);
  }

  /** Opens an upload; registries that want to know the algorithm beforehand are told unless it is sha256. */
  async createUpload(options: Cancellable & { algorithm?: string } = {}): Promise<Upload> {
    const { UploadSession } = await sessions();
    return UploadSession.start(this.#connection, this.name, options);
  }

  /** @param id address of the upload as it was after the last piece */
  async openUpload(id: string, options?: Cancellable): Promise<Upload> {
    const { UploadSession } = await sessions();
    return UploadSession.open(this.#connection, this.name, id, options);
  }

  /** Whether anything was ever pushed to it, as far as the registry lets us know. */
  async exists(options: Cancellable = {}): Promise<boolean> {
    try {
      for await (const _ of this.listTags({ ...options, pageSize: 1 })) break;
      return true;
    } catch (error) {
      if (isError(error, "REPOSITORY_NOT_FOUND")) return false;
      throw error;
    }
  }

  /** Whether it holds uploads that `close` would cancel. */
  get holding(): boolean {
    return this.#sessions.size > 0;
  }

  /** Cancels uploads that nobody will finish. */
  async close(): Promise<void> {
    const held = [...this.#sessions.values()];
    this.#sessions.clear();
    await Promise.all(held.map(cancelQuietly));
  }

  async #hold(digest: Digest, session: UploadSession): Promise<void> {
    const former = this.#sessions.get(digest);
    if (former || this.#sessions.size >= heldSessions) await cancelQuietly(session);
    else this.#sessions.set(digest, session);
  }
}

async function cancelQuietly(session: UploadSession): Promise<void> {
  try {
    await session.cancel({ signal: AbortSignal.timeout(3000) });
  } catch (error) {
    if (!(error instanceof WharfError)) throw error;
  }
}
