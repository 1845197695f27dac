import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";

import { isError } from "../../errors.ts";
import { openHolding } from "../holding.ts";
import { checkRows, jsonColumns } from "./sound.ts";

async function seeded(context: TestContext) {
  const holding = await openHolding({ seed: "small", now: Date.now });
  context.after(() => holding.close());
  return holding.state;
}

test("what a seed makes is sound, and every column in which it writes JSON is known", async (context) => {
  const state = await seeded(context);
  checkRows(state);
  for (const table of state.tables)
    for (const { name } of state.all<{ name: string }>(
      "SELECT name FROM pragma_table_info(?)",
      table,
    )) {
      const looksSo = `typeof("${name}") = 'text' AND substr("${name}", 1, 1) IN ('[', '{')`;
      const { json } = state.one<{ json: number | null }>(
        `SELECT max(${looksSo} AND json_valid("${name}")) AS json FROM "${table}"`,
      )!;
      if (json === 1) assert(jsonColumns[table]?.[name], `${table}.${name}`);
    }
});

test("a column is refused by its name where its JSON, a moment or a number cannot be read", async (context) => {
  const state = await seeded(context);
  const wrong: readonly (readonly [column: string, value: string | bigint])[] = [
    ["manifests.blobs", ""],
    ["manifests.blobs", "null"],
    ["manifests.blobs", "[null]"],
    ["manifests.blobs", '[{"digest":"sha256:00"}]'],
    ["manifests.blobs", '[{"digest":1,"size":1}]'],
    ["manifests.images", '[{"digest":"sha256:00","size":1,"os":"linux","architecture":"arm"}]'],
    ["repositories.rules", "[1]"],
    ["audit_events.data", "[]"],
    ["access_tokens.scopes", '"repo:read"'],
    ["tags.pushed", "yesterday"],
    ["repositories.registered", "2026-13-01T00:00:00.000000Z"],
    ["repositories.pulls", 2n ** 53n],
  ];
  for (const [column, value] of wrong) {
    const [table = "", name = ""] = column.split(".");
    const taken = new Error("taken back");
    const change = () =>
      state.transaction(() => {
        assert(state.run(`UPDATE "${table}" SET "${name}" = ?`, value).changes > 0, column);
        assert.throws(
          () => checkRows(state),
          (error) => isError(error, "LAYOUT_INVALID") && error.message.includes(` ${column} `),
          `${column} = ${value}`,
        );
        throw taken;
      });
    assert.throws(change, (error) => error === taken || assert.fail(error as Error));
  }
  checkRows(state);
});
