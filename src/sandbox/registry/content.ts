/** Where both halves meet: what is pushed to the registry shows in Hub, what is deleted there is gone here. */
import type { RegistryEvent } from "../../distribution/exchange.ts";
import { isError } from "../../errors.ts";
import type { Digest } from "../../reference/descriptor.ts";
import { isIndexType } from "../../reference/manifest.ts";
import type { RepositoryCollection } from "../../store/store.ts";
import { findAccount } from "../accounts/accounts.ts";
import { record, repositorySubject } from "../events/audit.ts";
import type { TagPush } from "../events/payload.ts";
import { createRepository, digestAt, findByPath, ownerOf, splitPath } from "../repositories.ts";
import { type State, written } from "../state/state.ts";
import { Awaited } from "./awaited.ts";
import { describe, type DescribedImage, type Description } from "./describe.ts";

export class Content {
  readonly collection: RepositoryCollection;
  readonly #state: State;
  readonly #now: () => number;
  /** What goes on, by repository: each thing begins when the one before has ended. */
  readonly #running = new Map<string, Promise<void>>();
  readonly #awaited = new Awaited();
  /** Told of each tag that is pushed, within the transaction that sets it. */
  onPush: ((push: TagPush) => void) | undefined;

  /** Whether something was pushed that could not be noted, such as on a full disk. */
  hasMissed = false;

  constructor(collection: RepositoryCollection, state: State, now: () => number) {
    this.collection = collection;
    this.#state = state;
    this.#now = now;
  }

  /**
   * Resolves when what was pushed and deleted so far is described and gone, so that Hub never shows half of it.
   * @param repository only that one
   */
  async settled(repository?: string): Promise<void> {
    if (repository === undefined) await Promise.allSettled(this.#running.values());
    else await this.#running.get(repository)?.catch(() => undefined);
  }

  /** Does what the process before this one was told of, and ended before it had done it. */
  async catchUp(): Promise<void> {
    const left = this.#state.all<{ path: string }>("SELECT DISTINCT path FROM leaving");
    for (const { path } of left) await this.#takeAway(path);
    const rows = this.#state.all<{ path: string; digest: Digest; media_type: string }>(
      `SELECT a.name || '/' || r.name AS path, digest, media_type
       FROM manifests m JOIN repositories r ON r.id = repository JOIN accounts a ON a.number = owner
       WHERE content_type = ''`,
    );
    // An index is described by the images that it lists.
    for (const indexes of [false, true])
      for (const { path, digest, media_type } of rows)
        if (isIndexType(media_type) === indexes) await this.#describe(path, digest);
  }

  /** What a tag or a digest names in a repository; undefined where there is none. */
  mediaTypeOf(path: string, reference: string): string | undefined {
    const id = findByPath(this.#state, path)?.id;
    if (id === undefined) return undefined;
    const sql = reference.includes(":")
      ? "SELECT media_type FROM manifests WHERE repository = ? AND digest = ?"
      : "SELECT media_type FROM manifests m JOIN tags t USING (repository, digest) WHERE repository = ? AND t.name = ?";
    return this.#state.one<{ media_type: string }>(sql, id, reference)?.media_type;
  }

  /** Notes a push or a pull that has succeeded. */
  note({ action, kind, repository, digest, tag, mediaType, user }: Omit<RegistryEvent, "request">) {
    if (kind !== "manifest" || digest === undefined) return;
    if (action === "pull") this.#notePull(repository, digest, tag);
    if (action !== "push") return;
    try {
      this.#state.transaction(() => this.#notePush(repository, digest, tag, mediaType ?? "", user));
    } catch (error) {
      this.hasMissed = true;
      throw error;
    }
    // What cannot be described now is when the next process begins.
    this.#inTurn(repository, async () => {
      if (tag !== undefined) await this.#keepTag(repository, tag);
      await this.#describe(repository, digest);
    }).catch(() => undefined);
  }

  /** A tag that came to the registry while Hub deleted the one before it, and was not noted yet, is not gone with that. */
  async #keepTag(path: string, tag: string): Promise<void> {
    const id = findByPath(this.#state, path)?.id;
    const digest = id === undefined ? undefined : digestAt(this.#state, id, tag);
    if (digest === undefined) return;
    const store = this.collection.repository(path);
    const of = (reference: string) => store.resolve(reference).catch(ignoreMissing);
    if (await of(tag)) return;
    const manifest = await of(digest);
    if (manifest) await store.tag(manifest, tag);
  }

  /**
   * Has the registry lose a tag, or all that a repository has. To be called within the transaction that deletes it in Hub, and
   * before it does: that it is still to be done is part of it. {@link forgotten} does it.
   */
  forget(repository: string, tag?: string): void {
    const state = this.#state;
    const id = findByPath(state, repository)?.id ?? 0;
    const sql = "SELECT digest, blobs FROM manifests WHERE repository = ?";
    const rows = tag === undefined ? state.all<{ digest: Digest; blobs: string }>(sql, id) : [];
    const blobs = rows.flatMap((row) => JSON.parse(row.blobs) as { digest: Digest }[]);
    state.run(
      "INSERT INTO leaving (path, tag, manifests, blobs) VALUES (?, ?, ?, ?)",
      repository,
      tag ?? null,
      JSON.stringify(rows.map(({ digest }) => digest)),
      JSON.stringify([...new Set(blobs.map(({ digest }) => digest))]),
    );
  }

  /** Takes from the registry what it is to {@link forget}. */
  forgotten(repository: string): Promise<void> {
    return this.#inTurn(repository, () => this.#takeAway(repository));
  }

  async #takeAway(path: string): Promise<void> {
    const rows = this.#state.all<Leaving>("SELECT * FROM leaving WHERE path = ? ORDER BY id", path);
    const store = this.collection.repository(path);
    for (const { id, tag, manifests, blobs } of rows) {
      // What was pushed again meanwhile stays.
      const isThere = (reference: string) => this.mediaTypeOf(path, reference) !== undefined;
      if (tag !== null && !isThere(tag)) await store.deleteTag(tag).catch(ignoreMissing);
      for (const digest of JSON.parse(manifests) as Digest[])
        if (!isThere(digest)) await store.deleteManifest(digest).catch(ignoreMissing);
      const isBack = findByPath(this.#state, path) !== undefined;
      for (const digest of isBack ? [] : (JSON.parse(blobs) as Digest[]))
        await store.deleteBlob(digest).catch(() => undefined);
      this.#state.run("DELETE FROM leaving WHERE id = ?", id);
    }
  }

  #inTurn(repository: string, work: () => Promise<void>): Promise<void> {
    const before = this.#running.get(repository) ?? Promise.resolve();
    const turn = before.then(work, work).finally(() => {
      if (this.#running.get(repository) === turn) this.#running.delete(repository);
    });
    this.#running.set(repository, turn);
    return turn;
  }

  #notePush(
    path: string,
    digest: string,
    tag: string | undefined,
    mediaType: string,
    user: string | undefined,
  ): void {
    const state = this.#state;
    const owner = ownerOf(state, path);
    if (!owner) return;
    const pusher = (user === undefined ? undefined : findAccount(state, user)) ?? owner;
    const occasion = { state, now: this.#now(), identity: { account: pusher } };
    const now = written(occasion.now);
    let row = findByPath(state, path);
    if (!row) {
      row = createRepository(state, owner, { name: splitPath(path)[1] }, occasion.now);
      record(occasion, "repo.create", repositorySubject(row), { privacy: "public" });
    }
    const { id } = row;
    state.run(
      `INSERT INTO manifests (repository, digest, media_type, pushed) VALUES (?1, ?2, ?3, ?4)
       ON CONFLICT DO UPDATE SET pushed = ?4`,
      id,
      digest,
      mediaType,
      now,
    );
    state.run("UPDATE repositories SET updated = ?1 WHERE id = ?2", now, id);
    if (tag === undefined) return;
    record(occasion, "repo.tag.push", repositorySubject(row), { tag, digest });
    this.onPush?.({ repository: row, tag, pusher: pusher.name, time: occasion.now });
    state.run(
      `INSERT INTO tags (repository, name, digest, creator, updater, pushed) VALUES (?1, ?2, ?3, ?4, ?4, ?5)
       ON CONFLICT DO UPDATE SET digest = ?3, updater = ?4, pushed = ?5`,
      id,
      tag,
      digest,
      pusher.number,
      now,
    );
  }

  #notePull(path: string, digest: string, tag: string | undefined): void {
    const id = findByPath(this.#state, path)?.id;
    if (id === undefined) return;
    const now = written(this.#now());
    this.#state.transaction(() => {
      this.#state.run("UPDATE repositories SET pulls = pulls + 1 WHERE id = ?", id);
      this.#state.run(
        "UPDATE manifests SET pulled = ? WHERE repository = ? AND digest = ?",
        now,
        id,
        digest,
      );
      if (tag !== undefined)
        this.#state.run(
          "UPDATE tags SET pulled = ? WHERE repository = ? AND name = ?",
          now,
          id,
          tag,
        );
    });
  }

  async #describe(path: string, digest: Digest): Promise<void> {
    const id = findByPath(this.#state, path)?.id;
    if (id === undefined) return;
    const missing = new Set<string>();
    const images = (child: string): DescribedImage[] => {
      const row = this.#state.one<{ images: string }>(
        "SELECT images FROM manifests WHERE repository = ? AND digest = ?",
        id,
        child,
      );
      if (!row || this.#awaited.isWaiting(path, child)) missing.add(child);
      return JSON.parse(row?.images ?? "[]") as DescribedImage[];
    };
    const described = await describe(this.collection.repository(path), digest, images).catch(
      // Deleted again meanwhile, or nothing that Hub would recognize.
      (): Description => ({ contentType: "unrecognized", images: [], blobs: [] }),
    );
    this.#state.run(
      "UPDATE manifests SET content_type = ?, images = ?, blobs = ? WHERE repository = ? AND digest = ?",
      described.contentType,
      JSON.stringify(described.images),
      JSON.stringify(described.blobs),
      id,
      digest,
    );
    this.#awaited.note(path, digest, missing);
    // One that still waits would only be told of again when it is complete.
    if (missing.size > 0) return;
    for (const index of this.#awaited.indexesFor(path, digest)) await this.#describe(path, index);
  }
}

interface Leaving {
  readonly id: number;
  /** null: all of the repository. */
  readonly tag: string | null;
  /** JSON: digests. */
  readonly manifests: string;
  readonly blobs: string;
}

function ignoreMissing(error: unknown): undefined {
  if (!isError(error, "MANIFEST_NOT_FOUND")) throw error;
}
