import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";

import { openDatabase } from "../../store/disk/sqlite.ts";
import { findAccount } from "../accounts/accounts.ts";
import { createRepository, findRepository } from "../repositories.ts";
import { schema } from "./schema.ts";
import { State } from "./state.ts";

const now = Date.parse("2026-05-01T12:00:00Z");

/** A file that a version has left whose tables were others. */
function left(context: TestContext, change: (sql: string) => string): string {
  const folder = mkdtempSync(join(tmpdir(), "wharf-state-"));
  context.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "sandbox.db");
  const database = openDatabase(file);
  const earlier = change(schema);
  assert.notEqual(earlier, schema);
  database.exec(earlier);
  database.exec(`
    INSERT INTO accounts (number, id, name, type, joined) VALUES (7, 'a', 'alice', 'User', '2026');
    INSERT INTO repositories (id, owner, name, registered) VALUES (1, 7, 'site', '2026'), (9, 7, 'gone', '2026');
    INSERT INTO stars VALUES (1, 7, '2026'), (9, 7, '2026');
    DELETE FROM repositories WHERE id = 9;
    DELETE FROM stars WHERE repository = 9;`);
  database.close();
  return file;
}

test("a folder of an earlier version goes on with its rows; columns that it did not have get their default", (context) => {
  const file = left(context, (sql) =>
    sql
      .replace("  plan TEXT NOT NULL DEFAULT 'free',\n", "")
      .replace("  categories TEXT NOT NULL DEFAULT '[]',\n", ""),
  );
  for (const run of ["the first", "a later"]) {
    const state = new State(file);
    assert.equal(findAccount(state, "alice")?.plan, "free", run);
    const site = findRepository(state, "alice", "site");
    assert.deepEqual([site?.id, site?.categories, site?.stars], [1, "[]", 1]);
    assert.equal(state.one("PRAGMA foreign_key_check"), undefined);
    state.close();
  }
  const state = new State(file);
  const made = createRepository(state, findAccount(state, "alice")!, { name: "next" }, now);
  assert.equal(made.id, 10, "numbers are not given twice");
  state.run("DELETE FROM accounts WHERE name = 'alice'");
  assert.equal(
    state.count("SELECT count(*) AS count FROM stars"),
    0,
    "rows go with what they are of",
  );
  state.close();
});

test("triggers and indexes are there again after a table was made anew", (context) => {
  const file = left(context, (sql) =>
    sql
      .replace(
        "  pulled TEXT,\n  PRIMARY KEY (repository, digest)",
        "  PRIMARY KEY (repository, digest)",
      )
      .replace(/CREATE INDEX IF NOT EXISTS manifest_times.*\n/, ""),
  );
  const state = new State(file);
  const names = (one: State) =>
    one.all(
      "SELECT type, name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name",
    );
  const fresh = new State(":memory:");
  assert.deepEqual(names(state), names(fresh));
  state.run("INSERT INTO summaries VALUES (1, '{}')");
  state.run(
    "INSERT INTO manifests (repository, digest, media_type, pushed) VALUES (1, 'd', 'm', '2026')",
  );
  assert.equal(state.one("SELECT 1 FROM summaries"), undefined);
  fresh.close();
  state.close();
});

test("a file that is no database is told as what it is to a sandbox", (context) => {
  const file = left(context, (sql) => `${sql} `);
  writeFileSync(file, "x".repeat(10_000));
  assert.throws(
    () => new State(file),
    (error: { code?: string; details?: { hint?: string } }) =>
      error.code === "LAYOUT_INVALID" &&
      /empty folder|another folder/.test(error.details?.hint ?? ""),
  );
});
