/** From an operation and its input to one request: where each field goes. */
import { WharfError } from "../../errors.ts";
import type { Method } from "../../http/http.ts";
import type { AnyOperation, Place } from "../../operation.ts";
import { path, query } from "../../reference/path.ts";

/** A request without a host: what `--dry-run` shows. */
export interface Prepared {
  readonly method: Method;
  /** Path and query, encoded. */
  readonly path: string;
  /** Names in lower case; no `authorization`. */
  readonly headers: Readonly<Record<string, string>>;
  /** JSON, or bytes where the operation sends bytes. */
  readonly body?: unknown;
  /** What the caller gave as secret: it is hidden wherever the request, or an answer to it, is shown. */
  readonly secrets: readonly string[];
}

export type Input = Readonly<Record<string, unknown>>;

/**
 * Puts the fields of a checked input where the operation wants them.
 * @throws WharfError PATH_UNSAFE where a field cannot be part of a path; INTERNAL for an operation without `http`
 */
export function prepare(operation: AnyOperation, input: Input): Prepared {
  const { http, places = {}, mediaType } = operation;
  if (http === undefined) throw new WharfError("INTERNAL", "The operation is no single request");
  const [method, template] = http.split(" ") as [Method, string];
  const [pathTemplate = "", queryTemplate = ""] = template.split("?");
  const inTemplate = new Set(fieldsOf(template));
  const atQuery: Record<string, string | readonly string[]> = {};
  const headers: Record<string, string> = {};
  const fields: Record<string, unknown> = {};
  let body: unknown;

  for (const [field, value] of Object.entries(input)) {
    if (value === undefined) continue;
    for (const place of placesOf(places[field], method, inTemplate.has(field))) {
      if (place === "query") atQuery[field] = textOf(value);
      else if (place === "repeated") atQuery[field] = listOf(value);
      else if (place === "body") fields[field] = value;
      else if (place === "whole" || place === "raw") body = value;
      else if (place !== "path")
        headers[place.header.toLowerCase()] = headerText(place.header, value);
    }
  }
  if (body === undefined && hasBody(operation, method)) body = fields;
  const fixed = Object.fromEntries(
    queryTemplate
      .split("&")
      .filter(Boolean)
      .map((pair) => {
        const [name = "", value = ""] = pair.split("=");
        return [name, filled(value, input)];
      }),
  );
  return {
    method,
    path: encoded(pathTemplate, input) + query({ ...fixed, ...atQuery }),
    headers: {
      accept: acceptOf(operation),
      ...(body !== undefined && { "content-type": mediaType ?? "application/json" }),
      ...headers,
    },
    ...(body !== undefined && { body }),
    secrets: secretsOf(operation, input),
  };
}

/** The values of fields that are passwords by their schema. */
function secretsOf({ input: { shape } }: AnyOperation, input: Input): string[] {
  return Object.entries(input).flatMap(([field, value]) =>
    typeof value === "string" && shape[field]?.meta()?.["format"] === "password" ? [value] : [],
  );
}

/** The names in braces of a template. */
export function fieldsOf(template: string): string[] {
  return [...template.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? "");
}

/** Where a field goes. */
export function placesOf(
  declared: Place | readonly Place[] | undefined,
  method: Method,
  inTemplate: boolean,
): readonly Place[] {
  if (declared !== undefined) return Array.isArray(declared) ? declared : [declared as Place];
  if (inTemplate) return ["path"];
  return [method === "GET" || method === "HEAD" || method === "DELETE" ? "query" : "body"];
}

/** Whether there is a JSON body although no field fills it: a POST without a length is refused upstream. */
function hasBody({ input, http = "GET /", places = {} }: AnyOperation, method: Method): boolean {
  const inTemplate = new Set(fieldsOf(http));
  return Object.keys(input.shape).some((field) =>
    placesOf(places[field], method, inTemplate.has(field)).includes("body"),
  );
}

function acceptOf({ answer, mediaType }: AnyOperation): string {
  if (answer === "text" || answer === "bytes") return "*/*";
  return mediaType?.includes("json") ? `${mediaType}, application/json` : "application/json";
}

function encoded(template: string, input: Input): string {
  const parts = template.split(/\{\w+\}/);
  const strings = Object.assign(parts, { raw: parts });
  return path(strings, ...fieldsOf(template).map((field) => textOf(input[field])));
}

function filled(template: string, input: Input): string {
  return template.replace(/\{(\w+)\}/g, (_, field: string) => textOf(input[field]));
}

function textOf(value: unknown): string {
  return Array.isArray(value) ? value.map(String).join(",") : String(value ?? "");
}

function listOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [textOf(value)];
}

function headerText(name: string, value: unknown): string {
  const text = textOf(value);
  if (/[^\t\x20-\x7e]/.test(text)) {
    throw new WharfError("INPUT_INVALID", `The value for the header ${name} is not plain ASCII`);
  }
  return text;
}
