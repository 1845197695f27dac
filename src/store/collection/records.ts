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
    const { descriptor, subject, referrer, children } = record;
    const { digest, mediaType, size } = descriptor;
    this.#catalog.run(
      `INSERT INTO manifests (repository, digest, media_type, size, subject, referrer)
       VALUES (${here}, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET media_type = excluded.media_type, referrer = excluded.referrer`,
      this.#name,
      digest,
      mediaType,
      size,
      subject ?? null,
      subject === undefined ? null : JSON.stringify(referrer),
    );
    for (const child of children) {
      this.#catalog.run(
        `INSERT OR IGNORE INTO children (repository, digest, parent) VALUES (${here}, ?, ?)`,
        this.#name,
        child.digest,
        digest,
      );
    }
    if (tag !== undefined) this.tag(digest, tag);
    this.#noteChange(subject);
  }

  tag(digest: Digest, tag: string): void {
    this.#catalog.run(
      `INSERT INTO tags (repository, name, digest) VALUES (${here}, ?, ?)
       ON CONFLICT DO UPDATE SET digest = excluded.digest`,
      this.#name,
      tag,
      digest,
    );
    this.#noteChange();
  }

  /** @returns whether it was there */
  removeTag(tag: string): boolean {
    const sql = `DELETE FROM tags WHERE repository = ${here} AND name = ?`;
    const removed = this.#catalog.run(sql, this.#name, tag) > 0;
    if (removed) this.#noteChange();
    return removed;
  }

  /** Removes a manifest and its tags. @returns whether it was there */
  remove(digest: Digest): boolean {
    const found = this.#catalog.get(
      `DELETE FROM manifests WHERE repository = ${here} AND digest = ? RETURNING subject`,
      this.#name,
      digest,
    );
    if (found === undefined) return false;
    const ofIt = `WHERE repository = ${here} AND`;
    this.#catalog.run(`DELETE FROM tags ${ofIt} digest = ?`, this.#name, digest);
    this.#catalog.run(`DELETE FROM children ${ofIt} parent = ?`, this.#name, digest);
    this.#noteChange(found["subject"] === null ? undefined : String(found["subject"]));
    return true;
  }

  /** Counts a change, so that `index.json` is written again, and the listing of a subject's referrers with it. */
  #noteChange(subject?: Digest): void {
    this.#catalog.run("UPDATE repositories SET changed = changed + 1 WHERE name = ?", this.#name);
    if (subject === undefined) return;
    this.#catalog.run(
      `INSERT INTO listings (repository, subject, stale)
       SELECT id, ?, changed FROM repositories WHERE name = ?
       ON CONFLICT DO UPDATE SET stale = excluded.stale`,
      subject,
      this.#name,
    );
  }
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
