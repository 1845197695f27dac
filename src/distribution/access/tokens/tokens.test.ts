import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { test, type TestContext } from "node:test";

import type { Access } from "../../exchange.ts";
import { Refusal } from "../../refusal.ts";
import { requestWith, stoppedClock, temporaryFile } from "../testing.ts";
import { ecPair, type Grant, makeToken, moment, pemOf, rsaPair } from "./testing.ts";
import { Tokens } from "./tokens.ts";

async function open(t: TestContext) {
  const certFile = await temporaryFile(t, pemOf(ecPair.publicKey));
  const clock = stoppedClock(moment * 1000);
  const realm = "https://auth.example/token";
  const tokens = await Tokens.open(
    { realm, service: "service", issuer: "issuer", certFile },
    { clock: clock.now, now: clock.now },
  );
  const identify = async (authorization: string | undefined, access?: Access) =>
    tokens.identify(requestWith(authorization), access);
  return { certFile, clock, tokens, identify };
}

const access = (...actions: Access["actions"]): Access => ({
  type: "repository",
  name: "a/b",
  actions,
});
const grant = (...actions: string[]): Grant => ({ type: "repository", name: "a/b", actions });
const bearer = async (...granted: Grant[]) =>
  `Bearer ${await makeToken({ key: ecPair.privateKey, access: granted })}`;

const challenged = (promise: Promise<unknown>, challenge: string) =>
  assert.rejects(promise, (error) => {
    assert(error instanceof Refusal && error.status === 401 && error.code === "UNAUTHORIZED");
    assert.equal(error.headers["www-authenticate"], challenge);
    return true;
  });

const named = 'Bearer realm="https://auth.example/token",service="service"';

test("without a token one is told where to get which", async (t) => {
  const { identify } = await open(t);
  await challenged(identify(undefined), named);
  await challenged(identify("Basic YTpi"), named);
  await challenged(
    identify(undefined, access("pull", "push")),
    `${named},scope="repository:a/b:pull,push"`,
  );
  await challenged(
    identify(undefined, { ...access("pull", "push"), from: "c" }),
    `${named},scope="repository:a/b:pull,push repository:c:pull"`,
  );
  await challenged(
    identify(undefined, { type: "registry", name: "catalog", actions: ["*"] }),
    `${named},scope="registry:catalog:*"`,
  );
});

test("a token that is no good is told from one that grants too little", async (t) => {
  const { identify } = await open(t);
  const scope = 'scope="repository:a/b:delete"';
  await challenged(
    identify("Bearer nonsense", access("delete")),
    `${named},${scope},error="invalid_token"`,
  );
  await challenged(identify("Bearer nonsense"), `${named},error="invalid_token"`);
  await challenged(
    identify(await bearer(grant("pull", "push")), access("delete")),
    `${named},${scope},error="insufficient_scope"`,
  );
});

test("what a token grants is allowed; a star is everything, and grants add up", async (t) => {
  const { identify } = await open(t);
  assert.equal((await identify(await bearer())).user, "alice");
  assert(await identify(await bearer(grant("pull")), access("pull")));
  assert(await identify(await bearer(grant("*")), access("pull", "push")));
  assert(await identify(await bearer(grant("pull"), grant("push")), access("pull", "push")));
  const other = { type: "repository", name: "a", actions: ["pull"] };
  await assert.rejects(identify(await bearer(other), access("pull")));
});

test("a subject that is empty is nobody", async (t) => {
  const { identify } = await open(t);
  const token = await makeToken({ key: ecPair.privateKey, claims: { sub: "" } });
  assert.equal((await identify(`Bearer ${token}`)).user, undefined);
});

test("a claim that is no list of grants makes the token void", async (t) => {
  const { identify } = await open(t);
  for (const claim of [{}, "all", [{}], [{ type: "repository", name: "a", actions: "pull" }]]) {
    const token = await makeToken({ key: ecPair.privateKey, claims: { access: claim } });
    await assert.rejects(identify(`Bearer ${token}`), /list of grants/);
  }
  const none = await makeToken({ key: ecPair.privateKey, claims: { access: null } });
  assert.equal((await identify(`Bearer ${none}`)).user, "alice");
});

test("a token that was good ends when it says", async (t) => {
  const { clock, identify } = await open(t);
  const authorization = await bearer();
  await identify(authorization);
  clock.move(359_000);
  await identify(authorization);
  clock.move(1000);
  await assert.rejects(identify(authorization), /has expired/);
});

test("when the service's key changes, tokens by the old one are void", async (t) => {
  const { certFile, clock, identify } = await open(t);
  const authorization = await bearer();
  await identify(authorization);
  await writeFile(certFile, pemOf(rsaPair.publicKey));
  clock.move(1000);
  await assert.rejects(identify(authorization), /none of the keys/);
  assert(await identify(`Bearer ${await makeToken({ key: rsaPair.privateKey })}`));
});
