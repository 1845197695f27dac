import assert from "node:assert/strict";
import { createPublicKey, generateKeyPairSync, X509Certificate } from "node:crypto";
import { test } from "node:test";

import { createAuthority } from "../../../../test/certificate.ts";
import { isError } from "../../../errors.ts";
import { libtrustId, thumbprint } from "./keyId.ts";
import { parseKeys } from "./keys.ts";
import { ecPair, pemOf, rsaPair } from "./testing.ts";

test("certificates and public keys stand in PEM, in any number and with words between", () => {
  const { cert } = createAuthority();
  const text = `of the service\n${cert}\n${pemOf(rsaPair.publicKey)}${pemOf(ecPair.publicKey)}`;
  const { keys, roots } = parseKeys(text, "f");
  assert.equal(roots.length, 1);
  assert.deepEqual(
    keys.map(({ key }) => pemOf(key)),
    [new X509Certificate(cert).publicKey, rsaPair.publicKey, ecPair.publicKey].map(pemOf),
  );
});

test("keys stand in JSON as a set, or one alone; those for encryption are passed over", () => {
  const rsa = rsaPair.publicKey.export({ format: "jwk" });
  const ec = ecPair.publicKey.export({ format: "jwk" });
  const set = { keys: [{ ...rsa, kid: "first", use: "sig" }, { ...ec, use: "enc" }, ec] };
  const { keys } = parseKeys(JSON.stringify(set), "f");
  assert.deepEqual(
    keys.map(({ named }) => named),
    [true, false],
  );
  assert(keys[0]!.ids.includes("first"));
  assert.equal(parseKeys(JSON.stringify(ec), "f").keys.length, 1);
});

test("a key has libtrust's id and RFC 7638's thumbprint", () => {
  // The example of RFC 7638, section 3.1.
  const n =
    "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
  const key = createPublicKey({ key: { kty: "RSA", n, e: "AQAB" }, format: "jwk" });
  assert.equal(thumbprint(key), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
  assert.match(libtrustId(key), /^([A-Z2-7]{4}:){11}[A-Z2-7]{4}$/);
});

test("what cannot be trusted to sign is refused, and what is wrong is named", () => {
  const weak = generateKeyPairSync("rsa", { modulusLength: 1024 });
  const odd = generateKeyPairSync("ec", { namedCurve: "secp256k1" });
  const secret = ecPair.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const cases: readonly (readonly [string, RegExp])[] = [
    ["", /^f: holds no certificate and no public key/],
    [secret, /^f: holds a private key/],
    [JSON.stringify(ecPair.privateKey.export({ format: "jwk" })), /^f: keys\[0\]: is a private/],
    ['{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}', /^f: keys\[0\]: is a shared secret/],
    ['{"keys":[]}', /^f: holds no key that signs/],
    ['{"keys":{}}', /^f: keys: must be a list/],
    ['{"keys":[{"kty":"EC"}]}', /^f: keys\[0\]: cannot be read/],
    ["{", /^f: cannot be read/],
    [pemOf(weak.publicKey), /^f: public key 1: must be RSA with 2048 bits or more/],
    [pemOf(odd.publicKey), /^f: public key 1: must be RSA/],
    ["-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", /^f: certificate 1: cannot/],
    ["-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----", /^f: holds a x509 crl/],
  ];
  for (const [text, message] of cases)
    assert.throws(
      () => parseKeys(text, "f"),
      (error) => {
        assert(isError(error, "CONFIG_INVALID"), text);
        assert.match(error.message, message);
        return true;
      },
    );
});
