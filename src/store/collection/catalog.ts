/**
 * What a data directory knows beside the blobs: repositories, manifests, tags. SQLite in WAL mode: readers never wait,
 * writers of several processes take turns, and a commit costs the same with ten tags or ten thousand.
 */
import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { SQLInputValue, StatementSync } from "node:sqlite";

import { WharfError } from "../../errors.ts";
import { diskError } from "../disk/failure.ts";
import { syncFolder } from "../disk/files.ts";
import { Flush } from "../disk/flush.ts";
import { databaseError, isBusy, openDatabase } from "../disk/sqlite.ts";
import type { Database } from "../disk/sqlite.ts";
import { announce } from "../disk/steps.ts";
import { steps } from "./schema.ts";

/** Milliseconds that a writer waits for another process's; a commit takes one. */
const patience = 30_000;

type Row = Record<string, string | number | null>;

export class Catalog {
  readonly #path: string;
  readonly #database: Database;
  readonly #statements = new Map<string, StatementSync>();
  readonly #durable = new Flush(() => this.#syncLog());
  /** Milliseconds since 1970. */
  readonly now: () => number;
  #log: FileHandle | undefined;
  #lost: WharfError | undefined;

  /** @throws WharfError LAYOUT_INVALID, FILE_FAILED, DISK_FULL, LOCKED */
  static async open(path: string, now: () => number = Date.now): Promise<Catalog> {
    const database = openDatabase(path);
    const catalog = new Catalog(path, database, now);
    try {
      await catalog.#patiently(() => database.exec("PRAGMA journal_mode = WAL"));
      // What a commit wrote is synced by us, off the main thread and once for many: see `write`.
      database.exec("PRAGMA synchronous = NORMAL");
      await catalog.#prepare();
      return catalog;
    } catch (error) {
      await catalog.#log?.close();
      database.close();
      throw databaseError(error, path);
    }
  }

  constructor(path: string, database: Database, now: () => number) {
    this.#path = path;
    this.#database = database;
    this.now = now;
  }

  /**
   * Makes changes that hold all or none, and returns when they would survive a power cut. Other writers wait meanwhile,
   * so `work` may also change files that must agree with the rows.
   * @param options.durable whether a power cut matters; otherwise the next that does waits for this one too
   */
  async write<Result>(work: () => Result, { durable = true } = {}): Promise<Result> {
    // Nothing is waited for in between, so that no other writer of this process gets into the transaction.
    const result = await this.#patiently(() => {
      announce("turn", this.#path);
      this.#database.exec("BEGIN IMMEDIATE");
      try {
        const done = work();
        announce("commit", this.#path);
        this.#database.exec("COMMIT");
        return done;
      } catch (error) {
        // After some errors SQLite has rolled back by itself.
        if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
        throw databaseError(error, this.#path);
      }
    });
    if (durable) await this.#durable.run();
    return result;
  }

  /** One row. */
  get(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#run(() => this.#statement(sql).get(...values)) as Row | undefined;
  }

  /** All rows; queries that may have many are limited by whoever asks. */
  all(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#run(() => this.#statement(sql).all(...values)) as Row[];
  }

  /** @returns how many rows were changed */
  run(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#run(() => this.#statement(sql).run(...values)).changes);
  }

  /** Statements that give no rows. */
  execute(sql: string): void {
    this.#run(() => this.#database.exec(sql));
  }

  async close(): Promise<void> {
    try {
      await this.#durable.run();
    } finally {
      await this.#log?.close();
      this.#log = undefined;
      this.#run(() => this.#database.close());
    }
  }

  async #prepare(): Promise<void> {
    const found = () => Number(this.get("PRAGMA user_version")?.["user_version"]);
    if (found() > steps.length) {
      throw new WharfError("LAYOUT_INVALID", `${this.#path}: was made by a newer version`, {
        hint: "Use that version, or a newer one.",
      });
    }
    if (found() === steps.length) return;
    await this.write(() => {
      for (const step of steps.slice(found())) this.#database.exec(step);
      this.#database.exec(`PRAGMA user_version = ${steps.length}`);
    });
    await syncFolder(dirname(this.#path));
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #run<Result>(work: () => Result): Result {
    try {
      return work();
    } catch (error) {
      throw databaseError(error, this.#path);
    }
  }

  /**
   * The log is only ever removed by the last process that closes the database, so while it is open here, the file is the
   * one that commits went to, or they are in the database already.
   */
  async #syncLog(): Promise<void> {
    const path = `${this.#path}-wal`;
    if (this.#lost !== undefined) throw this.#lost;
    try {
      this.#log ??= await open(path, "r+");
      announce("sync", path);
    } catch (error) {
      throw diskError(error, path);
    }
    try {
      await this.#log.datasync();
    } catch (error) {
      // The system tells once, and the next sync would find nothing wrong; but after a power cut the log ends where it has
      // a hole, so nothing that comes behind it is safe.
      const { code, message } = diskError(error, path);
      const hint =
        "See whether the disk is well, then start again. What is here can still be read.";
      this.#lost = new WharfError(code, message, { cause: error, hint });
      throw this.#lost;
    }
  }

  async #patiently<Result>(work: () => Result): Promise<Result> {
    const deadline = performance.now() + patience;
    for (let wait = 1; ; wait = Math.min(wait * 2, 20)) {
      try {
        return work();
      } catch (error) {
        if (!isBusy(error) || performance.now() > deadline) throw databaseError(error, this.#path);
      }
      await sleep(wait * (0.5 + Math.random()));
    }
  }
}
