/** OpenAPI of a catalogue: what any tool that reads it can know of the operations. Source: OpenAPI Specification 3.1. */
import * as z from "zod";
import {
  type AnyOperation,
  type Authorization,
  type Catalogue,
  type CatalogueEntry,
  entries,
  type Place,
  type Service,
} from "../operation.ts";

/** What {@link openApi} says of the API, and which operations it takes. */
export interface OpenApiOptions {
  /** What the document calls the API. */
  readonly title: string;
  /** Of the API, as the document says it. */
  readonly version: string;
  /** Where Docker Hub is. @default https://hub.docker.com */
  readonly server?: string;
  /** Where the other services are, of whose operations each says so. @default Docker's own */
  readonly services?: Readonly<Partial<Record<Service, string>>>;
  /** Only operations for which this is true. @default those that are one request */
  readonly includes?: (entry: CatalogueEntry) => boolean;
}

/** An OpenAPI 3.1 document, as JSON. Source: https://spec.openapis.org/oas/v3.1.1 */
export interface OpenApiDocument {
  readonly openapi: "3.1.0";
  readonly info: { readonly title: string; readonly version: string };
  readonly servers: readonly { readonly url: string }[];
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
  readonly components: Readonly<Record<string, unknown>>;
}

export interface OpenApiParameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required: boolean;
  readonly description?: string;
  readonly schema: JsonSchema;
  readonly style?: string;
  readonly explode?: boolean;
}

export interface OpenApiOperation {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly deprecated?: boolean;
  /** Where it is not the document's own server that answers. */
  readonly servers?: readonly { readonly url: string }[];
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters?: readonly OpenApiParameter[];
  readonly requestBody?: {
    readonly required: boolean;
    readonly content: Readonly<Record<string, { readonly schema: JsonSchema }>>;
  };
  readonly responses: Readonly<Record<string, unknown>>;
  /** How sure it is that the operation exists. */
  readonly "x-status": string;
  /** What it does to the world. */
  readonly "x-effect": string;
}

export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * Describes the operations of a catalogue that are requests.
 *
 * @example
 * openApi(catalogue, { title: "Docker Hub", version: "1", server: "https://hub.docker.com" })
 */
export function openApi(catalogue: Catalogue, options: OpenApiOptions): OpenApiDocument {
  const { title, version, includes = () => true } = options;
  const services = { ...docker, ...options.services };
  const server = options.server ?? docker.hub;
  const paths: Record<string, Record<string, OpenApiOperation>> = {};
  const tags = new Set<string>();
  for (const entry of entries(catalogue)) {
    if (entry.operation.http === undefined || !includes(entry)) continue;
    const [method = "", template = ""] = entry.operation.http.split(" ");
    // A fixed query is no part of a path; what several share has to be told apart all the same.
    const path = template.split("?")[0] ?? "";
    tags.add(entry.area);
    (paths[path] ??= {})[method.toLowerCase()] = describe(entry, services);
  }
  return {
    openapi: "3.1.0",
    info: { title, version },
    servers: [{ url: server }],
    tags: [...tags].map((name) => ({ name })),
    paths,
    components: { securitySchemes },
  };
}

const docker: Readonly<Record<Service, string>> = {
  hub: "https://hub.docker.com",
  scout: "https://api.scout.docker.com",
  auth: "https://auth.docker.io",
  registry: "https://registry-1.docker.io",
};

const securitySchemes = {
  session: {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
    description: "The token of a session: POST /v2/auth/token.",
  },
  scim: { type: "http", scheme: "bearer", description: "The token of a SCIM connection." },
  token: { type: "http", scheme: "bearer", description: "A personal access token as it is." },
};

const security: Readonly<Record<Authorization, OpenApiOperation["security"]>> = {
  none: [],
  optional: [{}, { session: [] }],
  required: [{ session: [] }],
  owner: [{ session: [] }],
  scim: [{ scim: [] }],
  token: [{ token: [] }],
  registry: [{ token: [] }],
};

function describe(
  { id, area, operation }: CatalogueEntry,
  services: Readonly<Record<Service, string>>,
): OpenApiOperation {
  const { summary, description, effect, status = "current", auth = "required" } = operation;
  const { service = "hub" } = operation;
  const [parameters, requestBody] = inputOf(operation);
  return {
    operationId: id,
    summary,
    ...(description !== undefined && { description }),
    tags: [area],
    ...((status === "legacy" || status === "retired") && { deprecated: true }),
    ...(service !== "hub" && { servers: [{ url: services[service] }] }),
    security: security[auth],
    ...(parameters.length > 0 && { parameters }),
    ...(requestBody && { requestBody }),
    responses: responsesOf(operation),
    "x-status": status,
    "x-effect": effect,
  };
}

function inputOf(
  operation: AnyOperation,
): [OpenApiParameter[], OpenApiOperation["requestBody"] | undefined] {
  const { http = "", places = {}, mediaType = "application/json" } = operation;
  const method = http.split(" ")[0] ?? "";
  const schema = jsonSchema(operation.input);
  const properties = schema["properties"] as Readonly<Record<string, JsonSchema>>;
  const required = new Set(schema["required"] as string[] | undefined);
  const [pathTemplate = "", queryTemplate = ""] = http.split("?");
  const parameters: OpenApiParameter[] = [];
  const body: Record<string, JsonSchema> = {};
  let whole: JsonSchema | undefined;

  for (const [field, { description, ...rest }] of Object.entries(properties)) {
    const about = typeof description === "string" ? { description } : {};
    for (const place of placesOf(places[field], field, method, pathTemplate, queryTemplate)) {
      if (place === "body") body[field] = { ...rest, ...about };
      else if (place === "whole" || place === "raw") whole = { ...rest, ...about };
      else {
        const where = typeof place === "object" ? "header" : place === "path" ? "path" : "query";
        parameters.push({
          name: typeof place === "object" ? place.header : field,
          in: where,
          required: where === "path" || required.has(field),
          ...about,
          schema: rest,
          ...(where === "query" &&
            rest["type"] === "array" && { style: "form", explode: place === "repeated" }),
        });
      }
    }
  }
  const needed = Object.keys(body).filter((field) => required.has(field));
  const schemaOfBody =
    whole ??
    (Object.keys(body).length > 0
      ? { type: "object", properties: body, ...(needed.length > 0 && { required: needed }) }
      : undefined);
  if (schemaOfBody === undefined) return [parameters, undefined];
  return [
    parameters,
    {
      required: whole !== undefined || needed.length > 0,
      content: { [mediaType]: { schema: schemaOfBody } },
    },
  ];
}

function placesOf(
  declared: Place | readonly Place[] | undefined,
  field: string,
  method: string,
  pathTemplate: string,
  queryTemplate: string,
): readonly Place[] {
  if (declared !== undefined) return Array.isArray(declared) ? declared : [declared as Place];
  if (pathTemplate.includes(`{${field}}`)) return ["path"];
  if (queryTemplate.includes(`{${field}}`)) return ["query"];
  return [/^(?:GET|HEAD|DELETE)$/.test(method) ? "query" : "body"];
}

function responsesOf(operation: AnyOperation): Readonly<Record<string, unknown>> {
  const { output, answer, mediaType = "application/json" } = operation;
  const kind = answer ?? (output.type === "void" ? "nothing" : "json");
  const success = { "2XX": { description: "It worked." } };
  if (kind === "found")
    return { "200": { description: "It is there." }, "404": { description: "It is not there." } };
  if (kind === "nothing" || kind === "headers") return success;
  if (kind !== "json") {
    const type = kind === "text" ? mediaType : "application/octet-stream";
    return { "200": { description: "It worked.", content: { [type]: {} } } };
  }
  const schema = jsonSchema(output);
  return { "2XX": { description: "It worked.", content: { [mediaType]: { schema } } } };
}

/** A schema as JSON Schema 2020-12, as it is on the wire. */
export function jsonSchema(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io: "input",
    unrepresentable: "any",
    override: ({ jsonSchema: made }) => {
      // The largest number that is exact says nothing of the field.
      if (made.maximum === Number.MAX_SAFE_INTEGER) delete made.maximum;
      if (made.minimum === Number.MIN_SAFE_INTEGER) delete made.minimum;
    },
  });
  return rest;
}
