import assert from "node:assert/strict";
import { test } from "node:test";
import { jwtExpiry, jwtUsername, readJwt } from "./jwt.ts";

function jwt(claims: unknown): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "none" })}.${part(claims)}.c2ln`;
}

test("a token tells when it ends, in milliseconds", () => {
  assert.equal(jwtExpiry(jwt({ exp: 1_700_000_000 })), 1_700_000_000_000);
  assert.equal(jwtExpiry(jwt({ exp: "soon" })), undefined);
});

test("the user is Docker Hub's claim, else the preferred name, else the subject", () => {
  const hub = { "https://hub.docker.com": { username: "me" }, sub: "uuid" };
  assert.equal(jwtUsername(jwt(hub)), "me");
  assert.equal(jwtUsername(jwt({ preferred_username: "you", sub: "uuid" })), "you");
  assert.equal(jwtUsername(jwt({ sub: "they" })), "they");
  assert.equal(jwtUsername(jwt({ sub: "" })), undefined);
});

test("what is no JWT has no claims", () => {
  for (const text of [
    "",
    "a.b",
    "a.b.c",
    "a.bnVsbA.c",
    "a.W10.c",
    "dckr_pat_x",
    ".".repeat(9),
    `a.${"b".repeat(200_000)}.c`,
  ]) {
    assert.equal(readJwt(text), undefined);
  }
});
