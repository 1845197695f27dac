/** The certificate by which a registry of others knows the sandbox's tokens (RFC 5280). */
import { type KeyObject, randomBytes, webcrypto } from "node:crypto";

import type { KeyPair } from "../keys.ts";

const elliptic = { name: "ECDSA", namedCurve: "P-256" };

/** Object identifiers: X.520, common name; RFC 5280, sections 4.2.1.3 and 4.2.1.9. */
const commonName = "2.5.4.3";
const keyUsage = "2.5.29.15";
const basicConstraints = "2.5.29.19";

/**
 * Signs a certificate with the key that it is for. It holds whatever the sandbox's clock says: from 2000 on, and without an
 * end that anybody could meet (section 4.1.2.5).
 *
 * @param pair P-256
 * @param name what it calls itself
 * @returns PEM
 */
export async function certify(pair: KeyPair, name: string): Promise<string> {
  // 40 ms to load, for the few who ask.
  const [pki, asn1] = await Promise.all([import("pkijs"), import("asn1js")]);
  const certificate = new pki.Certificate();
  certificate.version = 2; // v3
  certificate.serialNumber = new asn1.Integer({
    valueHex: new Uint8Array([1, ...randomBytes(15)]).buffer,
  });
  for (const party of [certificate.issuer, certificate.subject])
    party.typesAndValues.push(
      new pki.AttributeTypeAndValue({
        type: commonName,
        value: new asn1.Utf8String({ value: name }),
      }),
    );
  certificate.notBefore = new pki.Time({ type: 0, value: new Date("2000-01-01T00:00:00Z") });
  certificate.notAfter = new pki.Time({ type: 1, value: new Date("9999-12-31T23:59:59Z") });
  const authority = new pki.BasicConstraints({ cA: true }).toSchema().toBER(false);
  // digitalSignature and keyCertSign: bits 0 and 5.
  const usage = new asn1.BitString({ valueHex: new Uint8Array([0x84]).buffer, unusedBits: 2 });
  certificate.extensions = [
    new pki.Extension({ extnID: basicConstraints, critical: true, extnValue: authority }),
    new pki.Extension({ extnID: keyUsage, critical: true, extnValue: usage.toBER(false) }),
  ];
  await certificate.subjectPublicKeyInfo.importKey(await imported(pair.publicKey));
  await certificate.sign(await imported(pair.privateKey), "SHA-256");
  const der = Buffer.from(certificate.toSchema(true).toBER(false));
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}

/** The certificate as a token carries it (RFC 7515, section 4.1.6). @param pem one certificate */
export function derOf(pem: string): string {
  return pem.replace(/-----[^-]+-----|\s/g, "");
}

function imported(key: KeyObject): Promise<webcrypto.CryptoKey> {
  return key.type === "private"
    ? webcrypto.subtle.importKey(
        "pkcs8",
        key.export({ type: "pkcs8", format: "der" }),
        elliptic,
        true,
        ["sign"],
      )
    : webcrypto.subtle.importKey(
        "spki",
        key.export({ type: "spki", format: "der" }),
        elliptic,
        true,
        ["verify"],
      );
}
