/**
 * Content that nobody has asked for yet waits in the state: what a seed or a snapshot brings is laid into the collection, repository
 * by repository, by whoever first touches it. A thousand repositories cost nothing until then.
 */
import type { Descriptor, Digest } from "../../reference/descriptor.ts";
import { bytesSource } from "../../store/sources.ts";
import type {
  BlobSource,
  Bytes,
  Cancellable,
  Manifest,
  PushOptions,
  Range,
  Repository,
  RepositoryCollection,
  Requirement,
  TagGuard,
  Upload,
} from "../../store/store.ts";
import type { State } from "../state/state.ts";
import { readImage, readStored } from "../state/stored.ts";
import { expectPush } from "./reconcile.ts";
import type { Room, Rooms } from "./rooms.ts";

/** A collection below which another one may be put. */
export class Shelves implements RepositoryCollection {
  readonly #state: State;
  readonly #rooms: Rooms;
  #room: Room;
  /** The one before, in which requests may still be at work. */
  #left: Room | undefined;
  /** Both are made anew with what waits: work for a room that was left takes nothing from the next one. */
  #waiting: Set<string>;
  #placing = new Map<string, Promise<void>>();
  #expectsPush = false;

  private constructor(rooms: Rooms, room: Room, state: State) {
    this.#rooms = rooms;
    this.#room = room;
    this.#state = state;
    this.#waiting = waitingIn(state);
  }

  static async open(rooms: Rooms, state: State): Promise<Shelves> {
    return new Shelves(rooms, await rooms.current(), state);
  }

  get #inner(): RepositoryCollection {
    return this.#room.collection;
  }

  repository(name: string): Repository {
    return new Shelf(this, name);
  }

  async hasRepository(name: string): Promise<boolean> {
    return this.#waiting.has(name) || (await this.#inner.hasRepository(name));
  }

  async *listRepositories(options: Cancellable & { last?: string } = {}) {
    const { last = "" } = options;
    const names = new Set([...this.#waiting].filter((name) => name > last));
    for await (const name of this.#inner.listRepositories(options)) names.add(name);
    yield* [...names].toSorted();
  }

  /** The repository itself, with all that it has. */
  async open(name: string): Promise<Repository> {
    const repository = this.#inner.repository(name);
    if (!this.#waiting.has(name)) return repository;
    const all = this.#placing;
    let placing = all.get(name);
    if (!placing) {
      placing = this.#place(name, repository).finally(() => all.delete(name));
      all.set(name, placing);
    }
    await placing;
    return repository;
  }

  /** The same, for somebody who brings it more. */
  async openForPush(name: string): Promise<Repository> {
    const repository = await this.open(name);
    if (!this.#expectsPush) expectPush(this.#state);
    this.#expectsPush = true;
    return repository;
  }

  /** The repository without a look whether it is complete. */
  bare(name: string): Repository {
    return this.#inner.repository(name);
  }

  /** Names of those of which nothing waits. */
  async *listPlaced(): AsyncGenerator<string, void, undefined> {
    for await (const name of this.#inner.listRepositories())
      if (!this.#waiting.has(name)) yield name;
  }

  isWaiting(name: string): boolean {
    return this.#waiting.has(name);
  }

  /**
   * Moves to an empty collection.
   * @param change changes the state, and calls what it is given within the transaction in which it does. Where it throws, everything
   *   stays.
   */
  async move(change: (enter: () => void) => void): Promise<void> {
    await Promise.allSettled(this.#placing.values());
    const room = await this.#rooms.next();
    try {
      change(room.enter);
    } catch (error) {
      await room.clear();
      throw error;
    }
    const before = this.#left;
    this.#left = this.#room;
    this.#room = room;
    this.reload();
    await before?.clear();
  }

  /** Looks again what waits in the state. */
  reload(): void {
    this.#waiting = waitingIn(this.#state);
    this.#placing = new Map();
  }

  async close(): Promise<void> {
    await this.#left?.clear();
    await this.#inner.close();
  }

  async #place(path: string, repository: Repository): Promise<void> {
    const state = this.#state;
    const waiting = this.#waiting;
    const row = state.one<{ images: string; tags: string }>(
      "SELECT images, tags FROM unplaced WHERE path = ?",
      path,
    );
    const images = row ? (JSON.parse(row.images) as string[]) : [];
    for (const name of images) {
      const { manifests, blobs } = readImage(state, name);
      for (const blob of blobs)
        await repository.pushBlob(blob, bytesSource(readStored(state, blob.digest)));
      for (const descriptor of manifests)
        await repository.pushManifest({ descriptor, bytes: readStored(state, descriptor.digest) });
    }
    const tags = row ? (JSON.parse(row.tags) as [tag: string, image: string | number][]) : [];
    for (const [tag, image] of tags) {
      const digest = typeof image === "number" ? images[image]! : image;
      await repository.tag(await repository.resolve(digest), tag);
    }
    if (waiting !== this.#waiting) return;
    state.run("DELETE FROM unplaced WHERE path = ?", path);
    waiting.delete(path);
  }
}

function waitingIn(state: State): Set<string> {
  return new Set(state.all<{ path: string }>("SELECT path FROM unplaced").map(({ path }) => path));
}

/** A repository that is complete before anybody sees anything of it. */
class Shelf implements Repository {
  readonly #shelves: Shelves;
  readonly #name: string;

  constructor(shelves: Shelves, name: string) {
    this.#shelves = shelves;
    this.#name = name;
    // Names that none can have are refused here, as by other collections.
    shelves.bare(name);
  }

  async resolve(reference: string, options?: Cancellable): Promise<Descriptor> {
    return (await this.#open()).resolve(reference, options);
  }

  async fetchManifest(reference: string, options?: Cancellable): Promise<Manifest> {
    return (await this.#open()).fetchManifest(reference, options);
  }

  async fetchBlob(descriptor: Descriptor, options?: Range & Cancellable): Promise<Bytes> {
    return (await this.#open()).fetchBlob(descriptor, options);
  }

  async statBlob(digest: Digest, options?: Cancellable): Promise<Descriptor | undefined> {
    return (await this.#open()).statBlob(digest, options);
  }

  async pushBlob(
    descriptor: Descriptor,
    source: BlobSource,
    options?: Cancellable & PushOptions,
  ): Promise<void> {
    return (await this.#open()).pushBlob(descriptor, source, options);
  }

  async pushManifest(
    manifest: Manifest,
    options?: Cancellable & TagGuard & Requirement & { tag?: string },
  ): Promise<void> {
    return (await this.#shelves.openForPush(this.#name)).pushManifest(manifest, options);
  }

  canMount(source: object): boolean {
    return (
      source instanceof Shelf &&
      this.#shelves === source.#shelves &&
      this.#shelves.bare(this.#name).canMount(source.#shelves.bare(source.#name))
    );
  }

  async mountBlob(descriptor: Descriptor, source: object, options?: Cancellable): Promise<boolean> {
    if (!(source instanceof Shelf)) return false;
    const from = await source.#open();
    return (await this.#open()).mountBlob(descriptor, from, options);
  }

  async tag(descriptor: Descriptor, tag: string, options?: Cancellable & TagGuard): Promise<void> {
    return (await this.#shelves.openForPush(this.#name)).tag(descriptor, tag, options);
  }

  async *listTags(options?: Cancellable & { last?: string; pageSize?: number }) {
    yield* (await this.#open()).listTags(options);
  }

  async *listReferrers(digest: Digest, options?: Cancellable & { artifactType?: string }) {
    yield* (await this.#open()).listReferrers(digest, options);
  }

  async deleteManifest(digest: Digest, options?: Cancellable & TagGuard): Promise<void> {
    return (await this.#open()).deleteManifest(digest, options);
  }

  async deleteTag(tag: string, options?: Cancellable): Promise<void> {
    return (await this.#open()).deleteTag(tag, options);
  }

  async deleteBlob(digest: Digest, options?: Cancellable): Promise<void> {
    return (await this.#open()).deleteBlob(digest, options);
  }

  async createUpload(options?: { algorithm?: string }): Promise<Upload> {
    return (await this.#open()).createUpload(options);
  }

  async openUpload(id: string): Promise<Upload> {
    return (await this.#open()).openUpload(id);
  }

  #open(): Promise<Repository> {
    return this.#shelves.open(this.#name);
  }
}
