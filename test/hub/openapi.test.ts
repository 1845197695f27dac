/** Our operations against Docker's description of them. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import * as catalogue from "../../src/hub/catalogue.ts";
import { openApi, type OpenApiOperation } from "../../src/openapi/openapi.ts";
import {
  type Described,
  describedOperations,
  descriptionMissing,
  type Schema,
} from "./docker-description.ts";

const document = openApi(catalogue, {
  title: "Docker Hub",
  version: "1",
  server: "https://hub.docker.com",
});

/**
 * Where we differ from the description on purpose, each with its reason. A difference that is gone fails the test.
 */
const known: Readonly<Record<string, string>> = {
  "GET /v2/namespaces/{namespace}/repositories/{repository}/tags: query architecture is not theirs":
    "Docker's own MCP server sends it",
  "GET /v2/namespaces/{namespace}/repositories/{repository}/tags: query os is not theirs":
    "Docker's own MCP server sends it",
  "GET /v2/namespaces/{namespace}/repositories: query media_types is not theirs":
    "Docker's own MCP server sends it",
  "GET /v2/namespaces/{namespace}/repositories: query content_types is not theirs":
    "Docker's own MCP server sends it",
  [String.raw`POST /v2/namespaces/{namespace}/repositories/{repository}/immutabletags/verify: body regex: pattern is undefined, not ^[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*(\\/[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*)*$`]:
    "Its backslashes are doubled: it refuses Docker's own example",
  "GET /v2/orgs/{org_name}/members: query search is string, not integer":
    "It is looked for in names",
  "POST /v2/scim/2.0/Users: body schemas[]: minItems is undefined, not 1":
    "It is written at the items, and meant for the list",
  "PUT /v2/scim/2.0/Users/{id}: body schemas[]: minItems is undefined, not 1":
    "It is written at the items, and meant for the list",
};

test("every operation that is one request has a place in the document", () => {
  const ids = Object.values(document.paths).flatMap((item) =>
    Object.values(item).map(({ operationId }) => operationId),
  );
  assert.equal(new Set(ids).size, ids.length);
  assert(ids.length >= 139, `${ids.length}`);
});

test("what another service answers says so", () => {
  const at = (path: string, given = document) => given.paths[path]?.["get"]?.servers?.[0]?.url;
  const token = Object.keys(document.paths).find((path) => path.startsWith("/token"))!;
  assert.equal(at(token), "https://auth.docker.io");
  assert.equal(at("/v2/namespaces/{namespace}/repositories"), undefined);
  const auth = "http://127.0.0.1:5080";
  const here = openApi(catalogue, { title: "Mine", version: "1", services: { auth } });
  assert.equal(at(token, here), auth);
  assert.equal(here.servers[0]?.url, "https://hub.docker.com");
});

describe("Docker's description", { skip: descriptionMissing }, () => {
  if (descriptionMissing) return;
  const described = describedOperations();
  const met = new Set<string>();

  test("it has the 54 operations that we know of", () => {
    assert.equal(described.length, 54);
  });

  for (const theirs of described) {
    const name = `${theirs.method} ${theirs.path}`;
    test(name, () => {
      const ours = find(theirs);
      assert(ours, "we have no such operation");
      const differences = compare(ours, theirs).filter((difference) => {
        const key = `${name}: ${difference}`;
        if (!(key in known)) return true;
        met.add(key);
        return false;
      });
      assert.deepEqual(differences, []);
    });
  }

  test("every difference that is listed is still one", () => {
    assert.deepEqual(
      Object.keys(known).filter((key) => !met.has(key)),
      [],
    );
  });
});

/** Names of path parameters are ours to choose: the address is the same. */
const anonymous = (path: string) => path.replaceAll(/\{\w+\}/g, "{}");

function find({ method, path }: Described): OpenApiOperation | undefined {
  for (const [template, item] of Object.entries(document.paths))
    if (anonymous(template) === anonymous(path)) {
      const found = item[method.toLowerCase()];
      if (found) return found;
    }
  return undefined;
}

function compare(ours: OpenApiOperation, theirs: Described): string[] {
  const differences: string[] = [];
  const inPlace = (place: string) => ({
    our: (ours.parameters ?? []).filter((parameter) => parameter.in === place),
    their: theirs.parameters.filter((parameter) => parameter.in === place),
  });
  const path = inPlace("path");
  if (path.our.length !== path.their.length)
    differences.push(`${path.our.length} fields in the path, not ${path.their.length}`);
  for (const place of ["query", "header"]) {
    const { our, their } = inPlace(place);
    for (const { name, required = false, schema = {} } of their) {
      const mine = our.find((parameter) => parameter.name === name);
      if (mine === undefined) differences.push(`${place} ${name} is missing`);
      else
        differences.push(
          ...compareField(`${place} ${name}`, mine.required, mine.schema, required, schema),
        );
    }
    for (const { name } of our)
      if (!their.some((parameter) => parameter.name === name))
        differences.push(`${place} ${name} is not theirs`);
  }
  const mine = Object.values(ours.requestBody?.content ?? {})[0]?.schema;
  const their = theirs.body && flat(theirs.body.schema);
  if ((mine === undefined) !== (their === undefined))
    differences.push(mine ? "a body that is not theirs" : "the body is missing");
  if (mine && their) differences.push(...compareObject("body", mine, their));
  return differences;
}

function compareObject(at: string, ours: Schema, theirs: Schema): string[] {
  const differences: string[] = [];
  for (const [name, schema] of Object.entries(theirs.properties ?? {})) {
    const mine = ours.properties?.[name];
    if (mine === undefined) differences.push(`${at} ${name} is missing`);
    else {
      const [our, their] = [ours, theirs].map((of) => of.required?.includes(name) ?? false);
      differences.push(...compareField(`${at} ${name}`, our, mine, their, schema));
    }
  }
  for (const name of Object.keys(ours.properties ?? {}))
    if (theirs.properties?.[name] === undefined) differences.push(`${at} ${name} is not theirs`);
  return differences;
}

const limits = [
  "minLength",
  "maxLength",
  "minimum",
  "maximum",
  "pattern",
  "format",
  "minItems",
  "maxItems",
];

function compareField(
  at: string,
  ourRequired = false,
  ourSchema: Schema,
  theirRequired = false,
  theirSchema: Schema,
): string[] {
  const ours = nonNull(ourSchema);
  const theirs = flat(theirSchema);
  const differences: string[] = [];
  if (ourRequired !== theirRequired)
    differences.push(`${at} is ${ourRequired ? "required" : "optional"}, not theirs`);
  const type = typeOf(theirs);
  if (
    type !== undefined &&
    typeOf(ours) !== type &&
    !(type === "number" && typeOf(ours) === "integer")
  )
    differences.push(`${at} is ${typeOf(ours)}, not ${type}`);
  for (const limit of limits) {
    const [our, their] = [ours[limit], theirs[limit]];
    if (their === undefined || our === their) continue;
    if (limit === "format" && /^int(?:32|64)$/.test(String(their))) continue;
    differences.push(`${at}: ${limit} is ${String(our)}, not ${String(their)}`);
  }
  if (theirs.enum) {
    const missing = theirs.enum.filter((value) => !ours.enum?.includes(value));
    if (missing.length > 0) differences.push(`${at} lacks ${missing.join(", ")}`);
  }
  if (theirs.items && ours.items)
    differences.push(...compareField(`${at}[]`, false, ours.items, false, theirs.items));
  if (theirs.properties) differences.push(...compareObject(at, ours, theirs));
  return differences;
}

function typeOf({ type, enum: values }: Schema): string | undefined {
  return type ?? (values ? typeof values[0] : undefined);
}

/** `null` beside a type is how nullable is written now. */
function nonNull(schema: Schema): Schema {
  const choices = schema["anyOf"] as Schema[] | undefined;
  return choices?.find(({ type }) => type !== "null") ?? schema;
}

/** `allOf` as one schema. */
function flat(schema: Schema): Schema {
  if (schema.allOf === undefined) return schema;
  const { allOf, ...own } = schema;
  return [...allOf.map(flat), own].reduce<Schema>(
    (all, one) => ({
      ...all,
      ...one,
      properties: { ...all.properties, ...one.properties },
      required: [...(all.required ?? []), ...(one.required ?? [])],
    }),
    {},
  );
}
