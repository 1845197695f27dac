/** Docker's own description of Docker Hub's API, where it is at hand, with its references resolved. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

import * as catalogue from "../../src/hub/catalogue.ts";
import { type CatalogueEntry, entries } from "../../src/operation.ts";

export interface Described {
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly DescribedParameter[];
  readonly body?: {
    readonly required: boolean;
    readonly schema: Schema;
    /** As the description gives it for the whole body. */
    readonly example?: unknown;
  };
  readonly responses: Readonly<Record<string, DescribedResponse>>;
}

export interface DescribedParameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema?: Schema;
}

export interface DescribedResponse {
  /** By media type; a response without one has no body. */
  readonly content?: Readonly<Record<string, DescribedMedia>>;
}

export interface DescribedMedia {
  readonly schema?: Schema;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
}

export interface Schema {
  readonly type?: string;
  readonly format?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly enum?: readonly unknown[];
  readonly allOf?: readonly Schema[];
  readonly [keyword: string]: unknown;
}

const places = [
  process.env["WHARF_TEST_HUB_DESCRIPTION"] ?? "",
  join(import.meta.dirname, "../../../shared/reference/docker-hub-openapi.yaml"),
];

/** Where the description lies, or undefined: tests that need it are skipped then, and fail where nothing may be skipped. */
export const descriptionFile = places.find((place) => place !== "" && existsSync(place));

export const descriptionMissing =
  descriptionFile === undefined &&
  process.env["WHARF_TEST_NO_SKIP"] !== "1" &&
  "Docker's description of Docker Hub's API is not here: WHARF_TEST_HUB_DESCRIPTION=FILE (docs.docker.com/reference/api/hub/latest.yaml)";

/** Every operation that is described. */
export function describedOperations(): Described[] {
  const document = parse(readFileSync(descriptionFile ?? "", "utf8")) as Record<string, unknown>;
  const resolve = (value: unknown, depth = 0): unknown => {
    if (Array.isArray(value)) return value.map((item) => resolve(item, depth + 1));
    if (typeof value !== "object" || value === null || depth > 40) return value;
    const { $ref: reference, ...rest } = value as Record<string, unknown>;
    if (typeof reference === "string") {
      const found = reference
        .slice(2)
        .split("/")
        .reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], document);
      return resolve(found, depth + 1);
    }
    return Object.fromEntries(
      Object.entries(rest).map(([key, item]) => [key, resolve(item, depth + 1)]),
    );
  };
  const paths = resolve(document["paths"]) as Record<string, Record<string, unknown>>;
  const found: Described[] = [];
  for (const [path, item] of Object.entries(paths)) {
    const shared = (item["parameters"] ?? []) as DescribedParameter[];
    for (const method of ["get", "head", "post", "put", "patch", "delete"]) {
      const operation = item[method] as Record<string, unknown> | undefined;
      if (operation === undefined) continue;
      const own = (operation["parameters"] ?? []) as DescribedParameter[];
      const content = operation["requestBody"] as
        | { required?: boolean; content: Record<string, DescribedMedia> }
        | undefined;
      const { schema, example } = Object.values(content?.content ?? {})[0] ?? {};
      found.push({
        method: method.toUpperCase(),
        path,
        parameters: [...shared, ...own],
        ...(schema && { body: { required: content?.required ?? false, schema, example } }),
        responses: operation["responses"] as Record<string, DescribedResponse>,
      });
    }
  }
  return found;
}

const anonymous = (path: string) => path.replaceAll(/\{\w+\}/g, "{}");

/** Which of our operations a described one is. */
export function entryOf({ method, path }: Described): CatalogueEntry {
  for (const entry of entries(catalogue)) {
    const [ours = "", template = ""] = entry.operation.http?.split(" ") ?? [];
    if (ours === method && anonymous(template.split("?")[0] ?? "") === anonymous(path))
      return entry;
  }
  throw new Error(`${method} ${path} is not ours`);
}
