/** Requests and answers, held against what Docker's description says of them. Schemas are checked by ajv. */
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormatsModule from "ajv-formats";

import type { Described, Schema } from "./docker-description.ts";

const addFormats = addFormatsModule as unknown as (ajv: Ajv2020) => void;
const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats(ajv);
const compiled = new WeakMap<Schema, ValidateFunction>();

/** Docker's `nullable` as JSON Schema has it now. */
function modern(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(modern);
  if (typeof schema !== "object" || schema === null) return schema;
  const { nullable, example: _, ...rest } = schema as Schema & { nullable?: boolean };
  const made = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, modern(value)]));
  return nullable && typeof made["type"] === "string"
    ? { ...made, type: [made["type"], "null"] }
    : made;
}

/** What is wrong with a value; nothing, where it is as described. */
export function errorsIn(schema: Schema, value: unknown): string[] {
  let validate = compiled.get(schema);
  if (!validate) compiled.set(schema, (validate = ajv.compile(modern(schema) as object)));
  if (validate(value)) return [];
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

export interface SentRequest {
  /** Path and query. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
}

/** In what a request is not as described: its query, its header fields, its body. */
export function requestErrors(theirs: Described, { path, headers, body }: SentRequest): string[] {
  const url = new URL(path, "https://hub.docker.com");
  const errors: string[] = [];
  for (const { name, in: place, required, schema = {} } of theirs.parameters) {
    if (place === "path") continue;
    const text = place === "query" ? url.searchParams.get(name) : headers[name.toLowerCase()];
    if (text === null || text === undefined) {
      if (required) errors.push(`${name} is required`);
      continue;
    }
    const value = /^(?:number|integer)$/.test(schema.type ?? "")
      ? Number(text)
      : schema.type === "boolean"
        ? text === "true"
        : text;
    // The description takes a search term for a number.
    if (name !== "search") errors.push(...errorsIn(schema, value).map((it) => `${name}${it}`));
  }
  const known = new Set(theirs.parameters.map(({ name }) => name));
  for (const name of url.searchParams.keys())
    if (!known.has(name)) errors.push(`${name} is not described`);
  if ((body !== undefined) !== (theirs.body !== undefined))
    errors.push(body === undefined ? "a body is missing" : "a body is not described");
  else if (theirs.body) errors.push(...errorsIn(theirs.body.schema, body));
  return errors;
}

export interface GivenAnswer {
  readonly status: number;
  /** Without parameters; empty where there is no body. */
  readonly mediaType: string;
  /** JSON, or text. */
  readonly body: unknown;
}

/** In what an answer is not as described: its status, its media type, its body. */
export function answerErrors(
  theirs: Described,
  { status, mediaType, body }: GivenAnswer,
): string[] {
  const response = theirs.responses[status] ?? theirs.responses["default"];
  if (!response) return [`${status} is not described`];
  const described = Object.entries(response.content ?? {});
  if (theirs.method === "HEAD" || described.length === 0)
    return body === undefined || body === "" ? [] : ["a body is not described"];
  const [, { schema = {} } = {}] = described.find(([type]) => type === mediaType) ?? [];
  if (!described.some(([type]) => type === mediaType))
    return [`it is ${mediaType || "nothing"}, not ${described.map(([type]) => type).join()}`];
  return errorsIn(schema, mediaType === "text/csv" ? rowsOf(String(body)) : body);
}

/** The lines of a table, by its header. */
function rowsOf(csv: string): Record<string, string>[] {
  const [header = "", ...lines] = csv.trimEnd().split("\n");
  const names = header.split(",");
  return lines.map((line) =>
    Object.fromEntries(line.split(",").map((cell, index) => [names[index] ?? "", cell])),
  );
}

/** In what an answer is of another shape than an example: fields that it has not, and fields of another type. */
export function unlike(example: unknown, value: unknown, path = ""): string[] {
  if (example === null || example === undefined || value === null) return [];
  const [wanted, given] = [kindOf(example), kindOf(value)];
  if (wanted !== given) return [`${path || "it"} is ${given}, not ${wanted}`];
  if (Array.isArray(example) && Array.isArray(value))
    return value.length === 0 ? [] : unlike(example[0], value[0], `${path}/0`);
  if (wanted !== "object") return [];
  return Object.entries(example as object).flatMap(([name, item]) =>
    Object.hasOwn(value as object, name)
      ? unlike(item, (value as Record<string, unknown>)[name], `${path}/${name}`)
      : [`${path}/${name} is missing`],
  );
}

function kindOf(value: unknown): string {
  return Array.isArray(value) ? "array" : typeof value;
}

/** A value of a schema: the examples of its fields, or something of their type. */
export function sample(schema: Schema | undefined): unknown {
  if (schema === undefined) return undefined;
  if (schema["example"] !== undefined) return schema["example"];
  if (schema.allOf)
    return Object.assign(
      {},
      ...[...schema.allOf, { ...schema, allOf: undefined }].map((one) => sample(one as Schema)),
    );
  if (schema.properties)
    return Object.fromEntries(
      Object.entries(schema.properties).map(([name, field]) => [name, sample(field)]),
    );
  if (schema.enum) return schema.enum[0];
  switch (schema.type) {
    case "array":
      return [sample(schema.items)];
    case "object":
      return {};
    case "string":
      return "text";
    case "integer":
    case "number":
      return 1;
    case "boolean":
      return true;
    default:
      return undefined;
  }
}
