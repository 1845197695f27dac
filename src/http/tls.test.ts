import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { ServerOptions } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";
import { type Authority, createAuthority } from "../../test/certificate.ts";
import { type ScriptedServer, startScriptedServer } from "../../test/scripted-server.ts";
import type { HostSettings } from "../config.ts";
import { createHttpClient } from "./client.ts";

let folder: string;
let authority: Authority;
let ca: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "wharf-tls-"));
  authority = createAuthority();
  ca = await file("ca.pem", authority.cert);
});
after(() => rm(folder, { recursive: true }));

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

async function file(name: string, content: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

async function serve(tls: ServerOptions): Promise<ScriptedServer> {
  const answer = { request: { method: "GET", path: "/" }, answer: { body: "hello" } };
  const server = await startScriptedServer([answer], { tls, hostname: "localhost" });
  closing.push(() => server.close());
  return server;
}

async function fetchFrom(
  { url }: ScriptedServer,
  settings: HostSettings,
  environment: NodeJS.ProcessEnv = {},
): Promise<string> {
  const backoff = { base: 1, cap: 1 };
  const http = createHttpClient({ settingsFor: () => settings, environment, backoff });
  closing.push(() => http.close());
  return (await http.request({ method: "GET", url })).text(100);
}

test("an authority of the host's own is trusted where it is given", async () => {
  const server = await serve({ ...authority.issue() });
  assert.equal(await fetchFrom(server, { ca }), "hello");
  assert.equal(await fetchFrom(server, {}, { SSL_CERT_FILE: ca }), "hello");
  const other = await file("other.pem", createAuthority().cert);
  assert.equal(await fetchFrom(server, { ca: other, extraCa: [ca] }), "hello");
  assert.equal(await fetchFrom(server, { insecure: true }), "hello");
});

test("a certificate that is not trusted says why, and is asked for once", async () => {
  const hour = 3_600_000;
  const cases: [ServerOptions, string][] = [
    [{ ...createAuthority().issue() }, "certificate comes from an unknown authority"],
    [{ ...createAuthority() }, "certificate is self-signed"],
    [
      {
        ...authority.issue({
          notBefore: new Date(Date.now() - 2 * hour),
          notAfter: new Date(Date.now() - hour),
        }),
      },
      "certificate has expired",
    ],
    [
      { ...authority.issue({ notBefore: new Date(Date.now() + hour / 2) }) },
      "certificate is not valid yet",
    ],
    [
      { ...authority.issue({ names: ["other.test"] }) },
      "certificate is for another name (other.test)",
    ],
  ];
  for (const [tls, message] of cases) {
    const server = await serve(tls);
    await assert.rejects(fetchFrom(server, { ca }), {
      code: "TLS_UNTRUSTED",
      message: `GET ${server.url.href}: ${message}`,
    });
    assert.equal(server.requests.length, 0);
  }
});

test("a host that wants a certificate of ours gets it, and says so where it does not", async () => {
  const tls = {
    ...authority.issue(),
    ca: authority.cert,
    requestCert: true,
    rejectUnauthorized: true,
  };
  const server = await serve(tls);
  const mine = authority.issue({ names: ["me"] });
  const cert = await file("me.cert", mine.cert);
  const key = await file("me.key", mine.key);
  assert.equal(await fetchFrom(server, { ca, cert, key }), "hello");
  const both = await file("me.pem", mine.cert + mine.key);
  assert.equal(await fetchFrom(server, { ca, cert: both }), "hello");
  await assert.rejects(fetchFrom(server, { ca }), {
    code: "CONNECTION_FAILED",
    message: `GET ${server.url.href}: host refused the TLS handshake`,
    hint: "It may want a client certificate: set `cert` and `key` of the host.",
  });
});

test("plain http where TLS is expected is named, and not asked again", async () => {
  const answer = { request: { method: "GET", path: "/" }, answer: { body: "hello" } };
  const server = await startScriptedServer([answer]);
  closing.push(() => server.close());
  const url = new URL(server.url.href.replace("http:", "https:"));
  await assert.rejects(fetchFrom({ ...server, url }, {}), {
    code: "CONNECTION_FAILED",
    message: `GET ${url.href}: host does not speak TLS on this port`,
    hint: "If it serves plain HTTP, say `--plain-http=HOST`.",
  });
});

test("files of no use are named", async () => {
  const server = await serve({ ...authority.issue() });
  const absent = join(folder, "absent.pem");
  await assert.rejects(fetchFrom(server, { ca: absent }), {
    code: "CONFIG_INVALID",
    message: `Certificate file ${absent} cannot be read`,
  });
  const noise = await file("noise.pem", "noise");
  await assert.rejects(fetchFrom(server, { cert: noise }), { code: "CONFIG_INVALID" });
});
