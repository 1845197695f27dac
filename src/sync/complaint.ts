/** What is wrong with a file, in words: the field, what it must be, and what was perhaps meant. */
import type * as z from "zod";

import { nearest } from "../config/nearest.ts";
import type { Path } from "./document.ts";
import { jsonSchema } from "./schema.ts";

type Issue = z.core.$ZodIssue;

export interface Complaint {
  /** Of the value, or of the field that nobody knows. */
  readonly path: Path;
  readonly message: string;
  readonly hint?: string;
}

/** A complaint, and what lets one explain another. */
interface Explained extends Complaint {
  /** The field that is missing. */
  readonly missing?: string;
  /** The field that was perhaps meant. */
  readonly meant?: string;
}

/**
 * Says the first thing that a schema found wrong with `value`; a slip in a name explains what is then missing.
 * @param schema as JSON Schema: where to look for what was perhaps meant @default that of sync files
 */
export function complain(
  issues: readonly Issue[],
  value: unknown,
  schema: object = jsonSchema(),
): Complaint {
  return explain(slipIn(issues) ?? issues[0]!, [], value, schema)[0]!;
}

/**
 * Says all that a schema found wrong with `value`.
 * @param schema as JSON Schema: where to look for what was perhaps meant
 */
export function complaints(issues: readonly Issue[], value: unknown, schema: object): Complaint[] {
  return explainAll(issues, [], value, schema);
}

const slipIn = (issues: readonly Issue[]) =>
  issues.find(({ code }) => code === "unrecognized_keys");

function explainAll(
  issues: readonly Issue[],
  above: Path,
  value: unknown,
  schema: object,
): Explained[] {
  const all = issues.flatMap((issue) => explain(issue, above, value, schema));
  const meant = new Set(all.flatMap(({ meant = [] }) => meant));
  return all.filter(({ missing }) => missing === undefined || !meant.has(missing));
}

function explain(issue: Issue, above: Path, value: unknown, schema: object): Explained[] {
  const path = [...above, ...issue.path];
  const found = valueAt(value, issue.path);
  if (issue.code === "invalid_union") return explainUnion(issue, path, found, schema);
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => unknownField(path, key, fieldsAt(path, schema)));
  const field = fieldName(path);
  if (found === undefined)
    return [{ path: path.slice(0, -1), message: `${field} is missing`, missing: field }];
  if (issue.code === "too_small" && issue.origin !== "number")
    return [{ path, message: `${field} must not be empty` }];
  const near = issue.code === "invalid_value" && nearest(String(found), issue.values.map(String));
  return [
    {
      path,
      message: `${field} must be ${wanted(issue)}, not ${shown(found)}`,
      ...(near && { hint: `Did you mean '${near}'?` }),
    },
  ];
}

/** Of several forms that a value may have, the one it was meant to have is that of its kind. */
function explainUnion(
  issue: Extract<Issue, { code: "invalid_union" }>,
  path: Path,
  found: unknown,
  schema: object,
): Explained[] {
  const meant = issue.errors.find((errors) =>
    errors.every((error) => error.path.length > 0 || error.code !== "invalid_type"),
  );
  const [first] = meant ?? [];
  const other = first?.code === "invalid_value" && first.path.length === 0;
  if (meant !== undefined && first !== undefined && !other)
    return explainAll(meant, path, found, schema);
  const forms = issue.errors.flatMap((errors) => errors.slice(0, 1).map(wanted));
  const list = [...new Set(forms)];
  const text =
    list.length > 1 ? `${list.slice(0, -1).join(", ")} or ${list.at(-1)}` : list.join("");
  return [{ path, message: `${fieldName(path)} must be ${text}, not ${shown(found)}` }];
}

function unknownField(above: Path, key: string, known: readonly string[]): Explained {
  const path = [...above, key];
  const message = `'${fieldName(path)}' is not known`;
  const near = nearest(key, known);
  if (near === undefined) return { path, message, hint: `Known here: ${known.join(", ")}.` };
  return { path, message, hint: `Did you mean '${near}'?`, meant: fieldName([...above, near]) };
}

interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
}

/** The fields that may stand at a path. */
function fieldsAt(path: Path, root: object): string[] {
  const withForms = (schema: JsonSchema): JsonSchema[] => [
    schema,
    ...(schema.anyOf ?? []).flatMap(withForms),
  ];
  let schemas = withForms(root as JsonSchema);
  for (const step of path) {
    const below = schemas.map(({ items, properties }) =>
      typeof step === "number" ? items : properties?.[String(step)],
    );
    schemas = below.flatMap((schema) => (schema === undefined ? [] : withForms(schema)));
  }
  return schemas.flatMap(({ properties = {} }) => Object.keys(properties));
}

const kinds: Readonly<Record<string, string>> = {
  string: "text",
  boolean: "true or false",
  int: "a whole number",
  number: "a number",
  array: "a list",
  object: "a map of fields",
  record: "a map of names",
};

function wanted(issue: Issue): string {
  switch (issue.code) {
    case "invalid_type":
      return kinds[issue.expected] ?? issue.expected;
    case "invalid_value":
      return issue.values
        .map(String)
        .join(", ")
        .replace(/, ([^,]*)$/, " or $1");
    case "too_small":
      return `at least ${issue.minimum}`;
    case "too_big":
      return `at most ${issue.maximum}`;
    case "invalid_union":
      return issue.errors.flatMap((errors) => errors.slice(0, 1).map(wanted)).join(" or ");
    case "unrecognized_keys":
      return kinds.object!;
    default:
      return issue.message;
  }
}

/** `sync[2].tags.match` */
export function fieldName(path: Path): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else text += text === "" ? String(step) : `.${String(step)}`;
  }
  return text === "" ? "the file" : text;
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (value === null || value === undefined) return "empty";
  if (typeof value === "object") return "a map of fields";
  const text = typeof value === "string" ? `'${value}'` : String(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

function valueAt(value: unknown, path: Path): unknown {
  let at = value;
  for (const step of path) at = (at as Record<PropertyKey, unknown> | undefined)?.[step];
  return at;
}
