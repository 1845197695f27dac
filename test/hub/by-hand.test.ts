/** What people do with Docker Hub at a shell, against a Docker Hub that answers as told. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, before, beforeEach, describe, test } from "node:test";

import { cleanEnvironment, root, wharf } from "../wharf.ts";
import { allFixtures } from "./fixtures/index.ts";

interface Arrived {
  readonly request: string;
  readonly authorization: string | undefined;
  readonly body: unknown;
}

const jwt = `${["{}", JSON.stringify({ sub: "jonsnow", exp: 4_000_000_000 })]
  .map((part) => Buffer.from(part).toString("base64url"))
  .join(".")}.sign`;
const sample = (area: string, verb: string) => allFixtures[area]?.[verb]?.answer.body;

const tagOf = (name: string, letter: string) => ({
  name,
  digest: `sha256:${letter.repeat(64)}`,
  media_type: "application/vnd.oci.image.index.v1+json",
  tag_last_pushed: "2020-01-01T00:00:00Z",
});

describe("wharf hub", () => {
  const folder = mkdtempSync(join(tmpdir(), "wharf-hub-"));
  let log: Arrived[] = [];
  let events = 1;
  const answers: Readonly<Record<string, (response: ServerResponse) => unknown>> = {
    "POST /v2/users/login": (response) => {
      response.statusCode = 401;
      return { detail: "second factor", login_2fa_token: "half" };
    },
    "POST /v2/users/2fa-login": () => ({ token: jwt }),
    "POST /v2/auth/token": () => ({ access_token: jwt }),
    "GET /v2/user/": () => sample("users", "getCurrent"),
    "GET /api/search/v4": () => ({ ...(sample("search", "query") as object), total: 1 }),
    "GET /v2/namespaces/library/repositories/nginx/tags": () => ({
      ...(sample("tags", "list") as object),
      next: null,
    }),
    "PATCH /v2/namespaces/acme/repositories/app": () => sample("repositories", "get"),
    "GET /v2/namespaces/acme/repositories": () => sample("repositories", "list"),
    "GET /v2/namespaces/acme/repositories/app/tags": () => ({
      count: 3,
      next: null,
      results: [tagOf("latest", "a"), tagOf("pr-1", "a"), tagOf("pr-2", "b")],
    }),
    "GET /v2/namespaces/acme/repositories/app/tags/pr-1": () => tagOf("pr-1", "a"),
    // Somebody has pushed it since the list was read.
    "GET /v2/namespaces/acme/repositories/app/tags/pr-2": () => tagOf("pr-2", "c"),
    "DELETE /v2/repositories/acme/app/tags/pr-1/": (response) => void (response.statusCode = 204),
    "DELETE /v2/repositories/acme/app/": (response) => void (response.statusCode = 202),
    "POST /v2/access-tokens": () => sample("accessTokens", "create"),
    "GET /v2/access-tokens": () => sample("accessTokens", "list"),
    "GET /v2/auditlogs/acme": () => ({
      logs: Array.from({ length: events }, (_, number) => ({
        account: "acme",
        action: "repo.tag.push",
        name: "acme/app",
        actor: "jonsnow",
        data: { tag: "1.27" },
        timestamp: new Date(1_800_000_000_000 - number * 1000).toISOString(),
      })),
    }),
    "GET /v2/orgs/acme/": () => sample("orgs", "get"),
    "GET /v2/orgs/acme/members": () => sample("orgMembers", "list"),
    "GET /v2/orgs/acme/groups": () => sample("groups", "list"),
    "GET /v2/orgs/acme/groups/developers/members": () => sample("groups", "listMembers"),
    "GET /v2/orgs/acme/invites": () => sample("invites", "list"),
    "GET /v2/orgs/acme/settings": () => sample("orgSettings", "get"),
    "GET /v2/repositories/acme/app/groups/10/": () => sample("repositoryGroups", "get"),
    "GET /v2/orgs/acme/access-tokens": (response) => {
      response.statusCode = 403;
      return { message: "forbidden" };
    },
  };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const { method, url = "", headers } = request;
    log.push({
      request: `${method} ${url}`,
      authorization: headers.authorization,
      body: text === "" ? undefined : JSON.parse(text),
    });
    const answer = answers[`${method} ${url.split("?")[0]}`];
    response.setHeader("content-type", "application/json");
    if (answer === undefined) response.statusCode = 404;
    const body = answer ? answer(response) : { detail: "object not found" };
    response.end(body === undefined ? "" : JSON.stringify(body));
  });
  let environment: Record<string, string>;

  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    environment = {
      DOCKERHUB_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      XDG_STATE_HOME: join(folder, "state"),
    };
  });
  beforeEach(() => {
    log = [];
    events = 1;
  });
  after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true, force: true });
  });

  const run = (words: readonly string[], more: { stdin?: string; env?: object } = {}) =>
    wharf(words, {
      cwd: folder,
      environment: { ...environment, ...more.env },
      ...(more.stdin !== undefined && { stdin: more.stdin }),
    });
  const signedIn = { DOCKERHUB_USERNAME: "jonsnow", DOCKERHUB_TOKEN: "dckr_pat_for_a_test" };

  test("search shows badges, stars and pulls", async () => {
    const { stdout, status } = await run(["search", "nginx", "--official"]);
    assert.equal(status, 0);
    assert.match(stdout, /^NAME +BADGE +STARS +PULLS +DESCRIPTION\nnginx +official +20000 +1B\+ /);
    assert.match(log[0]?.request ?? "", /query=nginx&badges=official/);
    assert.equal(log[0]?.authorization, undefined);
  });

  test("a session is opened with a second factor, kept for its owner alone, used, and forgotten", async () => {
    const words = ["hub", "login", "-u", "jonsnow", "--password-stdin", "--code", "123456"];
    const login = await run(words, { stdin: "for a test\n" });
    assert.equal(login.status, 0, login.stderr);
    assert.equal(login.stdout, "Signed in to Docker Hub as jonsnow\n");
    assert.deepEqual(log[1]?.body, { login_2fa_token: "half", code: "123456" });
    const file = join(folder, "state", "wharfinger", "hub-sessions.json");
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert(!login.stdout.includes(jwt) && !login.stderr.includes(jwt));

    const who = await run(["hub", "whoami"]);
    assert.match(who.stdout, /^jonsnow \(wharf hub login, until 2096-/);
    const tokens = await run(["hub", "access-tokens", "list"]);
    assert.equal(tokens.status, 0, tokens.stderr);
    assert.equal(log.at(-1)?.authorization, `Bearer ${jwt}`);
    assert.match(tokens.stdout, /^ID +LABEL +ACTIVE +SCOPES +ENDS?\n/);

    assert.equal((await run(["hub", "logout"])).stdout, "Signed out of Docker Hub\n");
    const { status, stderr } = await run(["hub", "access-tokens", "list"]);
    assert.equal(status, 13);
    assert.match(stderr, /needs an account[\s\S]*wharf hub login/);
  });

  test("tags have sizes, platforms and dates", async () => {
    const { stdout } = await run(["hub", "tags", "_/nginx"]);
    assert.match(
      stdout,
      /^TAG +SIZE +PUSHED +PULLED +PLATFORMS\n1\.27 +64\.\d MiB .* linux\/amd64\n$/,
    );
  });

  test("tags are deleted by rules, each looked at again, and only where somebody agrees", async () => {
    const words = ["hub", "delete-tags", "acme/app", "--match", "^pr-", "--older-than", "90d"];
    const plan = await run([...words, "--dry-run"], { env: signedIn });
    assert.equal(plan.status, 0, plan.stderr);
    assert.match(plan.stdout, /^delete +pr-2 +2020-01-01 pushed +earlier than 90d ago$/m);
    assert.match(plan.stdout, /^delete +pr-1 /m);
    assert.equal(log.filter(({ request }) => !request.includes("auth")).length, 1);
    const refused = await run(words, { env: signedIn });
    assert.equal(refused.status, 2);
    log = [];
    const done = await run([...words, "--yes"], { env: signedIn });
    assert.equal(done.status, 0, done.stderr);
    assert.equal(done.stdout, "Deleted acme/app:pr-1\n");
    assert.match(done.stderr, /Left acme\/app:pr-2: it was moved/);
    assert.deepEqual(
      log.filter(({ request }) => request.startsWith("DELETE")).map(({ request }) => request),
      ["DELETE /v2/repositories/acme/app/tags/pr-1/"],
    );
    const none = [...words.slice(0, 3), "--match", "^none$", "--yes", "--json"];
    const nothing = await run(none, { env: signedIn });
    assert.equal(nothing.status, 0, nothing.stderr);
    const tags = { deleted: 0, left: 0, failed: 0 };
    assert.deepEqual(JSON.parse(nothing.stdout), { type: "done", tags, manifests: tags });
  });

  test("a README is described, with links that work", async () => {
    writeFileSync(join(folder, "README.md"), "# App\n\nSee [the docs](docs/a.md).\n");
    const { status, stdout, stderr } = await run(
      [
        "hub",
        "describe",
        "acme/app",
        "--readme",
        "README.md",
        "--short",
        "Does things",
        "--base-url",
        "https://github.com/acme/app/blob/main/",
      ],
      { env: signedIn },
    );
    assert.equal(status, 0, stderr);
    assert.equal(stdout, "Described acme/app\n");
    assert.deepEqual(log.at(-1)?.body, {
      description: "Does things",
      full_description:
        "# App\n\nSee [the docs](https://github.com/acme/app/blob/main/docs/a.md).\n",
    });
  });

  test("what destroys is not done while nobody agrees", async () => {
    const words = ["hub", "repositories", "delete", "acme/app"];
    const refused = await run(words, { env: signedIn });
    assert.equal(refused.status, 2);
    assert.match(refused.stderr, /acme\/app/);
    assert.equal(log.length, 0);
    const allowed = { ...signedIn, DOCKERHUB_ALLOW_DESTRUCTIVE: "true" };
    for (const [agreed, env] of [
      [["--yes"], signedIn],
      [[], allowed],
    ] as const) {
      log = [];
      const done = await run([...words, ...agreed], { env });
      assert.equal(done.status, 0, done.stderr);
      assert.equal(log.at(-1)?.request, "DELETE /v2/repositories/acme/app/");
    }
  });

  test("a secret that is told once is not lost, and is shown only where that was asked for", async () => {
    const words = ["hub", "access-tokens", "create", "ci", "--scopes", "repo:read"];
    const careless = await run(words, { env: signedIn });
    assert.equal(careless.status, 2);
    assert.match(careless.stderr, /--secret-file/);
    assert.equal(log.length, 0);
    const { stdout, status } = await run([...words, "--secret-file", "token"], { env: signedIn });
    assert.equal(status, 0);
    assert.match(stdout, /^token +\*\*\*$/m);
    assert.equal(readFileSync(join(folder, "token"), "utf8"), "dckr_pat_for_a_test\n");
    assert.equal(statSync(join(folder, "token")).mode & 0o777, 0o600);
    const before = log.length;
    const again = await run([...words, "--secret-file", "token"], { env: signedIn });
    assert.equal(again.status, 1);
    assert.match(again.stderr, /token is there already/);
    const elsewhere = ["--secret-file", "no/such/folder/token"];
    assert.equal((await run([...words, ...elsewhere], { env: signedIn })).status, 1);
    const created = log.slice(before).filter(({ request }) => /access-tokens/.test(request));
    assert.deepEqual(created, [], "nothing is created whose secret has no place");
    const shown = await run([...words, "--show-secret", "--json"], { env: signedIn });
    assert.equal((JSON.parse(shown.stdout) as { token: string }).token, "dckr_pat_for_a_test");
  });

  test("a secret that the disk does not take is printed where that was asked for, else its id", async () => {
    const words = ["hub", "access-tokens", "create", "ci", "--scopes", "repo:read"];
    const make = (...more: readonly string[]) => {
      const bin = join(root, "dist", "cli", "bin.js");
      const called = [process.execPath, bin, ...words, "--secret-file", "unkept", ...more];
      // No file may have a byte.
      const child = spawn("sh", ["-c", 'ulimit -f 0; exec "$@"', "sh", ...called], {
        cwd: folder,
        env: cleanEnvironment({ ...environment, ...signedIn }),
      });
      return Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
    };
    const { uuid } = sample("accessTokens", "create") as { uuid: string };
    const [hidden, why, [status]] = await make();
    assert.equal(status, 1);
    assert.doesNotMatch(hidden + why, /dckr_pat/);
    assert.match(why, /unkept cannot be written/);
    assert.ok(why.includes(`The secret is lost: delete what has the id ${uuid}`), why);
    assert.equal(existsSync(join(folder, "unkept")), false);
    const [shown, hint, [again]] = await make("--show-secret", "--fields", "uuid");
    assert.equal(again, 1);
    assert.match(shown, /^token +dckr_pat_for_a_test$/m);
    assert.match(hint, /is in the answer that was printed/);
  });

  test("the audit log is read from the oldest, every page of it", async () => {
    const { stdout } = await run(["hub", "audit", "acme", "--since", "2026-01-01"], {
      env: signedIn,
    });
    assert.match(
      stdout,
      /^2027-01-15T08:00:00Z {2}jonsnow {2}repo\.tag\.push {2}acme\/app:1\.27\n$/,
    );
    assert.match(log.at(-1)?.request ?? "", /from=2026-01-01T00:00:00\.000Z&page_size=100$/);
    const all = await run(["hub", "audit", "acme", "--since", "300000y"], { env: signedIn });
    assert.equal(all.stdout, stdout);
    assert.match(log.at(-1)?.request ?? "", /from=1970-01-01T00:00:00\.000Z&page_size=100$/);
  });

  test("an organization is exported, and what may not be seen is named", async () => {
    const { stdout, stderr, status } = await run(["hub", "export", "acme"], { env: signedIn });
    assert.equal(status, 0, stderr);
    const exported = JSON.parse(stdout) as Record<string, unknown[]> & {
      missing: { part: string }[];
    };
    assert.deepEqual(
      exported.missing.map(({ part }) => part),
      ["registryAccess", "accessTokens"],
    );
    assert.match(stderr, /Without accessTokens: .*forbidden/);
    const [team] = exported["teams"] as { members: string[] }[];
    assert.deepEqual(team?.members, ["jonsnow"]);
    const [repository] = exported["repositories"] as { teams: unknown }[];
    assert.deepEqual(repository?.teams, [{ team: "developers", permission: "write" }]);
  });

  test("a retired operation says that it is, and what to use", async () => {
    const { stderr, status } = await run(["hub", "images", "list", "acme/app"], { env: signedIn });
    assert.equal(status, 1);
    assert.match(stderr, /Docker retired it \(2023-12-11\); use tags\.list/);
  });

  test("OpenAPI is printed, whole", async () => {
    const { stdout } = await run(["openapi", "hub"]);
    const { openapi, paths } = JSON.parse(stdout) as { openapi: string; paths: object };
    assert.equal(openapi, "3.1.0");
    assert(Object.keys(paths).length > 80);
  });
});
