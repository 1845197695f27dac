/** The rows of one repository. What changes them runs inside a `catalog.write`. */
import type { Descriptor, Digest } from "../../reference/descriptor.ts";
import { isDigest } from "../../reference/digest.ts";
import { checkRepositoryName } from "../../reference/name.ts";
import type { ManifestRecord } from "../admission.ts";
import type { Catalog } from "./catalog.ts";

/** Rows that are read at once where there may be many. */
const pageSize = 1000;

/** The repository's number, as a part of a query; its name is the first value. */
const here = "(SELECT id FROM repositories WHERE name = ?)";

export class RepositoryRecords {
  readonly #catalog: Catalog;
  readonly #name: string;

  constructor(catalog: Catalog, name: string) {
    this.#catalog = catalog;
    this.#name = name;
  }

  exists(): boolean {
    return this.#catalog.get("SELECT 1 FROM repositories WHERE name = ?", this.#name) !== undefined;
  }

  find(reference: string): Descriptor | undefined {
    const row = isDigest(reference)
      ? this.#catalog.get(
          `SELECT digest, media_type, size FROM manifests WHERE repository = ${here} AND digest = ?`,
          this.#name,
          reference,
        )
      : this.#catalog.get(
          `SELECT m.digest, m.media_type, m.size FROM tags t
           JOIN manifests m ON m.repository = t.repository AND m.digest = t.digest
           WHERE t.repository = ${here} AND t.name = ?`,
          this.#name,
          reference,
        );
    return row && descriptorOf(row);
  }

  /** Tags after `last`, sorted, at most a page of them. */
  tags(last: string): string[] {
    const rows = this.#catalog.all(
      `SELECT name FROM tags WHERE repository = ${here} AND name > ? ORDER BY name LIMIT ${pageSize}`,
      this.#name,
      last,
    );
    return rows.map(({ name }) => String(name));
  }

  /** All tags of a manifest. */
  tagsOf(digest: Digest): string[] {
    const sql = `SELECT name FROM tags WHERE repository = ${here} AND digest = ?`;
    return this.#catalog.all(sql, this.#name, digest).map(({ name }) => String(name));
  }

  /** Whether a manifest names the digest as a blob. */
  isUsed(digest: Digest): boolean {
    const sql = `SELECT 1 FROM uses WHERE repository = ${here} AND digest = ?`;
    return this.#catalog.get(sql, this.#name, digest) !== undefined;
  }

  /** Referrers with their place in the order of pushing, from `after` on, at most a page. */
  referrers(subject: Digest, after: number): { place: number; descriptor: Descriptor }[] {
    const rows = this.#catalog.all(
      `SELECT rowid AS place, referrer FROM manifests WHERE repository = ${here} AND subject = ?
       AND rowid > ? ORDER BY rowid LIMIT ${pageSize}`,
      this.#name,
      subject,
      after,
    );
    return rows.map(({ place, referrer }) => ({
      place: Number(place),
      descriptor: JSON.parse(String(referrer)) as Descriptor,
    }));
  }

  /** Makes the repository exist. */
  create(): void {
    this.#catalog.run("INSERT OR IGNORE INTO repositories (name) VALUES (?)", this.#name);
  }

  put(record: ManifestRecord, tag?: string): void {
    this.create();
    const change = this.#change(record.subject);
    const { descriptor, subject, referrer, children, blobs } = record;
    const { digest, mediaType, size } = descriptor;
    const { repository } = change;
    const row = this.#catalog.get(
      `INSERT INTO manifests (repository, digest, media_type, size, subject, referrer, noted)
       VALUES (?, ?, ?, ?, ?, ?, 1)
       ON CONFLICT DO UPDATE SET
         media_type = excluded.media_type, referrer = excluded.referrer, noted = 1
       RETURNING id`,
      repository,
      digest,
      mediaType,
      size,
      subject ?? null,
      subject === undefined ? null : JSON.stringify(referrer),
    );
    for (const child of children) {
      const sql = "INSERT OR IGNORE INTO children (repository, digest, parent) VALUES (?, ?, ?)";
      this.#catalog.run(sql, repository, child.digest, digest);
    }
    noteUses(this.#catalog, { repository, manifest: Number(row?.["id"]) }, blobs);
    this.#touch(digest, change);
    // Whoever refers to something knows that it is here, and relies on it.
    if (subject !== undefined) this.#touch(subject, change);
    if (tag !== undefined) this.#setTag(tag, digest, change);
  }

  tag(digest: Digest, tag: string): void {
    const change = this.#change();
    this.#touch(digest, change);
    this.#setTag(tag, digest, change);
  }

  /** @returns whether it was there */
  removeTag(tag: string): boolean {
    const found = this.#catalog.get(
      `DELETE FROM tags WHERE repository = ${here} AND name = ? RETURNING digest`,
      this.#name,
      tag,
    );
    if (found === undefined) return false;
    this.#touch(String(found["digest"]), this.#change());
    return true;
  }

  /** Removes a manifest and its tags, and releases what it named. @returns whether it was there */
  remove(digest: Digest): boolean {
    const found = this.#catalog.get(
      `DELETE FROM manifests WHERE repository = ${here} AND digest = ? RETURNING id, subject`,
      this.#name,
      digest,
    );
    if (found === undefined) return false;
    const { repository } = this.#change(
      found["subject"] === null ? undefined : String(found["subject"]),
    );
    const id = Number(found["id"]);
    const release = "INSERT INTO released (repository, digest, manifest)";
    this.#catalog.run(
      `${release} VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET manifest = 1`,
      repository,
      digest,
    );
    this.#catalog.run(
      `${release} SELECT repository, digest, 0 FROM uses WHERE manifest = ? ON CONFLICT DO NOTHING`,
      id,
    );
    this.#catalog.run(
      `${release} SELECT repository, digest, 0 FROM children WHERE repository = ? AND parent = ?
       ON CONFLICT DO NOTHING`,
      repository,
      digest,
    );
    this.#catalog.run("DELETE FROM uses WHERE manifest = ?", id);
    this.#catalog.run("DELETE FROM tags WHERE repository = ? AND digest = ?", repository, digest);
    this.#catalog.run(
      "DELETE FROM children WHERE repository = ? AND parent = ?",
      repository,
      digest,
    );
    return true;
  }

  /** Gives the manifest the tag, and notes that the one which had it has lost it. */
  #setTag(tag: string, digest: Digest, change: Change): void {
    const { repository } = change;
    const before = this.#catalog.get(
      "SELECT digest FROM tags WHERE repository = ? AND name = ?",
      repository,
      tag,
    );
    if (before !== undefined) this.#touch(String(before["digest"]), change);
    this.#catalog.run(
      `INSERT INTO tags (repository, name, digest) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET digest = excluded.digest`,
      repository,
      tag,
      digest,
    );
  }

  /** Notes that the manifest, if it is here, has got or lost a name with this change. */
  #touch(digest: Digest, { repository, count }: Change): void {
    this.#catalog.run(
      "UPDATE manifests SET since = ?, changed = ? WHERE repository = ? AND digest = ?",
      this.#catalog.now(),
      count,
      repository,
      digest,
    );
  }

  /** Counts a change, so that `index.json` is written again, and the listing of a subject's referrers with it. */
  #change(subject?: Digest): Change {
    const row = this.#catalog.get(
      "UPDATE repositories SET changed = changed + 1 WHERE name = ? RETURNING id, changed",
      this.#name,
    );
    const change = { repository: Number(row?.["id"]), count: Number(row?.["changed"]) };
    if (subject !== undefined) {
      this.#catalog.run(
        `INSERT INTO listings (repository, subject, stale) VALUES (?, ?, ?)
         ON CONFLICT DO UPDATE SET stale = excluded.stale`,
        change.repository,
        subject,
        change.count,
      );
    }
    return change;
  }
}

/** A change of a repository, and which one it is. */
interface Change {
  /** The repository's number. */
  readonly repository: number;
  readonly count: number;
}

/** Notes which blobs a manifest names. */
export function noteUses(
  catalog: Catalog,
  { repository, manifest }: { repository: number; manifest: number },
  blobs: readonly Digest[],
): void {
  const sql = "INSERT OR IGNORE INTO uses (repository, digest, manifest) VALUES (?, ?, ?)";
  for (const digest of blobs) catalog.run(sql, repository, digest, manifest);
}

/** Names of repositories after `last`, sorted, at most a page of them. */
export function repositoryNames(catalog: Catalog, last: string): string[] {
  const sql = `SELECT name FROM repositories WHERE name > ? ORDER BY name LIMIT ${pageSize}`;
  return catalog.all(sql, last).map(({ name }) => String(name));
}

/**
 * The name of a repository's folder. Names are lower case and have no "+", so none collide, on whatever file system;
 * and the tools that take `oci:PATH:TAG` or `ocidir://PATH` accept a "+" in it.
 */
export function folderName(repository: string): string {
  return repository.replaceAll("/", "+");
}

/** The repository of a folder, undefined where the folder is none of ours. */
export function repositoryName(folder: string): string | undefined {
  const name = folder.replaceAll("+", "/");
  return isRepositoryName(name) ? name : undefined;
}

export function descriptorOf(row: Record<string, string | number | null>): Descriptor {
  return {
    mediaType: String(row["media_type"]),
    digest: String(row["digest"]),
    size: Number(row["size"]),
  };
}

function isRepositoryName(name: string): boolean {
  try {
    return checkRepositoryName(name) === name;
  } catch {
    return false;
  }
}
