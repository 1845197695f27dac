/**
 * The `index.json` of each repository, written from the catalogue so that any tool can read the folder as a layout.
 *
 * What is confirmed is in the catalogue. `index.json` follows within a second or so (later where it is large: at most a
 * twentieth of the time goes into it), when the collection is closed, and when it is opened after a crash.
 */
import { renameSync, rmSync } from "node:fs";
import { join } from "node:path";

import type { Descriptor, Digest } from "../../reference/descriptor.ts";
import { mediaTypes } from "../../reference/descriptor.ts";
import { referrersTag } from "../../reference/manifest.ts";
import type { BlobFolder } from "../disk/blobFolder.ts";
import { diskError } from "../disk/failure.ts";
import { removeFile, syncFolder } from "../disk/files.ts";
import { announce } from "../disk/steps.ts";
import type { Workspace } from "../disk/workspace.ts";
import { Entries } from "../layout/entries.ts";
import { writeSynced } from "../layout/indexFile.ts";
import { referrersIndex } from "../layout/referrers.ts";
import { bytesSource } from "../sources.ts";
import type { Catalog } from "./catalog.ts";
import { descriptorOf, RepositoryRecords } from "./records.ts";

/** Milliseconds after a change; those that come meanwhile are written together. */
const delay = 100;
/** How many times as long as it takes to write an `index.json` we wait before writing it again. */
const rest = 20;
/** Milliseconds, at most, until a change shows. */
const longestDelay = 60_000;

/** Where a repository is. */
export interface Place {
  readonly folder: string;
  readonly blobs: BlobFolder;
}

export interface ProjectionParts {
  readonly catalog: Catalog;
  readonly workspace: Workspace;
  readonly place: (name: string) => Place;
}

export class Projection {
  readonly #parts: ProjectionParts;
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #running = new Map<string, Promise<void>>();
  /** Milliseconds that the last turn of a repository took. */
  readonly #durations = new Map<string, number>();

  constructor(parts: ProjectionParts) {
    this.#parts = parts;
  }

  /** Notes that a repository has changed. */
  mark(name: string): void {
    if (this.#timers.has(name)) return;
    const wait = Math.min(longestDelay, delay + rest * (this.#durations.get(name) ?? 0));
    const timer = setTimeout(() => {
      this.#timers.delete(name);
      // What could not be written is still due: the next change, closing or opening tries again.
      this.#once(name).catch(() => {});
    }, wait);
    this.#timers.set(name, timer);
  }

  /** Writes every `index.json` that is behind. */
  async catchUp(): Promise<void> {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    await Promise.allSettled(this.#running.values());
    const due = this.#parts.catalog.all("SELECT name FROM repositories WHERE changed > projected");
    for (const { name } of due) await this.#once(String(name));
  }

  /** One turn at a time for each repository. */
  async #once(name: string): Promise<void> {
    while (this.#running.has(name)) await this.#running.get(name)?.catch(() => {});
    const started = performance.now();
    const turn = this.#project(name).finally(() => {
      this.#running.delete(name);
      this.#durations.set(name, performance.now() - started);
    });
    this.#running.set(name, turn);
    await turn;
  }

  async #project(name: string): Promise<void> {
    const { catalog, workspace, place } = this.#parts;
    const { folder, blobs } = place(name);
    const shown = readShown(catalog, name);
    const listings = await this.#makeListings(shown, blobs);
    const content = JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.ociIndex,
      manifests: entriesOf(shown, listings).list(),
    });
    const temporary = workspace.path();
    const path = join(folder, "index.json");
    const put = () => {
      const now = catalog.get("SELECT projected FROM repositories WHERE id = ?", shown.id);
      // Another process may have been here with newer rows.
      if (now === undefined || Number(now["projected"]) >= shown.changed) return false;
      rename(temporary, path);
      catalog.run("UPDATE repositories SET projected = ? WHERE id = ?", shown.changed, shown.id);
      for (const { subject, stale, descriptor } of listings) {
        catalog.run(
          `UPDATE listings SET descriptor = ?, stale = CASE stale WHEN ? THEN 0 ELSE stale END
           WHERE repository = ? AND subject = ?`,
          descriptor === undefined ? null : JSON.stringify(descriptor),
          stale,
          shown.id,
          subject,
        );
      }
      return true;
    };
    let written = false;
    try {
      await writeSynced(temporary, content);
      written = await catalog.write(put);
    } finally {
      if (!written) await removeFile(temporary);
    }
    if (!written) return;
    await syncFolder(folder);
    for (const { before, descriptor } of listings) {
      if (before !== undefined && before !== descriptor?.digest)
        await this.#removeListing(name, before);
    }
  }

  /** Unless somebody has pushed the very same bytes, as who copies a listing from another registry does. */
  async #removeListing(name: string, digest: Digest): Promise<void> {
    const { catalog, place } = this.#parts;
    const { blobs } = place(name);
    const records = new RepositoryRecords(catalog, name);
    await catalog.write(
      () => {
        if (records.find(digest) !== undefined || records.isUsed(digest)) return;
        remove(blobs.path(digest));
      },
      { durable: false },
    );
    await blobs.unshare(digest);
  }

  /** Makes the indexes of referrers that are stale, and keeps the others. */
  async #makeListings(shown: Shown, blobs: BlobFolder): Promise<Listing[]> {
    const { catalog, workspace } = this.#parts;
    const rows = catalog.all("SELECT * FROM listings WHERE repository = ?", shown.id);
    const listings: Listing[] = [];
    for (const row of rows) {
      const subject = String(row["subject"]);
      const stale = Number(row["stale"]);
      const known =
        row["descriptor"] === null
          ? undefined
          : (JSON.parse(String(row["descriptor"])) as Descriptor);
      if (stale === 0) {
        listings.push({ subject, stale, descriptor: known });
        continue;
      }
      const referrers = catalog.all(
        "SELECT referrer FROM manifests WHERE repository = ? AND subject = ?",
        shown.id,
        subject,
      );
      let descriptor: Descriptor | undefined;
      if (referrers.length > 0) {
        const index = referrersIndex(
          referrers.map(({ referrer }) => JSON.parse(String(referrer)) as Descriptor),
        );
        descriptor = index.descriptor;
        // Until it is listed, a collector goes by its time.
        if ((await blobs.confirm(descriptor.digest)) === undefined) {
          await blobs.write(descriptor, bytesSource(index.bytes), workspace.path());
          await blobs.sync(descriptor.digest);
        }
      }
      listings.push({ subject, stale, descriptor, before: known?.digest });
    }
    return listings;
  }
}

/** The rows that an `index.json` shows, and the count of changes that they are from. */
interface Shown {
  readonly id: number;
  readonly changed: number;
  readonly tags: { readonly tag: string; readonly descriptor: Descriptor }[];
  /** Manifests without a tag that no index leads to, or that refer to something. */
  readonly others: Descriptor[];
}

interface Listing {
  readonly subject: Digest;
  readonly stale: number;
  readonly descriptor: Descriptor | undefined;
  /** What it was before, where it was made anew. */
  readonly before?: Digest | undefined;
}

/** Reads without a pause in between, so nothing of this process changes meanwhile. */
function readShown(catalog: Catalog, name: string): Shown {
  const found = catalog.get("SELECT id, changed FROM repositories WHERE name = ?", name);
  const id = Number(found?.["id"]);
  const tags = catalog.all(
    `SELECT t.name, m.digest, m.media_type, m.size FROM tags t
     JOIN manifests m ON m.repository = t.repository AND m.digest = t.digest
     WHERE t.repository = ? ORDER BY t.name`,
    id,
  );
  const others = catalog.all(
    `SELECT m.digest, m.media_type, m.size FROM manifests m WHERE m.repository = ?
     AND NOT EXISTS (SELECT 1 FROM tags t WHERE t.repository = m.repository AND t.digest = m.digest)
     AND (m.subject IS NOT NULL OR NOT EXISTS (
       SELECT 1 FROM children c WHERE c.repository = m.repository AND c.digest = m.digest))
     ORDER BY m.rowid`,
    id,
  );
  return {
    id,
    changed: Number(found?.["changed"]),
    tags: tags.map((row) => ({ tag: String(row["name"]), descriptor: descriptorOf(row) })),
    others: others.map(descriptorOf),
  };
}

function entriesOf({ tags, others }: Shown, listings: readonly Listing[]): Entries {
  const entries = new Entries([]);
  for (const { tag, descriptor } of tags) entries.tag(descriptor, tag);
  for (const descriptor of others) entries.add(descriptor);
  for (const { subject, descriptor } of listings) {
    const tag = referrersTag(subject);
    // Where somebody pushed a manifest under that tag, it is theirs.
    if (descriptor !== undefined && entries.find(tag) === undefined) {
      entries.setReferrersTag(tag, descriptor);
    }
  }
  return entries;
}

/** Within a transaction there is no waiting, lest others of this process get into it. */
function rename(from: string, to: string): void {
  try {
    announce("rename", to);
    renameSync(from, to);
  } catch (error) {
    throw diskError(error, to);
  }
}

function remove(path: string): void {
  try {
    announce("remove", path);
    rmSync(path, { force: true });
  } catch (error) {
    throw diskError(error, path);
  }
}
