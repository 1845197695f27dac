import assert from "node:assert/strict";
import { generateKeyPairSync, X509Certificate } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { get } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { TLSSocket } from "node:tls";

import { createAuthority } from "../../test/certificate.ts";
import { isError } from "../errors.ts";
import { createMemoryCollection } from "../store/memory.ts";
import { readCertificate } from "./certificate.ts";
import { startServer } from "./server.ts";

const authority = createAuthority();

async function files(t: TestContext, cert: string, key: string) {
  const folder = await mkdtemp(join(tmpdir(), "wharf-certificate-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const paths = [join(folder, "cert.pem"), join(folder, "key.pem")] as const;
  await writeFile(paths[0], cert);
  await writeFile(paths[1], key);
  return paths;
}

test("a certificate and its key are read as they are", async (t) => {
  const issued = authority.issue();
  assert.deepEqual(await readCertificate(...(await files(t, issued.cert, issued.key))), issued);
});

test("what cannot work is told before the first client meets it", async (t) => {
  const good = authority.issue();
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const encrypted = privateKey
    .export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "secret" })
    .toString();
  const day = 86_400_000;
  const expired = authority.issue({ notAfter: new Date(Date.now() - day) });
  const early = authority.issue({ notBefore: new Date(Date.now() + day) });
  const cases: readonly (readonly [string, string, RegExp])[] = [
    [
      good.cert,
      authority.issue().key,
      /key\.pem: is not the key of the certificate in .*cert\.pem/,
    ],
    [expired.cert, expired.key, /cert\.pem: the certificate expired on \d{4}-\d\d-\d\d$/],
    [early.cert, early.key, /cert\.pem: the certificate is not valid before \d{4}-\d\d-\d\d$/],
    [good.key, good.cert, /cert\.pem: holds no certificate in PEM/],
    [good.cert, "", /key\.pem: holds no private key in PEM/],
    [good.cert, encrypted, /key\.pem: the key is encrypted/],
    [good.cert.replace("MII", "XXX"), good.key, /cert\.pem: the certificate cannot be read/],
  ];
  for (const [cert, key, message] of cases)
    await assert.rejects(readCertificate(...(await files(t, cert, key))), (error) => {
      assert(isError(error, "CONFIG_INVALID"));
      assert.match(error.message, message);
      return true;
    });
  await assert.rejects(readCertificate("/nowhere/cert", "/nowhere/key"), (error) =>
    isError(error, "FILE_NOT_FOUND"),
  );
});

test("a running server takes a new certificate for the connections that come", async (t) => {
  const [first, second] = [authority.issue(), authority.issue()];
  const collection = createMemoryCollection();
  const server = await startServer({ collection, port: 0, tls: first });
  t.after(() => server.close());
  const shown = () =>
    new Promise<string>((resolve, reject) => {
      get(`${server.url}/v2/`, { ca: authority.cert, agent: false }, (answer) => {
        resolve((answer.socket as TLSSocket).getPeerCertificate().fingerprint256);
        answer.resume();
      }).on("error", reject);
    });
  const fingerprint = ({ cert }: { cert: string }) => new X509Certificate(cert).fingerprint256;
  assert.equal(await shown(), fingerprint(first));
  server.renew(second);
  assert.equal(await shown(), fingerprint(second));
  assert.throws(
    () => server.renew({ cert: first.cert, key: second.key }),
    (error) => isError(error, "CONFIG_INVALID"),
  );
  assert.equal(await shown(), fingerprint(second), "a bad one changes nothing");
});

test("whoever speaks plain http to it is told so", async (t) => {
  const collection = createMemoryCollection();
  const server = await startServer({ collection, port: 0, tls: authority.issue() });
  t.after(() => server.close());
  const answer = await fetch(`http://127.0.0.1:${server.port}/v2/`);
  assert.equal(answer.status, 400);
  assert.match(await answer.text(), /"UNSUPPORTED".*speaks https/);
});
