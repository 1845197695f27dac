/** Sessions of the sandbox: how they open, what they allow, how they end. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { refused, stage } from "./stage.ts";

test("a password opens a session of ten minutes that says who it is", async (context) => {
  const { ask, clock } = await stage(context);
  const opened = await ask("POST", "/v2/auth/token", {
    body: { identifier: "alice", secret: "alice-password" },
  });
  assert.equal(opened.status, 200);
  const token: string = opened.body.access_token;
  const claims = JSON.parse(Buffer.from(token.split(".")[1]!, "base64url").toString());
  assert.equal(claims["https://hub.docker.com"].username, "alice");
  assert.equal(claims.exp - claims.iat, 600);
  assert.equal((await ask("GET", "/v2/user/", { token })).body.username, "alice");
  clock.now += 599_000;
  assert.equal((await ask("GET", "/v2/user/", { token })).status, 200);
  clock.now += 2_000;
  assert.equal((await ask("GET", "/v2/user/", { token })).status, 401);
});

test("wrong passwords, unknown names and forged tokens are told the same", async (context) => {
  const { ask } = await stage(context);
  for (const body of [
    { identifier: "alice", secret: "wrong" },
    { identifier: "nobody", secret: "alice-password" },
    { identifier: "harbour", secret: "alice-password" },
  ]) {
    const { status, body: said } = await ask("POST", "/v2/auth/token", { body });
    assert.deepEqual([status, said.detail], [401, "Incorrect authentication credentials"]);
  }
  const none = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${Buffer.from('{"sub":"alice"}').toString("base64url")}.`;
  for (const token of ["dckr_pat_raw", none])
    assert.equal((await ask("GET", "/v2/user/", { token })).status, 401);
  assert.equal((await ask("GET", "/v2/user/")).status, 401);
});

test("what is wrong with a request is told field by field", async (context) => {
  const { ask } = await stage(context);
  const { status, body } = await ask("POST", "/v2/auth/token", { body: { identifier: "" } });
  assert.equal(status, 400);
  assert.deepEqual(Object.keys(body.errinfo.fielderrors), ["identifier", "secret"]);
});

test("a second factor is wanted, each code once, and five wrong ones end the login", async (context) => {
  const { ask, as, clock, sandbox } = await stage(context);
  const credentials = { username: "carol", password: "carol-password" };
  await refused(as("carol").users.getCurrent(), "UNAUTHORIZED");
  const half = async () => {
    const { status, body } = await ask("POST", "/v2/users/login", { body: credentials });
    assert.equal(status, 401);
    return body.login_2fa_token as string;
  };
  const code = sandbox.code("carol")!;
  const finish = async (login_2fa_token: string, code: string) =>
    ask("POST", "/v2/users/2fa-login", { body: { login_2fa_token, code } });
  const first = await half();
  assert.equal((await finish(first, "000000")).status, 401);
  const opened = await finish(first, code);
  assert.equal(opened.status, 200);
  assert.equal(
    (await ask("GET", "/v2/user/", { token: opened.body.token })).body.username,
    "carol",
  );
  const second = await half();
  assert.equal((await finish(second, code)).status, 401, "the code was used");
  clock.now += 30_000;
  for (let wrong = 0; wrong < 4; wrong += 1) await finish(second, "000000");
  assert.equal((await finish(second, sandbox.code("carol")!)).status, 401, "too many tries");
  const hub = as({ kind: "login", ...credentials, code: () => sandbox.code("carol")! });
  assert.equal(await hub.whoami(), "carol");
});

test("logging out ends a session, and only that one", async (context) => {
  const { ask } = await stage(context);
  const open = async () =>
    (
      await ask("POST", "/v2/users/login?refresh_token=true", {
        body: { username: "bob", password: "bob-password" },
      })
    ).body;
  const [first, second] = [await open(), await open()];
  assert.match(first.refresh_token, /./);
  await ask("POST", "/v2/logout/", { token: first.token });
  assert.equal((await ask("GET", "/v2/user/", { token: first.token })).status, 401);
  assert.equal((await ask("GET", "/v2/user/", { token: second.token })).status, 200);
});

test("an organization cannot log in the older way", async (context) => {
  const { ask } = await stage(context);
  const { status, body } = await ask("POST", "/v2/users/login", {
    body: { username: "harbour", password: "x" },
  });
  assert.deepEqual([status, body.detail], [401, "Cannot log into an organization account"]);
});

test("a personal access token is shown once, does what its scopes say, and counts until it is switched off", async (context) => {
  const { as, clock } = await stage(context);
  const alice = as("alice");
  const make = async (scope: "repo:admin" | "repo:write" | "repo:read" | "repo:public_read") => {
    const { token = "", uuid } = await alice.accessTokens.create({
      token_label: scope,
      scopes: [scope],
    });
    assert.match(token, /^dckr_pat_/);
    assert.equal((await alice.accessTokens.get({ uuid })).token, "");
    return { uuid, hub: as({ kind: "secret", identifier: "alice", secret: token }) };
  };
  const notes = { namespace: "alice", repository: "notes" };
  const [open, reader, writer, admin] = [
    await make("repo:public_read"),
    await make("repo:read"),
    await make("repo:write"),
    await make("repo:admin"),
  ];
  await refused(open.hub.repositories.get(notes), "NOT_FOUND");
  assert.equal((await reader.hub.repositories.get(notes)).name, "notes");
  await refused(reader.hub.repositories.update({ ...notes, description: "x" }), "FORBIDDEN");
  await writer.hub.repositories.update({ ...notes, description: "by a token" });
  await refused(writer.hub.repositories.delete(notes), "FORBIDDEN");
  await refused(writer.hub.repositories.create({ namespace: "alice", name: "new" }), "FORBIDDEN");
  await admin.hub.repositories.create({ namespace: "alice", name: "new" });
  assert.equal((await alice.repositories.get(notes)).description, "by a token");

  await refused(admin.hub.accessTokens.list(), "FORBIDDEN", /personal access token is not allowed/);
  await refused(
    admin.hub.groups.create({ org_name: "harbour", name: "pilots" }),
    "FORBIDDEN",
    /personal access token/,
  );

  assert.notEqual((await alice.accessTokens.get({ uuid: admin.uuid })).last_used, null);
  await alice.accessTokens.update({ uuid: admin.uuid, is_active: false });
  await refused(admin.hub.repositories.delete(notes), "UNAUTHORIZED");
  await alice.accessTokens.delete({ uuid: writer.uuid });
  await refused(alice.accessTokens.get({ uuid: writer.uuid }), "NOT_FOUND");
  await refused(writer.hub.repositories.update({ ...notes, description: "gone" }), "UNAUTHORIZED");
  const { token = "" } = await alice.accessTokens.create({
    token_label: "short",
    scopes: ["repo:read"],
    expires_at: new Date(clock.now + 60_000).toISOString(),
  });
  clock.now += 61_000;
  await refused(
    as({ kind: "secret", identifier: "alice", secret: token }).users.getCurrent(),
    "UNAUTHORIZED",
  );
});
