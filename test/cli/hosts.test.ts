/** HOST as people write it, what ping says of it, and where passwords never show. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";

import { createAuthority } from "../certificate.ts";
import { type Pair, type Reply, startScriptedServer } from "../scripted-server.ts";
import { wharf, wharfOk } from "../wharf.ts";
import { temporaryFolder } from "./stage.ts";

const folder = temporaryFolder();
const secret = "open-sesame";
const login = `Basic ${Buffer.from(`me:${secret}`).toString("base64")}`;
const challenge = { "www-authenticate": 'Basic realm="test"' };
const denied = { errors: [{ code: "DENIED", message: "not for you" }] };

async function serve(t: TestContext, ...script: Pair[]) {
  const server = await startScriptedServer(script);
  t.after(() => server.close());
  return server;
}

/** A registry behind `prefix` that wants to know who we are. */
async function serveLocked(t: TestContext, prefix = "") {
  const get = (path: string, answer: Reply): Pair[] => [
    { request: { method: "GET", path, headers: { authorization: login } }, answer },
    { request: { method: "GET", path }, answer: { status: 401, headers: challenge } },
  ];
  return serve(
    t,
    ...get(`${prefix}/v2/`, { body: {} }),
    ...get(`${prefix}/v2/_catalog`, { body: { repositories: ["a", "b\u001b[2J"] } }),
  );
}

test("a HOST may have scheme, port, path prefix, user and password", async (t) => {
  const { host } = await serveLocked(t, "/some/where");
  for (const address of [
    `http://me:${secret}@${host}/some/where`,
    `http://me:${encodeURIComponent(secret)}@${host}/some/where/`,
    `http://me:${secret}@${host}/some/where/v2/`,
  ]) {
    const { stdout, stderr } = await wharfOk(["repos", address]);
    assert.equal(stdout, "a\nb\ufffd[2J\n");
    assert.equal(stderr, "");
    assert.equal((await wharfOk(["whoami", address])).stdout, `${host}: me (the address)\n`);
  }
});

test("user and password of one host are not for another", async (t) => {
  const mine = await serveLocked(t);
  const other = await serveLocked(t);
  const credentials = ["--credentials", `${mine.host}=me:${secret}`];
  assert.equal((await wharf(["repos", other.host, ...credentials])).status, 13);
  assert.equal((await wharf(["repos", mine.host, ...credentials])).status, 0);
  assert.ok(other.requests.every(({ headers }) => headers.authorization === undefined));
});

test("a password on the command line appears in no output, whatever goes wrong", async (t) => {
  const { host } = await serveLocked(t);
  const failing = await serve(t, {
    request: { method: "GET", path: /^\/v2\// },
    // Some servers send back what they got.
    answer: ({ headers }) => ({ status: 400, body: `bad ${headers.authorization} ${secret}` }),
  });
  const url = `http://me:${secret}@${host}`;
  const file = join(folder, "credentials");
  writeFileSync(file, `me:${secret}\n`);
  for (const words of [
    ["repos", url],
    ["ping", url],
    ["ping", url, url],
    ["ping", `http://me:${secret}@127.0.0.1:1`],
    ["ping", `http://me:${secret}@${failing.host}`],
    ["ping", `http://me:${secret}@no such host`],
    ["ping", `ftp://me:${secret}@${host}`],
    ["ping", `me:${secret}/x@${host}`],
    ["whoami", url],
    ["whoami", host, "--credentials", `${host}=me:${secret}`],
    ["repos", host, "--credentials", `${host}=me:${secret}`],
    ["repos", host, "--credentials", `${host}=@${file}`],
    ["repos", host, `--credentials=me:${secret}`],
    ["inspect", `${url}/app`],
    ["tags", `${url}/app:1`],
    ["copy", `${url}/app`, `me:${secret}@${host}/b`],
    ["delete", `${url}/app:1`],
    ["login", host, "-u", "me", `--password=${secret}`],
  ])
    for (const more of [[], ["--debug"], ["--json", "--debug"]]) {
      const { stdout, stderr } = await wharf([...words, ...more]);
      const said = stdout + stderr;
      assert.ok(said.length > 0, words.join(" "));
      for (const hidden of [secret, login.slice(6)])
        assert.ok(!said.includes(hidden), `${words.join(" ")}:\n${said}`);
    }
});

const authority = createAuthority();
for (const [what, answer, state, code, status] of [
  ["open", { body: {} }, "reachable; it asks nobody who they are (URL)", undefined, 0],
  ["locked", { status: 401, headers: challenge }, "sign-in refused", "UNAUTHORIZED", 13],
  ["strict", { status: 403, body: denied }, "not enough rights", "FORBIDDEN", 13],
  ["a web page", { body: "<!doctype html>" }, "no registry there", "NOT_A_REGISTRY", 1],
  ["nothing there", { status: 404, body: "?" }, "no registry there", "NOT_A_REGISTRY", 1],
  ["a host that hangs up", { fault: "close" }, "unreachable", "CONNECTION_FAILED", 1],
  ["failing", { status: 500, body: "oops" }, "failing", "SERVER_ERROR", 1],
  ["too busy", { status: 429, body: "slow down" }, "failing", "RATE_LIMITED", 1],
] satisfies [string, Reply, string, string | undefined, number][])
  test(`ping: ${what}`, async (t) => {
    const { host } = await serve(t, { request: { method: "GET", path: "/v2/" }, answer });
    const said = await wharf(["ping", host, "--json"]);
    assert.equal(said.status, status);
    assert.equal((JSON.parse(said.stdout) as { error?: string }).error, code);
    if (code) assert.equal((JSON.parse(said.stderr) as Failure).error.code, code);
    const { stdout } = await wharf(["ping", host]);
    assert.equal(stdout.replace(`http://${host}/v2/`, "URL"), `${host}: ${state}\n`);
  });
interface Failure {
  readonly error: { readonly code: string };
}

test("ping: signed in, and as whom", async (t) => {
  const { host } = await serveLocked(t);
  const { stdout } = await wharfOk(["ping", `http://me:${secret}@${host}`]);
  assert.equal(stdout, `${host}: signed in as me (http://${host}/v2/)\n`);
});

test("ping: anonymous, where a token service gives tokens to everybody", async (t) => {
  const server = await serve(t);
  server.add(
    { request: { method: "GET", path: "/token" }, answer: { body: { token: "anybody" } } },
    {
      request: { method: "GET", path: "/v2/", headers: { authorization: "Bearer anybody" } },
      answer: { body: {} },
    },
    {
      request: { method: "GET", path: "/v2/" },
      answer: {
        status: 401,
        headers: { "www-authenticate": `Bearer realm="${server.url}token",service="x"` },
      },
    },
  );
  const { stdout } = await wharfOk(["ping", server.host]);
  assert.equal(stdout, `${server.host}: reachable, anonymously (http://${server.host}/v2/)\n`);
});

test("ping: a certificate that nobody vouches for, and who may say otherwise", async (t) => {
  const { cert, key } = authority.issue();
  const server = await startScriptedServer(
    [{ request: { method: "GET", path: "/v2/" }, answer: { body: {} } }],
    { tls: { cert, key } },
  );
  t.after(() => server.close());
  const { host } = server;
  const said = await wharf(["ping", `https://${host}`]);
  assert.equal(said.status, 1);
  assert.equal(said.stdout, `${host}: certificate not trusted\n`);
  assert.match(said.stderr, new RegExp(`--insecure=${host}`));
  await wharfOk(["ping", `https://${host}`, "--insecure", host]);
  writeFileSync(join(folder, "ca.pem"), authority.cert);
  const environment = { WHARF_CA: `${host}=${join(folder, "ca.pem")}` };
  await wharfOk(["ping", `https://${host}`], { environment });
});

test("ping: an authority and a certificate of our own by flags, for their host only", async (t) => {
  const serveTls = async (options: object) => {
    const server = await startScriptedServer(
      [{ request: { method: "GET", path: "/v2/" }, answer: { body: {} } }],
      { tls: { ...authority.issue(), ...options } },
    );
    t.after(() => server.close());
    return server.host;
  };
  const strict = await serveTls({ requestCert: true, ca: authority.cert });
  const other = await serveTls({});
  const me = authority.issue({ names: ["me"] });
  const file = (name: string, pem: string) => {
    writeFileSync(join(folder, name), pem);
    return join(folder, name);
  };
  const ca = file("flag-ca.pem", authority.cert);
  const [cert, key] = [file("me.cert", me.cert), file("me.key", me.key)];
  const both = file("both.pem", me.cert + me.key);
  const ping = (...words: string[]) => wharf(["ping", ...words]);
  const trusting = [`https://${strict}`, "--ca", `${strict}=${ca}`];

  assert.equal(
    (await ping(...trusting, `--cert=${strict}=${cert}`, `--key=${strict}=${key}`)).status,
    0,
  );
  assert.equal((await ping(...trusting, "--cert", `${strict}=${both}`)).status, 0);
  assert.equal((await ping(...trusting)).status, 1, "without a certificate");
  assert.equal((await ping(...trusting, "--cert", `${other}=${both}`)).status, 1, "for another");
  assert.equal((await ping(`https://${other}`, "--ca", ca)).status, 0, "an authority for all");
  assert.match((await ping(`https://${other}`, "--ca", `${strict}=${ca}`)).stdout, /not trusted/);

  for (const [words, message] of [
    [["--cert", both], /--cert: ".*both\.pem" does not say for which host it is/],
    [["--key", `${strict}=${key}`], /--key: there is no certificate to it/],
  ] as const) {
    const { status, stderr } = await ping(...trusting, ...words);
    assert.equal(status, 2);
    assert.match(stderr, message);
  }
  const gone = await ping(...trusting, "--cert", `${strict}=${join(folder, "gone.pem")}`);
  assert.equal(gone.status, 2);
  assert.match(gone.stderr, /gone\.pem cannot be read/);
});

test("Docker Hub: nobody gets its catalogue, and the error says what to use instead", async (t) => {
  const server = await serve(t, {
    request: { method: "GET", path: "/v2/_catalog" },
    answer: { status: 401, body: { errors: [{ code: "UNAUTHORIZED", message: "no" }] } },
  });
  const file = join(folder, "config.yaml");
  writeFileSync(file, `docker.io: { url: "http://${server.host}" }\n`);
  const { status, stdout, stderr } = await wharf(["repos", "docker.io", "--match", "nginx"], {
    environment: { WHARF_CONFIG: file },
  });
  assert.deepEqual([status, stdout], [1, ""]);
  assert.equal(
    stderr,
    `wharf: docker.io: Docker Hub gives nobody the list of all repositories
       Its web API lists those of a namespace: \`wharf hub repositories list NAMESPACE\`.
`,
  );
});

test("Docker Hub: what is left of the limit on pulls", async (t) => {
  const server = await serve(t, {
    request: { method: "HEAD", path: "/v2/ratelimitpreview/test/manifests/latest" },
    answer: {
      headers: {
        "ratelimit-limit": "100;w=21600",
        "ratelimit-remaining": "76;w=21600",
        "docker-ratelimit-source": "203.0.113.7",
      },
    },
  });
  const file = join(folder, "limit.yaml");
  writeFileSync(file, `docker.io: { url: "http://${server.host}" }\n`);
  const options = { environment: { WHARF_CONFIG: file } };
  const { stdout } = await wharfOk(["rate-limit"], options);
  assert.equal(stdout, "76 of 100 pulls left in 6 h 00 min, counted for 203.0.113.7\n");
  assert.deepEqual(JSON.parse((await wharfOk(["rate-limit", "--json"], options)).stdout), {
    registry: "docker.io",
    limit: 100,
    remaining: 76,
    window: 21_600_000,
    source: "203.0.113.7",
  });
});
