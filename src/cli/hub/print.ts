/** What an operation gave, for people and for programs. */
import { styleText } from "node:util";
import type { Call } from "../call.ts";
import { cut, formatTable, printable } from "../format.ts";
import { textOf } from "./cell.ts";
import { columnsFor } from "./columns.ts";
import type { Outline } from "./outline.ts";

type Item = Readonly<Record<string, unknown>>;

export interface Shown {
  /** Names of fields, in order; all of them where it is undefined. */
  readonly fields?: readonly string[];
}

/** Only these fields of an item, as `name` or `images.0.digest`. */
export function project(item: unknown, fields: readonly string[] | undefined): unknown {
  if (fields === undefined || typeof item !== "object" || item === null) return item;
  return Object.fromEntries(fields.map((field) => [field, at(item, field)]));
}

function at(item: unknown, field: string): unknown {
  return field
    .split(".")
    .reduce<unknown>(
      (value, part) =>
        typeof value === "object" && value !== null && Object.hasOwn(value, part)
          ? (value as Item)[part]
          : undefined,
      item,
    );
}

/** A table that fits the line; its last column is cut rather than wrapped. */
export async function printTable(
  { output }: Pick<Call, "output">,
  outline: Pick<Outline, "id">,
  items: readonly unknown[],
  { fields }: Shown,
): Promise<void> {
  const rows = items.map((item) =>
    typeof item === "object" && item !== null ? (item as Item) : { value: item },
  );
  const columns = fields
    ? fields.map((field) => ({
        title: field.toUpperCase(),
        text: (item: Item) => textOf(at(item, field)),
      }))
    : columnsFor(outline.id, rows[0] ?? {}).filter(({ text }) => rows.some((row) => text(row)));
  const lines = formatTable(
    columns,
    rows.map((row) => columns.map(({ text }) => text(row))),
  );
  for (const line of lines)
    await output.line(output.stdout.isTTY ? cut(line, output.columns) : line);
}

/** One thing: a line for each field that says something. */
export async function printItem(
  { output }: Pick<Call, "output">,
  value: unknown,
  { fields }: Shown,
): Promise<void> {
  const item = project(value, fields);
  if (Array.isArray(item)) {
    for (const each of item) await output.line(printable(textOf(each)));
    return;
  }
  if (typeof item !== "object" || item === null) {
    if (item !== undefined) await output.line(printable(textOf(item)));
    return;
  }
  const said = Object.entries(item).filter(
    ([, each]) => each !== null && each !== "" && each !== undefined,
  );
  const width = Math.max(0, ...said.map(([name]) => name.length));
  for (const [name, each] of said) {
    const label = output.stdout.isTTY ? styleText("dim", name.padEnd(width)) : name.padEnd(width);
    await output.line(`${label}  ${printable(textOf(each))}`);
  }
}

/** Hides the secrets of an answer. */
export function withoutSecrets(value: unknown, secrets: readonly string[] | undefined): unknown {
  if (secrets === undefined) return value;
  if (Array.isArray(value)) return value.map((each) => withoutSecrets(each, secrets));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      name,
      secrets.includes(name) && typeof each === "string" && each !== ""
        ? "***"
        : withoutSecrets(each, secrets),
    ]),
  );
}
