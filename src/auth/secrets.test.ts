import assert from "node:assert/strict";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { inspect } from "node:util";
import { createHttpClient } from "../http/client.ts";
import { formatTrace } from "../http/trace.ts";
import { createAuthorizedClient } from "./client.ts";
import { type Credentials, findCredentials } from "./credentials.ts";
import { login, logout, whoami } from "./login.ts";
import { makeHome } from "./testing/home.ts";
import { auth, keepingHelper } from "./testing/home.ts";
import {
  always,
  basic,
  type Handler,
  type Received,
  serve,
  unauthorized,
} from "./testing/servers.ts";

const password = 'p&ss"wörd-7f3a';
const refreshToken = "refresh-9c1d";
const sessionToken = "session-44be";
const spellings = [password, refreshToken, sessionToken].flatMap((secret) => [
  secret,
  encodeURIComponent(secret),
  JSON.stringify(secret).slice(1, -1),
  Buffer.from(secret).toString("base64").replace(/=+$/, ""),
  Buffer.from(`me:${secret}`).toString("base64"),
]);

/** All that people and programs get to see: results, errors with all their fields, traces. */
class Output {
  #text = "";
  readonly http;

  constructor(t: TestContext) {
    this.http = createHttpClient({
      retries: 1,
      backoff: { base: 1, cap: 1 },
      environment: {},
      onTrace: (event) => this.#add(formatTrace(event), event),
      onWarning: (text) => this.#add(text),
    });
    t.after(() => this.http.close());
  }

  async of(work: Promise<unknown>): Promise<void> {
    try {
      this.#add(await work);
    } catch (error) {
      this.#add(error, String(error), (error as { hint?: string }).hint);
      if (error instanceof Error) this.#add(error.stack, error.cause);
    }
  }

  #add(...what: unknown[]): void {
    for (const one of what) {
      this.#text += `${typeof one === "string" ? one : inspect(one, { depth: 10, showHidden: true })}\n`;
    }
  }

  check(): void {
    assert.ok(this.#text.length > 1000);
    for (const spelling of spellings) {
      const at = this.#text.indexOf(spelling);
      assert.equal(at, -1, `secret in: ${this.#text.slice(Math.max(0, at - 200), at + 50)}`);
    }
  }
}

/** All secrets of a request, in the clear and as they came. */
function sent({ url, authorization = "", body }: Received): string {
  const [, encoded = ""] = authorization.split(" ");
  const form = [...new URLSearchParams(body).values()].join(" ");
  return `${authorization} ${Buffer.from(encoded, "base64").toString()} ${url.search} ${form} ${body}`;
}

/** Repeats all that it was sent, in every field a server has. */
function echo(request: Received): ReturnType<Handler> {
  const said = `you sent ${sent(request)}`;
  return {
    status: 401,
    headers: { "content-type": "application/json", "www-authenticate": 'Basic realm="x"' },
    body: { errors: [{ code: "UNAUTHORIZED", message: said, detail: { said } }] },
  };
}

const everybody: readonly Credentials[] = [
  { kind: "basic", username: "me", password, origin: "a file" },
  { kind: "identity", username: "me", token: refreshToken },
  { kind: "bearer", token: sessionToken },
];

test("whatever a registry or token service answers, no secret is in errors and traces", async (t) => {
  const output = new Output(t);
  const services: Handler[] = [
    () => ({ body: { token: sessionToken, refresh_token: refreshToken } }),
    echo,
    (request) => ({ status: 400, body: { error: "invalid_grant", message: sent(request) } }),
    (request) => ({ status: 500, body: sent(request) }),
    (request) => ({ body: `<html>${sent(request)}${sessionToken}</html>` }),
    () => ({ body: { token: `${sessionToken}\n` } }),
    (request) =>
      request.method === "GET" ? { status: 405 } : { status: 403, body: sent(request) },
    () => ({ status: 302, headers: { location: "/elsewhere" } }),
  ];
  const registries: Handler[] = [
    echo,
    () => unauthorized('Bearer realm="/token",scope="repository:a/b:pull"'),
    () => unauthorized('Bearer realm="/token",error="insufficient_scope"'),
    ({ authorization }) =>
      authorization
        ? { status: 401, body: `refused: ${authorization}` }
        : unauthorized('Bearer realm="/token"'),
    ({ authorization }) => (authorization ? {} : unauthorized('Bearer realm="/token"')),
    () => unauthorized('Bearer realm="ftp://x/"'),
    () => unauthorized('Bearer realm="https://169.254.169.254/"'),
  ];
  for (const service of services) {
    for (const registry of registries) {
      const server = await serve(t, (request) =>
        request.url.pathname === "/v2/" ? registry(request) : service(request),
      );
      for (const credentials of everybody) {
        const client = createAuthorizedClient({
          http: output.http,
          credentials: always(credentials),
        });
        const url = new URL("/v2/", server.url);
        const get = client.request({ method: "GET", registry: server.host, url });
        await output.of(get.then(({ status, headers }) => [status, [...headers.entries()]]));
      }
    }
  }
  output.check();
});

test("signing in and out shows no secret, whatever helpers and files hold", async (t) => {
  const output = new Output(t);
  const home = await makeHome(t);
  await home.helper("kept", keepingHelper);
  await home.helper("leak", "console.log(input, process.argv); process.exit(3);");
  await home.helper(
    "json",
    `console.log(${JSON.stringify(JSON.stringify({ Username: "me", Secret: password }))}); process.exit(4);`,
  );
  const { host, url } = await serve(t, ({ authorization }) =>
    authorization === basic(`me:${password}`)
      ? {}
      : echo({ method: "GET", url: new URL("http://x/"), authorization, body: "" }),
  );
  const files = [
    {},
    { credsStore: "kept" },
    { credsStore: "leak" },
    { credsStore: "json" },
    { auths: { [host]: { auth: auth("me", password), identitytoken: refreshToken } } },
    `{"auths": {"${host}": {"auth": "${auth("me", password)}"}`,
    `{"auths": {"${host}": {"auth": "${password}"}}}`,
  ];
  for (const file of files) {
    await home.write(home.docker, file);
    const about = { ...home, registry: host, http: output.http };
    await output.of(login({ ...about, username: "me", password }));
    await output.of(login({ ...about, username: "me", password: `${password}x` }));
    await output.of(login({ ...about, token: refreshToken }));
    await output.of(whoami(about));
    const client = createAuthorizedClient({
      http: output.http,
      credentials: findCredentials(home),
    });
    const get = client.request({ method: "GET", registry: host, url: new URL("/v2/", url) });
    await output.of(get.then(({ status }) => status));
    await output.of(logout(about));
  }
  await home.write(join(home.home, "secret"), password);
  const environment = { WHARF_REGISTRY: host, WHARF_PASSWORD_FILE: join(home.home, "secret") };
  await output.of(whoami({ ...home, registry: host, environment }));
  await output.of(
    whoami({ ...home, registry: host, environment: { ...environment, WHARF_USERNAME: "me" } }),
  );
  output.check();
});
