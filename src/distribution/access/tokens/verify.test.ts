import assert from "node:assert/strict";
import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import { test } from "node:test";

import { createAuthority, createImposter, type Issued } from "../../../../test/certificate.ts";
import { libtrustId, thumbprint } from "./keyId.ts";
import { parseKeys } from "./keys.ts";
import { derOf, ecPair, makeToken, moment, pemOf, rsaPair, type TokenDetails } from "./testing.ts";
import { InvalidToken, verifyToken } from "./verify.ts";

const both = parseKeys(pemOf(rsaPair.publicKey) + pemOf(ecPair.publicKey), "f");
const expected = { issuer: "issuer", service: "service" };

const verify = async (details: TokenDetails | string, trusted = both, now = moment) =>
  verifyToken(
    typeof details === "string" ? details : await makeToken(details),
    trusted,
    expected,
    now * 1000,
  );

const refuses = (promise: Promise<unknown>, message: RegExp) =>
  assert.rejects(promise, (error) => {
    assert(error instanceof InvalidToken, String(error));
    assert.match(error.message, message);
    return true;
  });

const [rsa, ec] = [rsaPair.privateKey, ecPair.privateKey];
const stranger = generateKeyPairSync("ec", { namedCurve: "P-256" });

test("a token that is signed by a trusted key is good, whatever it calls the key", async () => {
  for (const key of [rsa, ec]) assert.equal((await verify({ key })).sub, "alice");
  for (const kid of [libtrustId(ecPair.publicKey), thumbprint(ecPair.publicKey), "mine"])
    assert.equal((await verify({ key: ec, header: { kid } })).sub, "alice", kid);
  assert.equal((await verify({ key: rsa, header: { alg: "PS256" } })).sub, "alice");
  assert.equal((await verify({ key: ec, claims: { aud: ["x", "service"] } })).sub, "alice");
});

test("of a set with names, a token is by the key that it names, or none", async () => {
  const jwk = (pair: typeof ecPair, kid: string) => ({
    ...pair.publicKey.export({ format: "jwk" }),
    kid,
  });
  const trusted = parseKeys(
    JSON.stringify({ keys: [jwk(ecPair, "new"), jwk(stranger, "old")] }),
    "f",
  );
  assert((await verify({ key: ec, header: { kid: "new" } }, trusted)).sub);
  assert((await verify({ key: ec }, trusted)).sub);
  await refuses(verify({ key: ec, header: { kid: "old" } }, trusted), /none of the keys/);
  await refuses(verify({ key: ec, header: { kid: "gone" } }, trusted), /none of the keys/);
});

test("what is by another, for another, too old, too new or says not how long is refused", async () => {
  const cases: readonly (readonly [TokenDetails, RegExp])[] = [
    [{ key: stranger.privateKey }, /none of the keys/],
    [{ key: ec, claims: { iss: "else" } }, /another issuer/],
    [{ key: ec, claims: { aud: "else" } }, /another service/],
    [{ key: ec, claims: { exp: moment - 61 } }, /has expired/],
    [{ key: ec, claims: { nbf: moment + 61 } }, /not valid yet/],
    [{ key: ec, claims: { exp: undefined } as never }, /does not say when it expires/],
  ];
  for (const [details, message] of cases) await refuses(verify(details), message);
  assert(await verify({ key: ec, claims: { exp: moment - 59, nbf: moment + 59 } }), "leeway");
});

test("a token that chooses how it is verified does not choose well", async () => {
  const good = await makeToken({ key: rsa });
  const [, payload, signature] = good.split(".");
  const head = (header: object) => Buffer.from(JSON.stringify(header)).toString("base64url");
  const none = `${head({ alg: "none" })}.${payload}.`;
  await refuses(verify(none), /algorithm is not accepted/);
  // Signed with the public key as if it were a shared secret.
  await refuses(
    verify(`${head({ alg: "HS256" })}.${payload}.${signature}`),
    /algorithm is not acc/,
  );
  await refuses(verify(`${head({ alg: "ES256" })}.${payload}.${signature}`), /none of the keys/);
  const jwk = stranger.publicKey.export({ format: "jwk" });
  await refuses(
    verify({ key: stranger.privateKey, header: { jwk: jwk as never } }),
    /none of the keys/,
  );
  await refuses(verify(`${good}x`), /none of the keys|cannot be read/);
  for (const text of ["", "a", "a.b.c", ".."]) await refuses(verify(text), /no JSON Web Token|acc/);
});

test("a certificate that the token brings counts where it leads to a trusted one", async () => {
  const root = createAuthority();
  const between = root.delegate();
  const trusted = parseKeys(root.cert, "f");
  const brings = (issued: Issued, ...chain: Issued[]) => ({
    key: createPrivateKey(issued.key),
    header: { x5c: [issued, ...chain].map(({ cert }) => derOf(cert)) },
  });
  const now = Math.floor(Date.now() / 1000);
  const claims = { exp: now + 300, nbf: now - 10 };
  const check = (details: ReturnType<typeof brings>) =>
    verify({ ...details, claims }, trusted, now);

  const direct = root.issue();
  const below = between.issue();
  assert(await check(brings(direct)), "signed by the root");
  assert(await check(brings(below, between)), "with one between");
  assert(await check(brings(below, createAuthority(), between)), "in any order");
  assert(await check(brings(root)), "the root itself");

  const untrusted = /certificate is not trusted/;
  await refuses(check(brings(below)), untrusted);
  await refuses(check(brings(createAuthority().issue())), untrusted);
  const imposter = createAuthority();
  await refuses(check(brings(imposter.issue(), imposter, root)), untrusted);
  const past = new Date((now - 10) * 1000);
  await refuses(check(brings(root.issue({ notAfter: past }))), untrusted);
  await refuses(verify({ key: ec, header: { x5c: ["AAAA"] }, claims }, trusted, now), untrusted);
  const other = { ...brings(direct), key: stranger.privateKey };
  await refuses(check(other), /none of the keys/);
});

test("whoever has a certificate is no authority", async () => {
  const root = createAuthority();
  const leaf = root.issue({ names: ["mallory"] });
  const forged = createImposter("mallory", leaf.key).issue();
  const now = Math.floor(Date.now() / 1000);
  const header = { x5c: [forged, leaf].map(({ cert }) => derOf(cert)) };
  const details = { key: createPrivateKey(forged.key), header, claims: { exp: now + 9, nbf: now } };
  await refuses(verify(details, parseKeys(root.cert, "f"), now), /certificate is not trusted/);
});
