/** The server's certificate and key, checked before they are used. */
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";

import { configError } from "../config/fields.ts";
import { readSmallFile } from "../distribution/access/smallFile.ts";

/** In PEM. */
export interface ServerCertificate {
  /** The server's certificate, then those that lead from it to its authority. */
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
}

/**
 * Reads a certificate and its key from files.
 *
 * @param now milliseconds since 1970
 * @throws WharfError FILE_NOT_FOUND, FILE_FAILED; CONFIG_INVALID where they do not belong together, are not valid now,
 *   or cannot be read
 */
export async function readCertificate(
  certFile: string,
  keyFile: string,
  now = Date.now(),
): Promise<ServerCertificate> {
  const [{ text: cert }, { text: key }] = await Promise.all([
    readSmallFile(certFile),
    readSmallFile(keyFile),
  ]);
  const certificate = parseCertificate(cert, certFile);
  if (!certificate.checkPrivateKey(parseKey(key, keyFile)))
    throw configError(keyFile, `is not the key of the certificate in ${certFile}`);
  const { validFrom, validTo } = certificate;
  if (now > Date.parse(validTo))
    throw configError(certFile, `the certificate expired on ${day(validTo)}`, "Renew it.");
  if (now < Date.parse(validFrom))
    throw configError(certFile, `the certificate is not valid before ${day(validFrom)}`);
  return { cert, key };
}

function parseCertificate(text: string, file: string): X509Certificate {
  if (!text.includes("-----BEGIN CERTIFICATE-----"))
    throw configError(file, "holds no certificate in PEM (-----BEGIN CERTIFICATE-----)");
  try {
    return new X509Certificate(text);
  } catch (cause) {
    throw configError(file, `the certificate cannot be read: ${(cause as Error).message}`);
  }
}

function parseKey(text: string, file: string): KeyObject {
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text))
    throw configError(file, "holds no private key in PEM (-----BEGIN PRIVATE KEY-----)");
  if (/BEGIN ENCRYPTED PRIVATE KEY|Proc-Type: 4,ENCRYPTED/.test(text))
    throw configError(
      file,
      "the key is encrypted, and nobody is there to give its password",
      `Decrypt it: openssl pkey -in ${file} -out FILE`,
    );
  try {
    return createPrivateKey(text);
  } catch (cause) {
    throw configError(file, `the key cannot be read: ${(cause as Error).message}`);
  }
}

function day(time: string): string {
  return new Date(time).toISOString().slice(0, 10);
}
