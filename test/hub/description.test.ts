/** What the client sends, checked by a validator against Docker's description; and Docker's examples, read by the client. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormatsModule from "ajv-formats";

import * as catalogue from "../../src/hub/catalogue.ts";
import { checkInput } from "../../src/hub/client/input.ts";
import { prepare } from "../../src/hub/client/request.ts";
import { type CatalogueEntry, entries } from "../../src/operation.ts";
import {
  type Described,
  describedOperations,
  descriptionMissing,
  type Schema,
} from "./docker-description.ts";
import { allFixtures } from "./fixtures/index.ts";

const addFormats = addFormatsModule as unknown as (ajv: Ajv2020) => void;
const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats(ajv);

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

function errorsIn(schema: Schema, value: unknown): string[] {
  const validate = ajv.compile(modern(schema) as object);
  if (validate(value)) return [];
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

const anonymous = (path: string) => path.replaceAll(/\{\w+\}/g, "{}");

function entryOf({ method, path }: Described): CatalogueEntry {
  for (const entry of entries(catalogue)) {
    const [ours = "", template = ""] = entry.operation.http?.split(" ") ?? [];
    if (ours === method && anonymous(template.split("?")[0] ?? "") === anonymous(path))
      return entry;
  }
  throw new Error(`${method} ${path} is not ours`);
}

/** What Docker's description contradicts itself or its service in; one that is no more fails the test. */
const contradictions: Readonly<Record<string, string>> = {
  "immutableTags.verify sends": "the pattern refuses its own example",
  "tags.list sends": "the service also takes os and architecture",
  "repositories.list sends": "the service also takes media_types and content_types",
  "tags.list reads": "a tag has a list of images, not one",
  "tags.get reads": "a tag has a list of images, not one",
  "repositories.check reads": "the answer to HEAD has no body",
  "orgMembers.list reads": "the service sends one page, not a list of pages",
};

function agrees(what: string, check: () => void): void {
  if (what in contradictions) assert.throws(check, `${what}: no contradiction any more`);
  else check();
}

describe("against Docker's description", { skip: descriptionMissing }, () => {
  if (descriptionMissing) return;

  for (const theirs of describedOperations()) {
    const { id, area, verb, operation } = entryOf(theirs);

    test(`${id} sends what Docker describes`, () =>
      agrees(`${id} sends`, () => {
        const input = checkInput(id, operation, allFixtures[area]?.[verb]?.input);
        const { path, body, headers } = prepare(operation, input);
        const url = new URL(path, "https://hub.docker.com");
        for (const { name, in: place, required, schema = {} } of theirs.parameters) {
          if (place === "path") continue;
          const text = place === "query" ? url.searchParams.get(name) : headers[name.toLowerCase()];
          if (text === null || text === undefined) {
            assert(!required, `${name} is required`);
            continue;
          }
          const value = /^(?:number|integer)$/.test(schema.type ?? "")
            ? Number(text)
            : schema.type === "boolean"
              ? text === "true"
              : text;
          // The description takes a search term for a number.
          if (name !== "search") assert.deepEqual(errorsIn(schema, value), [], name);
        }
        const known = new Set(theirs.parameters.map(({ name }) => name));
        for (const name of url.searchParams.keys())
          assert(known.has(name), `${name} is not described`);
        assert.equal(body !== undefined, theirs.body !== undefined, "body");
        if (theirs.body) assert.deepEqual(errorsIn(theirs.body.schema, body), []);
      }));

    for (const [about, example] of examplesOf(theirs))
      test(`${id} reads Docker's example${about}`, () =>
        agrees(`${id} reads`, () => {
          const result = operation.output.safeParse(example);
          assert(result.success, result.error?.message);
        }));
  }
});

/** The answers that are given as examples, and what the examples of single fields make together. */
function examplesOf({ responses }: Described): [string, unknown][] {
  const found: [string, unknown][] = [];
  for (const [status, response] of Object.entries(responses)) {
    if (!status.startsWith("2")) continue;
    const content = (response as { content?: Record<string, unknown> } | undefined)?.content ?? {};
    for (const [type, media] of Object.entries(content)) {
      if (!type.includes("json")) continue;
      const { example, examples, schema } = media as Record<string, unknown>;
      if (example !== undefined) found.push([` (${status})`, example]);
      for (const [name, value] of Object.entries(examples ?? {}))
        found.push([` (${status}, ${name})`, (value as { value: unknown }).value]);
      const made = sample(schema as Schema | undefined);
      if (example === undefined && examples === undefined && made !== undefined)
        found.push([` (${status}, made of its fields)`, made]);
    }
  }
  return found;
}

/** A value of a schema: the examples of its fields, or something of their type. */
function sample(schema: Schema | undefined): unknown {
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
