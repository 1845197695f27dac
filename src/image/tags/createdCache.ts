/** When images were made, remembered from one run to the next. */
import { rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isError } from "../../errors.ts";
import { makeFoldersSync } from "../../folders.ts";
import { cacheFolder } from "../../store/disk/cacheFolder.ts";
import { databaseError, isBusy, openDatabase, type Database } from "../../store/disk/sqlite.ts";
import type { CreatedCache, CreatedRecord } from "./created.ts";

/** Digests that are remembered; some 150 bytes each. */
const rows = 100_000;
/** What was found out and is not written yet. */
const unwritten = 1000;
/** Tries to write while other processes do; each of them writes for some milliseconds. */
const tries = 20;

/** A cache of dates in a file, for one run after the other. */
export interface DiskCreatedCache extends CreatedCache {
  /** Writes what was found out. */
  close(): Promise<void>;
}

/**
 * Opens the cache, which several processes may use at once. It is there to save requests: where it cannot be read or
 * written, everything works without it. What is damaged is made anew.
 * @param path @default dates.sqlite in the user's folder for caches
 */
export function openCreatedCache(path = join(cacheFolder(), "dates.sqlite")): DiskCreatedCache {
  return new DiskCache(path, open(path));
}

function open(path: string, again = true): Database | undefined {
  let database: Database | undefined;
  try {
    makeFoldersSync(dirname(path), 0o700);
    database = openDatabase(path);
    // Another process may be opening or closing it this moment; that is soon over.
    database.exec("PRAGMA busy_timeout = 2000");
    // Readers and a writer do not hinder one another; what a power cut takes is found out again.
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF");
    database.exec(
      "CREATE TABLE IF NOT EXISTS created (key TEXT PRIMARY KEY, date INTEGER, source TEXT NOT NULL, used INTEGER NOT NULL) WITHOUT ROWID",
    );
    return database;
  } catch (error) {
    database?.close();
    const damaged = isError(isError(error) ? error : databaseError(error, path), "LAYOUT_INVALID");
    if (!damaged || !again) return undefined;
    for (const end of ["", "-wal", "-shm"]) rmSync(path + end, { force: true });
    return open(path, false);
  }
}

class DiskCache implements DiskCreatedCache {
  readonly #path: string;
  readonly #fresh = new Map<string, CreatedRecord>();
  readonly #used = new Set<string>();
  #database: Database | undefined;
  #writing: Promise<void> | undefined;

  constructor(path: string, database: Database | undefined) {
    this.#path = path;
    this.#database = database;
  }

  get(key: string): CreatedRecord | undefined {
    const fresh = this.#fresh.get(key);
    if (fresh !== undefined) return fresh;
    const row = this.#attempt((database) =>
      database.prepare("SELECT date, source FROM created WHERE key = ?").get(key),
    );
    if (row === undefined) return undefined;
    const { date, source } = row;
    if (date !== null && typeof date !== "number") return undefined;
    if (source !== "created" && source !== "annotation") return undefined;
    if (this.#used.size < rows) this.#used.add(key);
    return { date, source };
  }

  set(key: string, record: CreatedRecord): void {
    if (this.#database === undefined) return;
    this.#fresh.set(key, record);
    if (this.#fresh.size < unwritten) return;
    this.#writing ??= this.#write().finally(() => (this.#writing = undefined));
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#write();
    this.#database?.close();
    this.#database = undefined;
  }

  async #write(): Promise<void> {
    const fresh = [...this.#fresh];
    const used = [...this.#used];
    this.#used.clear();
    for (let attempt = 0; attempt < tries && fresh.length + used.length > 0; attempt += 1) {
      const done = this.#attempt((database) => {
        save(database, fresh, used);
        return true;
      });
      if (done || this.#database === undefined) break;
      await sleep(10 + 20 * Math.random());
    }
    for (const [key] of fresh) this.#fresh.delete(key);
  }

  /** Undefined where another process is writing; after any other failure we go on without the cache. */
  #attempt<T>(work: (database: Database) => T): T | undefined {
    if (this.#database === undefined) return undefined;
    try {
      return work(this.#database);
    } catch (error) {
      if (isBusy(error)) return undefined;
      this.#database.close();
      this.#database = undefined;
      if (isError(databaseError(error, this.#path), "LAYOUT_INVALID")) {
        for (const end of ["", "-wal", "-shm"]) rmSync(this.#path + end, { force: true });
      }
      return undefined;
    }
  }
}

/** Writes all at once, and forgets what was not asked for the longest. */
function save(
  database: Database,
  fresh: readonly (readonly [string, CreatedRecord])[],
  used: readonly string[],
): void {
  const now = Date.now();
  database.exec("BEGIN IMMEDIATE");
  try {
    const insert = database.prepare("INSERT OR REPLACE INTO created VALUES (?, ?, ?, ?)");
    for (const [key, { date, source }] of fresh) insert.run(key, date, source, now);
    const touch = database.prepare("UPDATE created SET used = ? WHERE key = ?");
    for (const key of used) touch.run(now, key);
    const { count } = database.prepare("SELECT count(*) AS count FROM created").get() as {
      count: number;
    };
    if (count > rows) {
      database
        .prepare("DELETE FROM created WHERE key IN (SELECT key FROM created ORDER BY used LIMIT ?)")
        .run(count - rows + (rows >> 4));
    }
    database.exec("COMMIT");
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}
