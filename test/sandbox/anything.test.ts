/** Whatever is sent to an operation, by whomever: it is answered as the operation declares, or refused in words; it never fails. */
import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";
import * as z from "zod";

import * as catalogue from "../../src/hub/catalogue.ts";
import { fieldsOf, placesOf } from "../../src/hub/client/request.ts";
import type { Method } from "../../src/http/http.ts";
import { createRouter, type Route } from "../../src/sandbox/hub/router.ts";
import { type Stage, stage } from "./stage.ts";

/** What is there, by field, so that more than refusals come about. */
type There = Readonly<Record<string, readonly string[]>>;

const seeded: There = {
  namespace: ["alice", "harbour"],
  repository: ["site", "api"],
  repo: ["api"],
  repos: ["harbour/api"],
  tag: ["latest"],
  org_name: ["harbour"],
  org: ["harbour"],
  account: ["harbour", "alice"],
  username: ["alice", "bob"],
  user: ["bob"],
  member: ["bob"],
  group_name: ["pilots", "owners"],
  group_id: ["1", "2"],
  name: ["User", "new-one"],
  year: ["2026"],
  timespantype: ["months", "weeks"],
  timespan: ["4"],
  dataview: ["raw", "summary"],
  slug: ["ci", "gaming"],
  role: ["owner", "editor", "member"],
  invitees: ["new@example.com", "dave"],
  userName: ["new@example.com", "bob@example.com"],
  schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"],
  hook_url: ["http://127.0.0.1:1/"],
  source_uuid: ["f74194a8-022d-33ec-c3a1-2155dda1311b"],
  trigger_uuid: ["3470443d-aacb-5e17-a701-d8f608b99509"],
};

/** What others stumble over: words of JavaScript and SQL, other alphabets, ends of ranges, wildcards. */
const odd = `__proto__ constructor -constructor toString % _% \\ '; a/b A ALICE é漢字😀 \u202e \u0000 0 -1 9007199254740991
  9007199254740993 1e999 null true 9999-12-31T23:59:59-12:00 0000-01-01T00:00:00Z {"a":1} [ ( (a+)+$ ${"x".repeat(5000)}`;

const text = fc.oneof(fc.constantFrom(...odd.split(/\s+/)), fc.string({ unit: "binary" }));
const anything = fc.oneof(text, fc.jsonValue(), fc.constantFrom(-1, 2 ** 53, 1e300, null));

/** Mostly what a schema takes, sometimes anything. */
function valueOf(schema: z.core.$ZodType, known: fc.Arbitrary<string>): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 12, arbitrary: rightOf(schema, known) }, anything);
}

function rightOf(schema: z.core.$ZodType, known: fc.Arbitrary<string>): fc.Arbitrary<unknown> {
  const inner = (part: unknown) => valueOf(part as z.core.$ZodType, known);
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable)
    return inner(schema.unwrap());
  if (schema instanceof z.ZodEnum) return fc.constantFrom(...schema.options);
  if (schema instanceof z.ZodLiteral) return fc.constantFrom(...schema.values);
  if (schema instanceof z.ZodBoolean) return fc.boolean();
  if (schema instanceof z.ZodNumber) return fc.oneof(fc.nat(3), fc.maxSafeInteger());
  if (schema instanceof z.ZodISODateTime)
    return fc.constantFrom("2026-04-01T00:00:00Z", "2027-01-01T00:00:00Z");
  if (schema instanceof z.ZodArray) return fc.array(inner(schema.element), { maxLength: 3 });
  if (schema instanceof z.ZodUnion) return fc.oneof(...schema.options.map(inner));
  if (!(schema instanceof z.ZodObject)) return fc.oneof(known, text);
  return some(Object.entries(schema.shape).map(([name, field]) => [name, inner(field)]));
}

/** An object with some of these. */
function some(fields: readonly (readonly [string, fc.Arbitrary<unknown>])[]) {
  return fc.record(Object.fromEntries(fields), { requiredKeys: [] });
}

interface Sent {
  readonly who: string;
  readonly target: string;
  readonly body: string | undefined;
}

function requests(route: Route, there: There, people: readonly string[]): fc.Arbitrary<Sent> {
  const { operation, method, template } = route;
  const { auth, http = "", places } = operation;
  const inTemplate = new Set(fieldsOf(http));
  const values = Object.entries(operation.input.shape).map(([name, schema]) => {
    const [place] = placesOf(places?.[name], method as Method, inTemplate.has(name));
    const known = fc.constantFrom(...(there[name] ?? ["x"]));
    return { name, place, known, value: valueOf(schema, known) };
  });
  const at = (...wanted: readonly unknown[]) =>
    some(
      values.filter(({ place }) => wanted.includes(place)).map(({ name, value }) => [name, value]),
    );
  const path = values.filter(({ place }) => place === "path");
  const whole = values.find(({ place }) => place === "whole");
  const body = fc.oneof(
    { weight: 12, arbitrary: (whole?.value ?? at("body")).map((value) => JSON.stringify(value)) },
    fc.constantFrom("", "{", "7", `{"name":${"[".repeat(20_000)}${"]".repeat(20_000)}}`),
  );
  const usual = auth === "scim" ? "directory" : "alice";
  return fc.record({
    who: fc.oneof({ weight: 8, arbitrary: fc.constant(usual) }, fc.constantFrom(...people)),
    target: fc
      .tuple(
        fc.record(
          Object.fromEntries(
            path.map(({ name, known }) => [
              name,
              fc.oneof(
                { weight: 9, arbitrary: known },
                text.filter((one) => !/^\.{0,2}$/.test(one)),
              ),
            ]),
          ),
        ),
        at("query", "repeated"),
      )
      .map(([fields, query]) => {
        const [before = "", after = ""] = [template, http.split("?")[1] ?? ""].map((part) =>
          part.replace(/\{(\w+)\}/g, (_, field: string) => encoded(fields[field])),
        );
        const given = Object.entries(query).map(([name, value]) => `${name}=${encoded(value)}`);
        return `${before}?${[after, ...given].filter(Boolean).join("&")}`;
      }),
    body: method === "GET" || method === "HEAD" ? fc.constant(undefined) : body,
  });
}

function encoded(value: unknown): string {
  return encodeURIComponent(typeof value === "string" ? value : JSON.stringify(value));
}

/** Some of everything that has an id, and a session of each kind. */
async function prepare({ as, ask }: Stage) {
  const hub = as("alice");
  const personal = await hub.accessTokens.create({ token_label: "x", scopes: ["repo:admin"] });
  const ofOrg = await hub.orgAccessTokens.create({
    org_name: "harbour",
    label: "x",
    resources: [
      { type: "TYPE_REPO", path: "harbour/*", scopes: ["scope-repository-admin"] },
      { type: "TYPE_ORG", path: "harbour", scopes: ["scope-member-edit", "scope-group-edit"] },
    ],
  });
  await hub.invites.create({ org: "harbour", invitees: ["guest@example.com"] });
  const { data } = await hub.invites.list({ org_name: "harbour" });
  const { resources } = await hub.scim.listUsers({});
  const site = { namespace: "alice", repository: "site" };
  const { id: webhook } = await hub.webhooks.create({ ...site, name: "ci" });
  const login = async (identifier: string, secret: string) => {
    const { body } = await ask("POST", "/v2/auth/token", { body: { identifier, secret } });
    return body.access_token as string;
  };
  const there: There = {
    ...seeded,
    uuid: [personal.uuid],
    access_token_id: [ofOrg.id],
    account_id: [(await hub.users.getCurrent({})).id],
    id: [data[0]!.id, resources[0]!.id],
    webhook_id: [String(webhook)],
  };
  const tokens: Readonly<Record<string, string | undefined>> = {
    alice: await login("alice", "alice-password"),
    bob: await login("bob", "bob-password"),
    machine: await login("alice", personal.token!),
    robot: await login("harbour", ofOrg.token!),
    directory: "harbour-scim-token",
    nobody: undefined,
    stranger: "e30.e30.e30",
  };
  return { there, tokens };
}

/** The same requests each time, so that a failure is a change's; `FUZZ_RUNS=400 FUZZ_SEED=7` looks further. */
const runs = Number(process.env.FUZZ_RUNS ?? 20);
const seed = Number(process.env.FUZZ_SEED ?? 171_937_308);

test("whatever is sent to an operation is answered as declared, or refused in words", async (t) => {
  const set = await stage(t, { rateLimit: Infinity });
  const { there, tokens } = await prepare(set);
  const routes = createRouter(catalogue).routes.filter(({ id }) => id !== "auth.logout");
  // What deletes comes last, so that there is something before.
  const last = ({ operation }: Route) => Number(operation.effect === "destroy");
  const statuses = new Set<number>();
  for (const route of routes.toSorted((a, b) => last(a) - last(b))) {
    const property = fc.asyncProperty(
      requests(route, there, Object.keys(tokens)),
      async ({ who, target, body }) => {
        const token = tokens[who];
        const response = await fetch(set.sandbox.hubUrl + target, {
          method: route.method,
          redirect: "manual",
          headers: {
            "content-type": "application/json",
            ...(token !== undefined && { authorization: `Bearer ${token}` }),
          },
          ...(body !== undefined && { body }),
        });
        const said = await response.text();
        assert(response.status < 500, said);
        statuses.add(response.status);
        if (response.status >= 400 && route.method !== "HEAD") assert.match(said, /^\{/);
        const isJson = (route.operation.answer ?? "json") === "json" && response.status === 200;
        if (isJson && said !== "") route.operation.output.parse(JSON.parse(said));
      },
    );
    await fc.assert(property, { numRuns: runs, seed });
  }
  for (const status of [200, 201, 202, 204, 400, 401, 403, 404, 409])
    assert(statuses.has(status), `${status}`);
});
