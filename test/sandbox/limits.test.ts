/** Where exactly a field becomes wrong. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { type Ask, stage } from "./stage.ts";

const site = "/v2/namespaces/alice/repositories/site";
const tokens = "/v2/access-tokens";

/** By field: a request with it, a value that just fits, and some that do not. */
const limits: readonly {
  readonly field: string;
  readonly request: readonly [method: string, path: string, body?: object];
  readonly fits: readonly unknown[];
  readonly wrong: readonly unknown[];
}[] = [
  {
    field: "name",
    request: ["POST", "/v2/namespaces/alice/repositories", { namespace: "alice" }],
    fits: ["ab", "a".repeat(255), "a-b.c_d"],
    wrong: ["a", "a".repeat(256), "A1", "-ab", "ab-", "a..b", "a__b", "a/b", "", 1, null],
  },
  {
    field: "description",
    request: ["PATCH", site],
    fits: ["", "x".repeat(100)],
    wrong: ["x".repeat(101), 1, {}],
  },
  {
    field: "full_description",
    request: ["PATCH", site],
    fits: ["", "x".repeat(25_000)],
    // Bytes count, not characters.
    wrong: ["x".repeat(25_001), "ü".repeat(12_501)],
  },
  {
    field: "full_description",
    request: [
      "POST",
      "/v2/namespaces/alice/repositories",
      { namespace: "alice", name: "described" },
    ],
    fits: ["x".repeat(25_000)],
    wrong: ["x".repeat(25_001), "ü".repeat(12_501)],
  },
  {
    field: "is_private",
    request: ["POST", "/v2/repositories/alice/site/privacy"],
    fits: [true, false],
    wrong: ["true", 1, null],
  },
  { field: "status", request: ["PATCH", site], fits: [0, 1], wrong: [2, -1, "1"] },
  {
    field: "token_label",
    request: ["POST", tokens, { scopes: ["repo:read"] }],
    fits: ["x", "x".repeat(100)],
    wrong: ["", "x".repeat(101), 1],
  },
  {
    field: "scopes",
    request: ["POST", tokens, { token_label: "x" }],
    fits: [["repo:admin"], ["repo:write"], ["repo:read"], ["repo:public_read"]],
    wrong: [["repo:delete"], "repo:read", [1]],
  },
  {
    field: "expires_at",
    request: ["POST", tokens, { token_label: "x", scopes: ["repo:read"] }],
    fits: ["2027-10-28T18:30:19.520861Z", "2027-10-28T18:30:19Z"],
    wrong: ["tomorrow", "2027-10-28", 1, "2026-05-01T12:00:00Z"],
  },
  {
    field: "role",
    request: ["PUT", "/v2/orgs/harbour/members/bob"],
    fits: ["owner", "editor", "member"],
    wrong: ["Owner", "admin", ""],
  },
  {
    field: "permission",
    request: ["PATCH", "/v2/repositories/harbour/api/groups/2/"],
    fits: ["read", "write", "admin"],
    wrong: ["none", "Read", ""],
  },
  {
    field: "name",
    request: ["POST", "/v2/orgs/harbour/groups"],
    fits: ["abc", "a".repeat(30)],
    wrong: ["ab", "a".repeat(31), "Pilots", "a b c"],
  },
  {
    field: "immutable_tags_rules",
    request: ["PATCH", `${site}/immutabletags`, { immutable_tags: true }],
    fits: [[], ["v.*"], ["(?i)^V1\\-[[:digit:]]+\\z"]],
    wrong: ["v.*", [1], {}],
  },
  {
    field: "resources",
    request: ["POST", "/v2/orgs/harbour/access-tokens", { label: "x" }],
    fits: [[{ type: "TYPE_REPO", path: "harbour/api", scopes: ["scope-image-pull"] }]],
    wrong: [
      [{ type: "TYPE_USER", path: "harbour/api", scopes: ["scope-image-pull"] }],
      [{ type: "TYPE_REPO", path: "harbour/api" }],
      {},
    ],
  },
  {
    field: "page",
    request: ["GET", `${site}/tags`],
    fits: [1],
    wrong: [0, -1, "one", 1.5],
  },
  {
    field: "page_size",
    request: ["GET", `${site}/tags`],
    // What is too much is cut without a word.
    fits: [1, 100, 101, 5000],
    wrong: [0, -1, "all"],
  },
  {
    field: "ordering",
    request: ["GET", "/v2/namespaces/alice/repositories"],
    fits: ["name", "-name", "last_updated", "-last_updated", "pull_count", "-pull_count"],
    wrong: ["size", "--name", "NAME"],
  },
  {
    field: "role",
    request: ["GET", "/v2/orgs/harbour/members"],
    fits: ["owner", "editor", "member"],
    wrong: ["guest"],
  },
  {
    field: "type",
    request: ["GET", "/v2/orgs/harbour/members"],
    fits: ["all", "invitee", "member"],
    wrong: ["owner"],
  },
];

for (const { field, request, fits, wrong } of limits)
  test(`${request[0]} ${request[1]}: ${field} is taken up to its limit, and refused beyond`, async (context) => {
    const { as, ask } = await stage(context);
    const token = await as("alice").token();
    const [method, path, rest = {}] = request;
    const send = ({ value }: { value: unknown }): Promise<{ status: number; body: unknown }> => {
      const options: Ask = { token };
      return method === "GET"
        ? ask(method, `${path}?${field}=${String(value)}`, options)
        : ask(method, path, { ...options, body: { ...rest, [field]: value } });
    };
    for (const value of wrong) {
      const { status, body } = await send({ value });
      assert.equal(status, 400, `${JSON.stringify(value).slice(0, 40)}: ${status}`);
      assert.match(JSON.stringify(body), new RegExp(field), "the answer names the field");
    }
    for (const value of fits) {
      const { status, body } = await send({ value });
      assert(status < 300, `${JSON.stringify(value).slice(0, 40)}: ${JSON.stringify(body)}`);
    }
  });
