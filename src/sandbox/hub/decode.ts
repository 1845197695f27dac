/** From a request back to the input of an operation: the inverse of what the client does. */
import type { IncomingHttpHeaders } from "node:http";
import * as z from "zod";

import { placesOf } from "../../hub/client/request.ts";
import type { Method } from "../../http/http.ts";
import type { AnyOperation, Place } from "../../operation.ts";
import { isObject } from "../../reference/fields.ts";
import { badRequest, invalidFields } from "./refusal.ts";
import type { Route } from "./router.ts";

export interface Received {
  /** What fills the template. */
  readonly fields: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
}

/**
 * The input that a request says, checked. What the operation does not know is ignored, as Hub does, and a page larger than
 * the largest is the largest.
 * @throws HubRefusal
 */
export function decode(route: Route, given: Received): Readonly<Record<string, unknown>> {
  const received = {
    ...given,
    fields: { ...given.fields, ...fieldsInQuery(route.operation, given.query) },
  };
  const { operation, area, method } = route;
  const body = bodyOf(operation, received.body);
  const input: Record<string, unknown> = {};
  for (const [field, schema] of Object.entries(operation.input.shape)) {
    const inTemplate = Object.hasOwn(received.fields, field);
    for (const place of placesOf(operation.places?.[field], method as Method, inTemplate)) {
      const value = valueAt(place, field, schema as z.ZodType, received, body);
      if (value !== undefined && input[field] === undefined) input[field] = value;
    }
  }
  const { largest = Infinity } = operation.paging?.size ?? {};
  if (typeof input["page_size"] === "number" && input["page_size"] > largest)
    input["page_size"] = largest;
  const result = operation.input.safeParse(input);
  if (result.success) return result.data;
  const fields: Record<string, string[]> = {};
  for (const { path, message } of result.error.issues)
    (fields[path.map(String).join(".") || "body"] ??= []).push(message);
  throw invalidFields({ area, isRead: method === "GET" || method === "HEAD" }, fields);
}

/** What fills the query of a template, such as `?image={namespace}/{repository}`. */
function fieldsInQuery({ http }: AnyOperation, query: URLSearchParams) {
  const fields: Record<string, string> = {};
  for (const [name, template] of new URLSearchParams(http?.split("?")[1])) {
    const names = [...template.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!);
    const values = (query.get(name) ?? "").split("/");
    if (values.length !== names.length) continue;
    for (const [index, field] of names.entries()) fields[field] = values[index]!;
  }
  return fields;
}

function valueAt(
  place: Place,
  field: string,
  schema: z.ZodType,
  { fields, query, headers, body: raw }: Received,
  body: unknown,
): unknown {
  switch (place) {
    case "path":
      return typed(schema, fields[field]);
    case "query":
      // An empty one is none, as services behind gRPC have it.
      return typed(schema, query.get(field) || undefined);
    case "repeated":
      return query.has(field) ? query.getAll(field) : undefined;
    case "body":
      return isObject(body) && Object.hasOwn(body, field) ? body[field] : undefined;
    case "whole":
      return body;
    case "raw":
      return raw;
    default:
      return headers[place.header.toLowerCase()];
  }
}

/** A text of a path or query as what the schema wants; what is no such thing is left to the schema to refuse. */
function typed(schema: z.ZodType, text: string | undefined): unknown {
  if (text === undefined) return undefined;
  const kind = kindOf(schema);
  if (kind === "number" || kind === "int") return /^-?\d+$/.test(text) ? Number(text) : text;
  if (kind === "boolean") return text === "true" ? true : text === "false" ? false : text;
  if (kind === "array") return text === "" ? [] : text.split(",");
  return text;
}

function kindOf(schema: z.ZodType): string {
  let inner: z.core.$ZodType = schema;
  while (inner instanceof z.ZodOptional || inner instanceof z.ZodNullable) inner = inner.unwrap();
  return inner._zod.def.type;
}

function bodyOf({ places = {} }: AnyOperation, bytes: Uint8Array): unknown {
  if (bytes.byteLength === 0 || Object.values(places).includes("raw")) return undefined;
  try {
    return JSON.parse(Buffer.from(bytes).toString()) as unknown;
  } catch {
    throw badRequest("the body is not JSON");
  }
}
