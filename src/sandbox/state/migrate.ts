/** A folder that an earlier version has left: its tables become those of this one, with the rows that they have. */
import { createHash } from "node:crypto";

import { type Database, openDatabase } from "../../store/disk/sqlite.ts";

/**
 * Makes anew each table that differs from the schema's; a column that it did not have gets its default. So a change of the schema
 * needs nothing but that a new column may be null or has a `DEFAULT`. Tables that the schema does not know stay.
 *
 * To be called while foreign keys are off, before the schema itself is executed: that makes what is missing altogether.
 * @param schema statements `CREATE … IF NOT EXISTS`
 */
export function migrate(database: Database, schema: string): void {
  const version = versionOf(schema);
  const row = database.prepare("PRAGMA user_version").get() as { user_version: number };
  if (row.user_version === version) return;
  const fresh = openDatabase(":memory:");
  try {
    fresh.exec(schema);
    const wanted = tablesIn(fresh);
    const outdated = [...tablesIn(database)].filter(
      ([name, sql]) => wanted.has(name) && wanted.get(name) !== sql,
    );
    database.exec("BEGIN IMMEDIATE");
    try {
      if (outdated.length > 0) remake(database, fresh, new Map(outdated), wanted);
      database.exec(`PRAGMA user_version = ${version}`);
      database.exec("COMMIT");
    } catch (error) {
      database.exec("ROLLBACK");
      throw error;
    }
  } finally {
    fresh.close();
  }
}

/** In the order that SQLite's documentation gives: "ALTER TABLE", section 7. */
function remake(
  database: Database,
  fresh: Database,
  outdated: ReadonlyMap<string, string>,
  wanted: ReadonlyMap<string, string>,
): void {
  // They may name what is not there for a moment; the schema makes them again.
  for (const name of namesOf(database, "trigger")) database.exec(`DROP TRIGGER "${name}"`);
  for (const name of outdated.keys()) {
    const known = new Set(columnsOf(database, name));
    const columns = columnsOf(fresh, name).filter((column) => known.has(column));
    const list = columns.map((column) => `"${column}"`).join(", ");
    const last = lastNumber(database, name);
    database.exec(wanted.get(name)!.replace(`TABLE ${name} `, `TABLE "made_anew" `));
    database.exec(`INSERT INTO "made_anew" (${list}) SELECT ${list} FROM "${name}"`);
    database.exec(`DROP TABLE "${name}"; ALTER TABLE "made_anew" RENAME TO "${name}"`);
    if (last !== undefined)
      // Numbers that were given away are not given again.
      database.prepare("UPDATE sqlite_sequence SET seq = ? WHERE name = ?").run(last, name);
  }
}

/** Differs where the schema does. */
function versionOf(schema: string): number {
  return createHash("sha256").update(schema).digest().readUInt32BE() >>> 1;
}

/** How each table was made, as SQLite notes it. */
function tablesIn(database: Database): ReadonlyMap<string, string> {
  const rows = database
    .prepare(
      "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
    )
    .all() as { name: string; sql: string }[];
  // Who has renamed a table finds its name in quotes.
  return new Map(rows.map(({ name, sql }) => [name, sql.replace(`"${name}"`, name)]));
}

function namesOf(database: Database, type: string): string[] {
  const rows = database.prepare("SELECT name FROM sqlite_master WHERE type = ?").all(type);
  return (rows as { name: string }[]).map(({ name }) => name);
}

function columnsOf(database: Database, table: string): string[] {
  const rows = database.prepare(`SELECT name FROM pragma_table_info('${table}')`).all();
  return (rows as { name: string }[]).map(({ name }) => name);
}

/** The largest number that a table has given to a row, where it counts them. */
function lastNumber(database: Database, table: string): number | undefined {
  const counts = namesOf(database, "table").includes("sqlite_sequence");
  if (!counts) return undefined;
  const sql = "SELECT seq FROM sqlite_sequence WHERE name = ?";
  return (database.prepare(sql).get(table) as { seq: number } | undefined)?.seq;
}
