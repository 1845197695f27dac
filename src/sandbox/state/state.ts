/** What the sandbox knows, in SQLite: in memory, or in a file. */
import { dirname } from "node:path";
import type { SQLInputValue } from "node:sqlite";

import { WharfError } from "../../errors.ts";
import { type Database, databaseError, isBusy, openDatabase } from "../../store/disk/sqlite.ts";
import { migrate } from "./migrate.ts";
import { schema } from "./schema.ts";
import { prepareStatement, type Statement } from "./statement.ts";

/** One process at a time: two that know nothing of each other would tell different things. */
const exclusive = "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL;";
/** What is lost with the process anyway need not be written with care. */
const unsafe = "PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY;";

/** Statements are kept compiled; whoever asks works in one process, so that nothing ever waits. */
export class State {
  readonly #database: Database;
  readonly #statements = new Map<string, Statement>();

  /**
   * @param path a file, or `:memory:`
   * @param kind a copy is a file that nobody else knows of, and that is given away as soon as it is closed
   * @throws WharfError LOCKED where another process, or another sandbox of this one, has the file; LAYOUT_INVALID for a damaged one
   */
  constructor(path: string, kind: "own" | "copy" = "own") {
    this.#database = openDatabase(path);
    try {
      const isOwnFile = path !== ":memory:" && kind === "own";
      this.#database.exec(isOwnFile ? exclusive : unsafe);
      this.#database.exec("PRAGMA foreign_keys = OFF");
      if (isOwnFile) migrate(this.#database, schema);
      this.#database.exec("PRAGMA foreign_keys = ON");
      this.#database.exec(schema);
    } catch (error) {
      this.#database.close();
      throw unusable(error, path);
    }
  }

  /** All rows; what a column holds is said by whoever asks. */
  all<Row>(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#prepared(sql).all(values) as Row[];
  }

  one<Row>(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#prepared(sql).get(values) as Row | undefined;
  }

  /** @returns how many rows have changed, and the number of the last one that came */
  run(sql: string, ...values: SQLInputValue[]): { changes: number; id: number } {
    const { changes, lastInsertRowid } = this.#prepared(sql).run(values);
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
      // A full disk has SQLite do it by itself.
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
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

  unset(name: string): void {
    this.run("DELETE FROM settings WHERE name = ?", name);
  }

  /** Names of all, but for that of settings. */
  get tables(): readonly string[] {
    return this.#tables("main");
  }

  /** Deletes all rows, but for settings, and writes others in the same transaction; numbers begin at 1 again. */
  renew(write: () => void): void {
    this.#replace(() => {
      for (const table of this.#tables("main")) this.#database.exec(`DELETE FROM main."${table}"`);
      this.#database.exec("DELETE FROM main.sqlite_sequence");
      write();
    });
  }

  /** Writes all of it into a new file. @throws WharfError FILE_FAILED, DISK_FULL */
  saveTo(file: string): void {
    try {
      this.#database.prepare("VACUUM INTO ?").run(file);
    } catch (error) {
      throw databaseError(error, file);
    }
  }

  /**
   * Replaces all rows, but for settings, by those of a file that {@link saveTo} wrote. What the file lacks, because an earlier
   * version wrote it, is empty.
   * @param also is called within the same transaction
   * @throws WharfError LAYOUT_INVALID for what is no such file
   */
  loadFrom(file: string, also: () => void = () => {}): void {
    this.#attached(file, () =>
      this.#replace(() => {
        const there = new Set(this.#tables("loaded"));
        for (const table of [...this.#tables("main"), "sqlite_sequence"]) {
          this.#database.exec(`DELETE FROM main."${table}"`);
          if (table !== "sqlite_sequence" && !there.has(table)) continue;
          const known = new Set(this.#columns("loaded", table));
          const columns = this.#columns("main", table).filter((column) => known.has(column));
          const list = columns.map((column) => `"${column}"`).join(", ");
          this.#database.exec(
            `INSERT INTO main."${table}" (${list}) SELECT ${list} FROM loaded."${table}"`,
          );
        }
        if (this.one("PRAGMA main.foreign_key_check") !== undefined) throw noSnapshot();
        also();
      }),
    );
  }

  /** @throws WharfError LAYOUT_INVALID for a file that {@link loadFrom} would not take */
  checkFile(file: string): void {
    this.#attached(file, () => {
      const [first] = this.all<{ quick_check: string }>("PRAGMA loaded.quick_check(1)");
      if (first?.quick_check !== "ok" || !this.#tables("loaded").includes("accounts"))
        throw noSnapshot();
    });
  }

  #attached(file: string, work: () => void): void {
    try {
      this.#database.prepare("ATTACH ? AS loaded").run(file);
      try {
        work();
      } finally {
        // Statements that have looked into the file keep hold of it.
        this.#statements.clear();
        this.#database.exec("DETACH loaded");
      }
    } catch (error) {
      if (error instanceof WharfError) throw error;
      const told = databaseError(error, file);
      // Rows that another table's rules refuse are no snapshot's, either.
      throw told.code === "LAYOUT_INVALID" || isRefusedRow(error) ? noSnapshot(error) : told;
    }
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  /** Rows come back in any order, and so whether they fit together is not looked at. */
  #replace(work: () => void): void {
    this.#database.exec("PRAGMA foreign_keys = OFF");
    try {
      this.transaction(work);
    } finally {
      this.#database.exec("PRAGMA foreign_keys = ON");
    }
  }

  #tables(schema: "main" | "loaded"): string[] {
    const rows = this.all<{ name: string }>(
      `SELECT name FROM ${schema}.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'settings'`,
    );
    return rows.map(({ name }) => name);
  }

  #columns(schema: "main" | "loaded", table: string): string[] {
    const rows = this.all<{ name: string }>(
      `SELECT name FROM pragma_table_info('${table}', '${schema}')`,
    );
    return rows.map(({ name }) => name);
  }

  #prepared(sql: string): Statement {
    let statement = this.#statements.get(sql);
    if (!statement) this.#statements.set(sql, (statement = prepareStatement(this.#database, sql)));
    return statement;
  }
}

/** What SQLite has failed with, for whoever has given the folder; other errors stay as they are. */
export function told(error: unknown, path: string): unknown {
  const isOfSqlite = (error as { errcode?: number } | undefined)?.errcode !== undefined;
  return isOfSqlite ? unusable(error, path) : error;
}

function unusable(cause: unknown, path: string): WharfError {
  if (isBusy(cause))
    return new WharfError("LOCKED", `${dirname(path)}: another sandbox lives in this folder`, {
      cause,
      hint: "End it, or give --data another folder.",
    });
  const error = databaseError(cause, path);
  if (error.code !== "LAYOUT_INVALID") return error;
  return new WharfError("LAYOUT_INVALID", error.message, {
    cause,
    hint: "Give --data another folder, and a snapshot of this one to --seed, if there is one.",
  });
}

/** A moment as Docker Hub writes it. @param time milliseconds since 1970 */
export function written(time: number): string {
  return new Date(time).toISOString().replace("Z", "000Z");
}

/** A moment of ISO 8601 in the same form, to the microsecond. */
export function writtenMoment(text: string): string {
  const [, digits = ""] = /\.(\d+)/.exec(text) ?? [];
  return written(Date.parse(text)).replace("000Z", `${digits.slice(3, 6).padEnd(3, "0")}Z`);
}

/** Number: SQLite's "Result and Error Codes", SQLITE_CONSTRAINT, SQLITE_MISMATCH and SQLITE_ERROR. */
function isRefusedRow(error: unknown): boolean {
  const code = (error as { errcode?: number } | undefined)?.errcode;
  return code !== undefined && [1, 19, 20].includes(code & 0xff);
}

function noSnapshot(cause?: unknown): WharfError {
  return new WharfError("LAYOUT_INVALID", "this is no snapshot of a sandbox, or a damaged one", {
    cause,
    hint: "A snapshot comes from sandbox.snapshot() or GET /_sandbox/snapshots/NAME.",
  });
}
