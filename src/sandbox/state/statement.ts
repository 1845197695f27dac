/** Statements with numbered parameters, which Node binds by position since 24 only. */
import type { SQLInputValue, StatementSync } from "node:sqlite";

import type { Database } from "../../store/disk/sqlite.ts";

export interface Statement {
  all(values: readonly SQLInputValue[]): unknown[];
  get(values: readonly SQLInputValue[]): unknown;
  run(values: readonly SQLInputValue[]): ReturnType<StatementSync["run"]>;
}

/** @param sql with `?`, or with `?1`, `?2`…, not with both */
export function prepareStatement(database: Database, sql: string): Statement {
  const order: number[] = [];
  const plain = sql.replaceAll(/\?(\d+)/g, (_, number: string) => {
    order.push(Number(number) - 1);
    return "?";
  });
  const statement = database.prepare(plain);
  const placed = (values: readonly SQLInputValue[]) =>
    order.length === 0 ? values : order.map((at) => values[at] ?? null);
  return {
    all: (values) => statement.all(...placed(values)),
    get: (values) => statement.get(...placed(values)),
    run: (values) => statement.run(...placed(values)),
  };
}
