/** How the sandbox says no: the status and the shape of each refusal. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { stage } from "./stage.ts";

/** Who asks: an account of the seed by its password, a session of a personal access token, nobody, or a token as it is. */
type Who = "alice" | "bob" | "dave" | "machine" | "nobody" | { readonly token: string };

interface Refused {
  readonly request: readonly [method: string, path: string, body?: unknown];
  readonly as?: Who;
  readonly status: number;
  /** Fields of the answer's body, sorted; "" for none. */
  readonly fields: string;
  /** What its message, or detail, says. */
  readonly says?: RegExp;
}

const site = "/v2/namespaces/alice/repositories/site";
const tokens = "/v2/access-tokens";
const readable = "detail,errinfo,message";

const refusals: Readonly<Record<string, Refused>> = {
  "nobody where somebody has to be": {
    request: ["GET", "/v2/user/"],
    as: "nobody",
    status: 401,
    fields: "detail,message",
  },
  "a personal access token in place of a session": {
    request: ["GET", "/v2/user/"],
    as: { token: "dckr_pat_abcdefghijklmnopqrstuvwxyz" },
    status: 401,
    fields: "detail,message",
  },
  "a broken token where nobody would do": {
    request: ["GET", site],
    as: { token: "nonsense" },
    status: 401,
    fields: "detail,message",
  },
  "a wrong password": {
    request: ["POST", "/v2/users/login", { username: "alice", password: "wrong" }],
    as: "nobody",
    status: 401,
    fields: "detail,message",
    says: /Incorrect authentication credentials/,
  },
  "a password without its second factor": {
    request: ["POST", "/v2/users/login", { username: "carol", password: "carol-password" }],
    as: "nobody",
    status: 401,
    fields: "detail,login_2fa_token",
    says: /^Require secondary authentication on MFA enabled account$/,
  },
  "an organization where a user has to sign in": {
    request: ["POST", "/v2/users/login", { username: "harbour", password: "x" }],
    as: "nobody",
    status: 401,
    fields: "detail,message",
    says: /Cannot log into an organization account/,
  },
  "a code for no login": {
    request: ["POST", "/v2/users/2fa-login", { login_2fa_token: "none", code: "123456" }],
    as: "nobody",
    status: 401,
    fields: "detail,message",
  },
  "tokens managed by a token": {
    request: ["GET", tokens],
    as: "machine",
    status: 403,
    fields: "errinfo,message",
    says: /token issued from personal access token is not allowed/,
  },
  "an organization's audit log for a token": {
    request: ["GET", "/v2/auditlogs/harbour"],
    as: "machine",
    status: 403,
    fields: "code,details,message",
    says: /forbidden with personal access token/,
  },
  "an organization's audit log for a stranger": {
    request: ["GET", "/v2/auditlogs/harbour"],
    as: "dave",
    status: 403,
    fields: "code,details,message",
  },
  "a trigger of no build": {
    request: ["POST", "/api/build/v1/source/none/trigger/none/call/"],
    as: "nobody",
    status: 404,
    fields: "error",
    says: /^Selected Source does not exist$/,
  },
  "what one may only see": {
    request: ["PATCH", site, { description: "mine" }],
    as: "dave",
    status: 403,
    fields: "errinfo,message",
  },
  "what one may not even see": {
    request: ["GET", "/v2/namespaces/alice/repositories/notes"],
    as: "dave",
    status: 404,
    fields: readable,
    says: /object not found/,
  },
  "a tag that is not there": {
    request: ["GET", `${site}/tags/none`],
    status: 404,
    fields: "detail,errinfo,message,txnid",
    says: /'none' not found/,
  },
  "a token that is not there": {
    request: ["GET", `${tokens}/none`],
    status: 404,
    fields: readable,
  },
  "a repository that is there already": {
    request: ["POST", "/v2/namespaces/alice/repositories", { namespace: "alice", name: "site" }],
    status: 409,
    fields: readable,
    says: /already exists/,
  },
  "a repository with a wrong field": {
    request: ["POST", "/v2/namespaces/alice/repositories", { namespace: "alice", name: "A" }],
    status: 400,
    fields: "errinfo,message",
    says: /^httperror 400: request had 1 validation error$/,
  },
  "a token with wrong fields": {
    request: ["POST", tokens, { token_label: "", scopes: ["repo:everything"] }],
    status: 400,
    fields: "fields,text",
  },
  "a list in the order of a word that JavaScript knows": {
    request: ["GET", "/v2/repositories/alice/?ordering=__proto__"],
    status: 400,
    fields: "fields,text",
  },
  "tags in such an order": {
    request: ["GET", "/v2/repositories/alice/site/tags/?ordering=constructor"],
    status: 400,
    fields: "fields,text",
  },
  "a list in no order": {
    request: ["GET", "/v2/namespaces/alice/repositories?ordering=size"],
    status: 400,
    fields: "fields,text",
  },
  "a page past the end": {
    request: ["GET", "/v2/namespaces/alice/repositories?page=2"],
    status: 404,
    fields: readable,
    says: /Invalid page/,
  },
  "a wrong method": {
    request: ["PUT", "/v2/categories"],
    status: 405,
    fields: "message",
    says: /^405: Method Not Allowed$/,
  },
  "an empty segment": {
    request: ["GET", "/v2/repositories//site/"],
    status: 405,
    fields: "message",
  },
  "a route that nobody knows": {
    request: ["GET", "/v2/no/such/thing"],
    status: 404,
    fields: "detail,message",
    says: /^the sandbox knows no GET/,
  },
  "the first version of the API": {
    request: ["GET", "/v1/repositories/alice/site/tags"],
    status: 410,
    fields: "detail,message",
  },
  "what Docker has retired": {
    request: ["GET", `${site}/images`],
    status: 404,
    fields: "detail,message",
    says: /retired on/,
  },
  "a body that is a list": {
    request: ["POST", tokens, []],
    status: 400,
    fields: "fields,text",
  },
  "a rule that is no regular expression": {
    request: [
      "PATCH",
      `${site}/immutabletags`,
      { immutable_tags: true, immutable_tags_rules: ["("] },
    ],
    status: 400,
    fields: readable,
  },
  "a last owner who leaves": {
    request: ["DELETE", "/v2/orgs/harbour/members/alice"],
    status: 400,
    fields: readable,
    says: /last owner/,
  },
  "a standard registry by its former name": {
    request: [
      "PUT",
      "/v2/orgs/harbour/settings/registry-access-management",
      {
        enabled: true,
        standard_registries: [{ id: "Docker", allowed: true }],
        custom_registries: [],
      },
    ],
    status: 400,
    fields: readable,
    says: /only DockerHub/,
  },
  "a team that has access already": {
    request: ["POST", "/v2/repositories/harbour/api/groups", { group_id: 2, permission: "read" }],
    status: 400,
    fields: readable,
  },
};

test("each refusal has the status and the shape that it has at Docker's", async (context) => {
  const { as, ask } = await stage(context);
  const alice = as("alice");
  const { token: secret = "" } = await alice.accessTokens.create({
    token_label: "machine",
    scopes: ["repo:admin"],
  });
  const machine = as({ kind: "secret", identifier: "alice", secret });
  const known: Record<string, string | undefined> = { machine: await machine.token() };
  for (const name of ["alice", "bob", "dave"]) known[name] = await as(name).token();

  for (const [name, refusal] of Object.entries(refusals))
    await context.test(name, async () => {
      const { request, as: who = "alice", status, fields, says = /./ } = refusal;
      const [method, path, body] = request;
      const token = typeof who === "string" ? known[who] : who.token;
      const answer = await ask(method, path, { token, body });
      assert.equal(answer.status, status, JSON.stringify(answer.body));
      assert.equal(answer.headers.get("content-type"), "application/json");
      assert.equal(Object.keys(answer.body).toSorted().join(), fields);
      const { detail, message, text, error } = answer.body;
      assert.match(detail ?? message ?? text ?? error, says);
    });

  await context.test("a tag that is not there is told as the call of another service", async () => {
    const { body } = await ask("GET", `${site}/tags/none`);
    const { api_call_txnid, ...call } = body.errinfo;
    assert.equal(api_call_txnid, body.txnid);
    assert.deepEqual(call, {
      api_call_docker_id: "",
      api_call_name: "GetRepositoryTag",
      api_call_start: "2026-05-01T12:00:00.000Z",
    });
  });

  await context.test("HEAD has no body", async () => {
    const answer = await ask("HEAD", "/v2/namespaces/alice/repositories/none", {});
    assert.deepEqual([answer.status, answer.body], [404, ""]);
  });
});
