/** Queues in a file, which outlive the process. */
import type { StatementSync } from "node:sqlite";

import { WharfError } from "../../errors.ts";
import { type Database, databaseError, openDatabase } from "../../store/disk/sqlite.ts";
import type { Arriving, Queues, Waiting } from "./queue.ts";

const schema = `
  CREATE TABLE IF NOT EXISTS events (
    id INTEGER PRIMARY KEY AUTOINCREMENT, endpoint TEXT NOT NULL, event TEXT NOT NULL) STRICT;
  CREATE INDEX IF NOT EXISTS events_endpoint ON events (endpoint, id);
`;

/**
 * Opens the file, and creates it where it is not there. What was added survives the end of the process however it comes; a
 * power cut may take the events of the last moment.
 *
 * @throws WharfError FILE_FAILED, DISK_FULL, LAYOUT_INVALID
 */
export function openQueues(path: string): Queues {
  const database = openDatabase(path);
  try {
    // Other processes hold the file for the time of a commit; to wait that long is cheaper than to come back.
    database.exec("PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL");
    database.exec(`PRAGMA synchronous = NORMAL; ${schema}`);
    return new StoredQueues(path, database);
  } catch (cause) {
    database.close();
    const error = databaseError(cause, path);
    if (error.code !== "LAYOUT_INVALID") throw error;
    const hint = "Move it away; the events that wait in it cannot be delivered.";
    throw new WharfError(error.code, error.message, { hint, cause });
  }
}

class StoredQueues implements Queues {
  readonly shared = true;
  readonly #path: string;
  readonly #database: Database;
  readonly #counts = new Map<string, number>();
  readonly #insert: StatementSync;
  readonly #first: StatementSync;
  readonly #delete: StatementSync;
  readonly #count: StatementSync;

  constructor(path: string, database: Database) {
    this.#path = path;
    this.#database = database;
    this.#insert = database.prepare("INSERT INTO events (endpoint, event) VALUES (?, ?)");
    this.#first = database.prepare(
      "SELECT id, event FROM events WHERE endpoint = ? ORDER BY id LIMIT 1",
    );
    this.#delete = database.prepare("DELETE FROM events WHERE endpoint = ? AND id = ?");
    this.#count = database.prepare("SELECT count(*) AS count FROM events WHERE endpoint = ?");
  }

  add(events: readonly Arriving[]): void {
    const rows = events.flatMap(({ keys, event }) => keys.map((key) => [key, event] as const));
    const insert = () => rows.forEach(([key, event]) => this.#insert.run(key, event));
    // A single row is a transaction by itself.
    this.#run(rows.length === 1 ? insert : () => this.#together(insert));
    for (const [key] of rows) this.#counts.set(key, this.count(key) + 1);
  }

  first(key: string): Waiting | undefined {
    const found = this.#run(() => this.#first.get(key)) as Waiting | undefined;
    // Whatever others have added or taken: now it is known.
    if (!found) this.#counts.set(key, 0);
    return found;
  }

  remove(key: string, id: number): void {
    const { changes } = this.#run(() => this.#delete.run(key, id));
    this.#counts.set(key, Math.max(0, this.count(key) - Number(changes)));
  }

  count(key: string): number {
    return this.#counts.get(key) ?? this.recount(key);
  }

  recount(key: string): number {
    const { count } = this.#run(() => this.#count.get(key)) as { count: number };
    this.#counts.set(key, count);
    return count;
  }

  keepOnly(keys: readonly string[]): number {
    const places = keys.map(() => "?").join(", ");
    const forget = this.#database.prepare(`DELETE FROM events WHERE endpoint NOT IN (${places})`);
    return Number(this.#run(() => forget.run(...keys)).changes);
  }

  close(): void {
    this.#database.close();
  }

  #together(work: () => void): void {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      work();
      this.#database.exec("COMMIT");
    } catch (error) {
      // After some errors SQLite has rolled back by itself.
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  #run<Result>(work: () => Result): Result {
    try {
      return work();
    } catch (error) {
      throw databaseError(error, this.#path);
    }
  }
}
