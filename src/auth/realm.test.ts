import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { HostSettings } from "../config.ts";
import { isError, type WharfError } from "../errors.ts";
import { createAuthorizedClient } from "./client.ts";
import { audienceOf, readRealm } from "./realm.ts";
import {
  always,
  httpFor,
  type Received,
  type Reply,
  serve,
  unauthorized,
} from "./testing/servers.ts";

/** Why credentials are kept from a realm; nothing where they may go there. */
function withheld(
  registry: string,
  realm: string,
  settings: Record<string, HostSettings> = {},
): string | undefined {
  const own = settings[registry] ?? {};
  const from = new URL(own.url ?? `${own.plainHttp ? "http" : "https"}://${registry}/v2/`);
  const audience = audienceOf(registry, from, (host) => settings[host] ?? {});
  return readRealm(realm, from, audience).withheld?.reason;
}

function code(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return isError(error) ? error.code : assert.fail(String(error));
  }
  return assert.fail("no error");
}

test("the same registrable domain is the same site", () => {
  assert.equal(withheld("docker.io", "https://auth.docker.io/token"), undefined);
  assert.equal(withheld("ghcr.io", "/token"), undefined);
  assert.equal(withheld("registry.example.co.uk", "https://auth.example.co.uk:8443/t"), undefined);
});

test("another domain, a public suffix in common or a look-alike is another site", () => {
  for (const realm of [
    "https://evil.com/token",
    "https://docker.io.evil.com/token",
    "https://evildocker.io/token",
    "https://1.2.3.4/token",
    "//evil.com/token",
  ]) {
    assert.match(withheld("docker.io", realm) ?? "", /another site/, realm);
  }
  assert.match(withheld("a.co.uk", "https://b.co.uk/t") ?? "", /another site/);
});

test("an address is its own site, on any port", () => {
  const settings = { "10.0.0.1:5000": { plainHttp: true } };
  assert.equal(withheld("10.0.0.1:5000", "http://10.0.0.1:5001/t", settings), undefined);
  assert.match(withheld("10.0.0.1:5000", "http://10.0.0.2:5000/t", settings) ?? "", /another site/);
  assert.equal(withheld("localhost:5000", "https://localhost:5001/t"), undefined);
});

test("from https to http nothing goes, from http to https it may", () => {
  const plain = { "registry.lan": { plainHttp: true } };
  assert.match(withheld("registry.lan", "http://registry.lan/t") ?? "", /plain http/);
  assert.match(
    withheld("registry.lan", "http://registry.lan/t", {
      "registry.lan": { url: "https://registry.lan", plainHttp: true },
    }) ?? "",
    /another site/,
  );
  assert.equal(withheld("registry.lan", "http://registry.lan:81/t", plain), undefined);
  assert.equal(withheld("registry.lan", "https://registry.lan/t", plain), undefined);
});

test("tokenRealms lists hosts or addresses that are trusted besides", () => {
  const trusting = (...tokenRealms: string[]): Record<string, HostSettings> => ({
    "r.example": { tokenRealms },
  });
  assert.equal(
    withheld("r.example", "https://login.other.com/t", trusting("login.other.com")),
    undefined,
  );
  assert.equal(
    withheld("r.example", "https://login.other.com/a/t", trusting("https://login.other.com/a")),
    undefined,
  );
  for (const entry of [
    "other.com",
    "login.other.com:8443",
    "https://login.other.com/b",
    "http://login.other.com",
  ]) {
    assert.match(
      withheld("r.example", "https://login.other.com/a/t", trusting(entry)) ?? "",
      /another site/,
      entry,
    );
  }
  assert.notEqual(
    withheld("r.example", "http://login.other.com/t", trusting("login.other.com")),
    undefined,
  );
});

test("what is no web address is refused", () => {
  for (const realm of [
    "ftp://registry.example/t",
    "https://me:pw@registry.example/t",
    "file:///etc/passwd",
    "https://",
    "javascript:0",
  ]) {
    assert.equal(
      code(() => withheld("registry.example", realm)),
      "RESPONSE_INVALID",
      realm,
    );
  }
});

test("a public registry does not send us to private addresses", () => {
  for (const host of [
    "169.254.169.254",
    "10.1.2.3",
    "127.0.0.1:2375",
    "localhost",
    "[::1]",
    "[::ffff:10.0.0.1]",
    "0x7f.1",
  ]) {
    assert.equal(
      code(() => withheld("registry.example", `https://${host}/t`)),
      "LOCATION_REFUSED",
      host,
    );
  }
  const settings = { "registry.example": { tokenRealms: ["10.1.2.3"] } };
  assert.equal(withheld("registry.example", "https://10.1.2.3/t", settings), undefined);
});

/** A registry under the name 127.0.0.1 whose token service is another site: localhost. */
async function apart(
  t: TestContext,
  token: (request: Received) => Reply,
  settings: (realmHost: string) => HostSettings = () => ({}),
): Promise<{ services: Received[]; get: () => Promise<number> }> {
  const service = await serve(t, token);
  const realm = `http://localhost:${service.port}/token`;
  const registry = await serve(t, ({ authorization }) =>
    authorization === "Bearer T" ? {} : unauthorized(`Bearer realm="${realm}"`),
  );
  const client = createAuthorizedClient({
    http: httpFor(t),
    credentials: always({ kind: "basic", username: "me", password: "s3cret" }),
    config: { hosts: () => settings(`localhost:${service.port}`) },
  });
  const get = async (): Promise<number> => {
    const url = new URL("/v2/", registry.url);
    const response = await client.request({ method: "GET", registry: registry.host, url });
    await response.discard();
    return response.status;
  };
  return { services: service.received, get };
}

test("a token service elsewhere is asked anonymously", async (t) => {
  const { services, get } = await apart(t, () => ({ body: { token: "T" } }));
  assert.equal(await get(), 200);
  assert.deepEqual(
    services.map(({ authorization }) => authorization),
    [undefined],
  );
});

test("where anonymous is not enough elsewhere, the error names host and setting", async (t) => {
  for (const reply of [{ status: 401 }, { status: 403 }, { body: { token: "worthless" } }]) {
    const { services, get } = await apart(t, () => reply);
    const error = await get().then(
      () => assert.fail("no error"),
      (thrown: WharfError) => thrown,
    );
    assert.equal(error.code, "CREDENTIALS_NOT_SENT");
    assert.match(error.message, /not sent to http:\/\/localhost:\d+, which is another site/);
    assert.match(error.hint, /localhost:\d+.*tokenRealms/);
    assert.ok(
      services.every(
        ({ authorization, url }) => authorization === undefined && !url.searchParams.has("account"),
      ),
    );
  }
});

test("a token service elsewhere that is listed gets the credentials", async (t) => {
  const { services, get } = await apart(
    t,
    ({ authorization }) => (authorization ? { body: { token: "T" } } : { status: 401 }),
    (host) => ({ tokenRealms: [host] }),
  );
  assert.equal(await get(), 200);
  assert.equal(services.length, 1);
});

test("an address on another site gets neither token nor password", async (t) => {
  const other = await serve(t, () => unauthorized('Basic realm="x"'));
  const client = createAuthorizedClient({
    http: httpFor(t),
    credentials: always({ kind: "basic", username: "me", password: "s3cret" }),
  });
  const url = new URL(`http://localhost:${other.port}/v2/`);
  await assert.rejects(
    client.request({ method: "GET", registry: "127.0.0.1:5000", url }),
    (error) => isError(error, "CREDENTIALS_NOT_SENT"),
  );
  assert.ok(other.received.every(({ authorization }) => authorization === undefined));
});

test("whoever a registry redirects to gets no credentials and cannot ask for any", async (t) => {
  const other = await serve(t, () => unauthorized('Basic realm="x"'));
  const registry = await serve(t, () => ({
    status: 307,
    headers: { location: `http://127.0.0.1:${other.port}/elsewhere` },
  }));
  const client = createAuthorizedClient({
    http: httpFor(t),
    credentials: always({ kind: "basic", username: "me", password: "s3cret" }),
  });
  const url = new URL("/v2/", registry.url);
  const get = () => client.request({ method: "GET", registry: registry.host, url });
  await assert.rejects(get(), (error) => isError(error, "UNAUTHORIZED"));
  await assert.rejects(get(), (error) => isError(error, "UNAUTHORIZED"));
  assert.deepEqual(
    other.received.map(({ authorization }) => authorization),
    [undefined, undefined],
  );
});
