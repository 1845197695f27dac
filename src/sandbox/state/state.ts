/** What the sandbox knows, in SQLite: in memory, or in a file. */
import type { SQLInputValue, StatementSync } from "node:sqlite";

import { type Database, openDatabase } from "../../store/disk/sqlite.ts";
import { schema } from "./schema.ts";

/** Statements are kept compiled; whoever asks works in one process, so that nothing ever waits. */
export class State {
  readonly #database: Database;
  readonly #statements = new Map<string, StatementSync>();

  /** @param path a file, or `:memory:` */
  constructor(path: string) {
    this.#database = openDatabase(path);
    this.#database.exec("PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON;");
    this.#database.exec(schema);
  }

  /** All rows; what a column holds is said by whoever asks. */
  all<Row>(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#prepared(sql).all(...values) as Row[];
  }

  one<Row>(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#prepared(sql).get(...values) as Row | undefined;
  }

  /** @returns how many rows have changed, and the number of the last one that came */
  run(sql: string, ...values: SQLInputValue[]): { changes: number; id: number } {
    const { changes, lastInsertRowid } = this.#prepared(sql).run(...values);
    return { changes: Number(changes), id: Number(lastInsertRowid) };
  }

  count(sql: string, ...values: SQLInputValue[]): number {
    return this.one<{ count: number }>(sql, ...values)?.count ?? 0;
  }

  /** All of `work` or, where it throws, nothing of it. Within another one it is a part of that. */
  transaction<Result>(work: () => Result): Result {
    if (this.#database.isTransaction) return work();
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.#database.exec("COMMIT");
      return result;
    } catch (error) {
      this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  /** What has to outlive the process besides rows: keys. */
  setting(name: string): string | undefined {
    return this.one<{ value: string }>("SELECT value FROM settings WHERE name = ?", name)?.value;
  }

  set(name: string, value: string): void {
    this.run("INSERT OR REPLACE INTO settings VALUES (?, ?)", name, value);
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  #prepared(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) this.#statements.set(sql, (statement = this.#database.prepare(sql)));
    return statement;
  }
}

/** A moment as Docker Hub writes it. @param time milliseconds since 1970 */
export function written(time: number): string {
  return new Date(time).toISOString().replace("Z", "000Z");
}
