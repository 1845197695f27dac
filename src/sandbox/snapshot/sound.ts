/** Whether rows that came from elsewhere hold what is read out of them: SQLite knows texts and numbers, not what is written in them. */
import { WharfError } from "../../errors.ts";
import type { State } from "../state/state.ts";

/** JSON that a column holds: an object, or a list of `of`; `fields` are in each object, in the words of SQLite, whose numbers are integers or real. */
interface Shape {
  readonly of?: "text" | "object" | "array";
  readonly fields?: Readonly<Record<string, "text" | "number" | "array" | "object">>;
}

const object: Shape = {};
const texts: Shape = { of: "text" };
const objects: Shape = { of: "object" };
const blobs: Shape = { of: "object", fields: { digest: "text", size: "number" } };
const descriptors: Shape = { of: "object", fields: { ...blobs.fields, mediaType: "text" } };

/** By table and column. */
export const jsonColumns: Readonly<Record<string, Readonly<Record<string, Shape>>>> = {
  access_tokens: { scopes: texts },
  org_access_tokens: {
    resources: { of: "object", fields: { type: "text", path: "text", scopes: "array" } },
  },
  repositories: { rules: texts, categories: objects },
  manifests: {
    images: {
      of: "object",
      fields: { ...blobs.fields, layers: "array" },
    },
    blobs,
  },
  org_settings: { value: object },
  summaries: {
    summary: {
      fields: {
        size: "number",
        mediaTypes: "array",
        contentTypes: "array",
        systems: "array",
        architectures: "array",
      },
    },
  },
  stored_images: { manifests: descriptors, blobs: descriptors },
  unplaced: { images: texts, tags: { of: "array" } },
  leaving: { manifests: texts, blobs: texts },
  audit_events: { data: object },
  webhook_deliveries: { payload: object, callback: object },
  scout_exceptions: { scopes: objects },
  scout_webhooks: { events: texts },
  scout_notifications: { fields: { fields: { repositories: "array", streams: "array" } } },
};

/** Columns of these names are moments, where they are texts. */
const moments = new Set([
  ..."added completed created expires joined last_login last_used made modified".split(" "),
  ..."pulled pushed registered time triggered updated written".split(" "),
]);

/** Integers that JavaScript has, too. */
const largest = Number.MAX_SAFE_INTEGER;

/** Goes once through each table. @throws WharfError LAYOUT_INVALID, which names table and column */
export function checkRows(state: State): void {
  for (const table of state.tables) {
    const columns = state.all<Column>("SELECT name, type FROM pragma_table_info(?)", table);
    const tests = columns.flatMap((column) => {
      const wrong = wrongness(table, column);
      return wrong === undefined ? [] : [`max(${wrong}) AS "${column.name}"`];
    });
    if (tests.length === 0) continue;
    const found = state.one<Record<string, number | null>>(
      `SELECT ${tests.join(", ")} FROM "${table}"`,
    );
    for (const [name, wrong] of Object.entries(found ?? {}))
      if (wrong === 1)
        throw new WharfError("LAYOUT_INVALID", `the snapshot's ${table}.${name} makes no sense`, {
          hint: "A snapshot is taken, not written: sandbox.snapshot(), or GET /_sandbox/snapshots/NAME.",
        });
  }
}

interface Column {
  readonly name: string;
  readonly type: string;
}

/** In SQL: 1 where a value cannot be read. Undefined where every value can. */
function wrongness(table: string, { name, type }: Column): string | undefined {
  const shape = jsonColumns[table]?.[name];
  if (shape) {
    const whole =
      shape.of === undefined ? `NOT (${isSound(`"${name}"`, shape)})` : inList(name, shape);
    const is = shape.of === undefined ? "object" : "array";
    return `CASE WHEN "${name}" IS NULL THEN 0 WHEN NOT json_valid("${name}") THEN 1
      WHEN json_type("${name}") <> '${is}' THEN 1 ELSE ${whole} END`;
  }
  // Years of five digits begin with a sign.
  if (type === "TEXT" && moments.has(name))
    return `"${name}" NOT LIKE '+%' AND "${name}" <> '' AND julianday("${name}") IS NULL`;
  if (type === "INTEGER") return `"${name}" NOT BETWEEN -${largest} AND ${largest}`;
  return undefined;
}

function inList(name: string, { of, fields = {} }: Shape): string {
  const each = `CASE WHEN type <> '${of}' THEN 1 ELSE NOT (${isSound("value", { fields })}) END`;
  return `EXISTS (SELECT 1 FROM json_each("${name}") WHERE ${each})`;
}

function isSound(json: string, { fields = {} }: Shape): string {
  const tests = Object.entries(fields).map(
    ([field, type]) =>
      `coalesce(json_type(${json}, '$.${field}'), '') IN (${type === "number" ? "'integer', 'real'" : `'${type}'`})`,
  );
  return ["TRUE", ...tests].join(" AND ");
}
