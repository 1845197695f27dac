/** Sessions of the sandbox: how they open, what they allow, how they end. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { mayAt, seeded } from "./registryAccess.ts";
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

test("half a login ends after five minutes, and each opens one session", async (context) => {
  const { ask, clock, sandbox } = await stage(context);
  const half = async () => {
    const body = { username: "carol", password: "carol-password" };
    return (await ask("POST", "/v2/users/login", { body })).body.login_2fa_token as string;
  };
  const finish = (login_2fa_token: string) =>
    ask("POST", "/v2/users/2fa-login", {
      body: { login_2fa_token, code: sandbox.code("carol")! },
    });
  const [late, early] = [await half(), await half()];
  clock.now += 4 * 60_000;
  assert.equal((await finish(early)).status, 200);
  clock.now += 61_000;
  assert.equal((await finish(early)).status, 401);
  assert.deepEqual((await finish(late)).body.detail, "Invalid or expired token");
  assert.equal((await finish("made-up")).status, 401);
});

test("a password without its second factor opens neither Hub nor the registry; a token opens both", async (context) => {
  const at = await stage(context);
  const { as, sandbox } = at;
  assert.equal(await mayAt(at, seeded("carol"), "carol/new"), "401");
  const carol = as({
    kind: "login",
    username: "carol",
    password: "carol-password",
    code: () => sandbox.code("carol")!,
  });
  const { token: secret = "" } = await carol.accessTokens.create({
    token_label: "docker login",
    scopes: ["repo:write"],
  });
  assert.equal(await mayAt(at, { user: "carol", password: secret }, "carol/new"), "pull,push");
  const hub = as({ kind: "secret", identifier: "carol", secret });
  assert.equal((await hub.users.getCurrent()).username, "carol");
});

test("a token signs in whoever it was made for, and nobody else, and nobody else sees or changes it", async (context) => {
  const at = await stage(context);
  const { token: password = "", uuid = "" } = await at.as("bob").accessTokens.create({
    token_label: "bob's",
    scopes: ["repo:admin"],
  });
  const hub = async (identifier: string) =>
    (await at.ask("POST", "/v2/auth/token", { body: { identifier, secret: password } })).status;
  assert.deepEqual([await hub("bob"), await hub("alice"), await hub("harbour")], [200, 401, 401]);
  assert.equal(await mayAt(at, { user: "bob", password }, "bob/new"), "pull,push");
  assert.equal(await mayAt(at, { user: "alice", password }, "alice/notes"), "401");
  const { accessTokens } = at.as("alice");
  assert.equal((await accessTokens.list()).count, 0);
  await refused(accessTokens.get({ uuid }), "NOT_FOUND");
  await refused(accessTokens.update({ uuid, is_active: false }), "NOT_FOUND");
  await refused(accessTokens.delete({ uuid }), "NOT_FOUND");
});

test("ten wrong secrets lock a name for ten minutes, at Hub and at the registry", async (context) => {
  const at = await stage(context);
  const { ask, clock } = at;
  const hub = async (secret: string, identifier = "alice") =>
    ask("POST", "/v2/auth/token", { body: { identifier, secret } });
  const login = { username: "alice", password: "wrong" };
  for (let count = 0; count < 3; count += 1) {
    assert.equal((await hub("wrong")).status, 401);
    assert.equal((await ask("POST", "/v2/users/login", { body: login })).status, 401);
    assert.equal(await mayAt(at, { user: "ALICE", password: "wrong" }, "alice/site"), "401");
  }
  assert.equal((await hub("alice-password")).status, 200, "one that is right is counted as none");
  for (let count = 0; count < 10; count += 1) assert.equal((await hub("wrong")).status, 401);
  const locked = await hub("alice-password");
  assert.deepEqual([locked.status, locked.headers.get("retry-after")], [429, "600"]);
  assert.equal(await mayAt(at, seeded("alice"), "alice/site"), "429");
  assert.equal((await hub("bob-password", "bob")).status, 200);
  clock.now += 600_000;
  assert.equal((await hub("alice-password")).status, 200);
  for (let count = 0; count < 10; count += 1) await hub("wrong", "nobody");
  assert.equal((await hub("wrong", "nobody")).status, 429, "nobody is told who there is");
});

test("the ten minutes begin with the last wrong secret, and a right one at the registry ends the count", async (context) => {
  const at = await stage(context);
  const tried = async (identifier: string, secret: string) =>
    (await at.ask("POST", "/v2/auth/token", { body: { identifier, secret } })).status;
  for (let count = 0; count < 9; count += 1) await tried("alice", "wrong");
  at.clock.now += 9 * 60_000;
  await tried("alice", "wrong");
  at.clock.now += 9 * 60_000;
  assert.equal(await tried("alice", "alice-password"), 429);
  for (let count = 0; count < 9; count += 1) await tried("bob", "wrong");
  assert.equal(await mayAt(at, seeded("bob"), "bob/new"), "pull,push");
  for (let count = 0; count < 9; count += 1) await tried("bob", "wrong");
  assert.equal(await tried("bob", "bob-password"), 200);
});

test("a code holds for half a minute before and after its own", async (context) => {
  const { ask, clock, sandbox } = await stage(context);
  const credentials = { username: "carol", password: "carol-password" };
  const signIn = async (code: string) => {
    const { body } = await ask("POST", "/v2/users/login", { body: credentials });
    const { login_2fa_token } = body;
    return (await ask("POST", "/v2/users/2fa-login", { body: { login_2fa_token, code } })).status;
  };
  const codeAfter = (seconds: number) => {
    const { now } = clock;
    clock.now += seconds * 1000;
    const code = sandbox.code("carol")!;
    clock.now = now;
    return code;
  };
  for (const wrong of [-60, 60]) assert.equal(await signIn(codeAfter(wrong)), 401, `${wrong} s`);
  // Each once, and none before one that was used.
  for (const right of [-30, 0, 30]) assert.equal(await signIn(codeAfter(right)), 200, `${right} s`);
  assert.equal(await signIn(codeAfter(0)), 401);
});

test("codes are not tried out by opening half logins again and again", async (context) => {
  const { ask } = await stage(context);
  const body = { username: "carol", password: "carol-password" };
  for (let login = 0; login < 2; login += 1) {
    const { login_2fa_token } = (await ask("POST", "/v2/users/login", { body })).body;
    for (let tries = 0; tries < 5; tries += 1)
      await ask("POST", "/v2/users/2fa-login", { body: { login_2fa_token, code: "000000" } });
  }
  assert.equal((await ask("POST", "/v2/users/login", { body })).status, 429);
});

test("a refresh token of a login opens the registry as long as what it was made with counts", async (context) => {
  const at = await stage(context);
  const { as, ask, clock, sandbox } = at;
  const alice = as("alice");
  const { token: password = "", uuid } = await alice.accessTokens.create({
    token_label: "x",
    scopes: ["repo:read"],
  });
  const login = async (secret: string) =>
    (
      await ask("POST", "/v2/users/login?refresh_token=true", {
        body: { username: "alice", password: secret },
      })
    ).body.refresh_token as string;
  const open = async (refresh_token: string, scope: string) => {
    const response = await fetch(`${sandbox.urls.auth}/token`, {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "refresh_token",
        service: "registry.docker.io",
        client_id: "test",
        refresh_token,
        scope,
      }),
    });
    if (response.status !== 200) return response.status;
    const { access_token } = (await response.json()) as { access_token: string };
    const claims = JSON.parse(Buffer.from(access_token.split(".")[1]!, "base64url").toString());
    return claims.access[0]?.actions.join(",") ?? "";
  };
  const [whole, reading] = [await login("alice-password"), await login(password)];
  const scope = "repository:alice/notes:pull,push";
  assert.equal(await open(whole, scope), "pull,push");
  assert.equal(await open(reading, scope), "pull");
  await alice.accessTokens.update({ uuid, is_active: false });
  assert.deepEqual([await open(reading, scope), await open(whole, scope)], [401, "pull,push"]);
  clock.now += 31 * 24 * 3600_000;
  assert.equal(await open(whole, scope), 401);
  assert.equal(await open("made-up", scope), 401);
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
  // As Docker has it, what is told of a repository is for tokens that may delete it, too.
  await refused(writer.hub.repositories.update({ ...notes, description: "x" }), "FORBIDDEN");
  await refused(writer.hub.repositories.delete(notes), "FORBIDDEN");
  await admin.hub.repositories.update({ ...notes, description: "by a token" });
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
