/** Whose signatures on tokens count: certificates, public keys, or a set of JSON Web Keys (RFC 7517). */
import { createPublicKey, type JsonWebKey, type KeyObject, X509Certificate } from "node:crypto";

import { configError } from "../../../config/fields.ts";
import { isObject, type JsonObject } from "../../../reference/fields.ts";
import { libtrustId, thumbprint } from "./keyId.ts";

export interface TrustedKey {
  readonly key: KeyObject;
  /** What a token may call it in `kid`. */
  readonly ids: readonly string[];
  /** Whether it was given a name, so that a token which names another is by another. */
  readonly named: boolean;
}

export interface TrustedKeys {
  readonly keys: readonly TrustedKey[];
  /** What the chain of a token's own certificate may end in. */
  readonly roots: readonly X509Certificate[];
}

/** Each is tried on a token that names none. */
const keyLimit = 64;

/**
 * Reads PEM with any number of certificates and public keys, or JSON: a set of keys, or one.
 * @throws WharfError CONFIG_INVALID
 */
export function parseKeys(text: string, path: string): TrustedKeys {
  const found = /^\s*\{/.test(text) ? fromJson(text, path) : fromPem(text, path);
  if (found.keys.length > keyLimit) throw configError(path, `has more than ${keyLimit} keys`);
  return found;
}

function fromPem(text: string, path: string): TrustedKeys {
  const keys: TrustedKey[] = [];
  const roots: X509Certificate[] = [];
  for (const [block, kind] of text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----[^-]*-----END \1-----/g)) {
    const where = `${path}: ${kind!.toLowerCase()} ${keys.length + 1}`;
    if (kind!.endsWith("PRIVATE KEY"))
      throw configError(path, "holds a private key; it belongs to the token service alone", hint);
    if (kind === "CERTIFICATE") {
      const certificate = attempt(where, () => new X509Certificate(block));
      roots.push(certificate);
      keys.push(trusted(certificate.publicKey, where));
    } else if (kind === "PUBLIC KEY" || kind === "RSA PUBLIC KEY")
      keys.push(
        trusted(
          attempt(where, () => createPublicKey(block)),
          where,
        ),
      );
    else throw configError(path, `holds a ${kind!.toLowerCase()}, which is not understood`, hint);
  }
  if (keys.length === 0) throw configError(path, "holds no certificate and no public key", hint);
  return { keys, roots };
}

function fromJson(text: string, path: string): TrustedKeys {
  const document = attempt(path, () => JSON.parse(text) as unknown);
  const list = isObject(document) && document.keys !== undefined ? document.keys : [document];
  if (!Array.isArray(list)) throw configError(`${path}: keys`, "must be a list");
  const keys = list.flatMap((item: unknown, index) => fromJwk(item, `${path}: keys[${index}]`));
  if (keys.length === 0) throw configError(path, "holds no key that signs", hint);
  return { keys, roots: [] };
}

function fromJwk(item: unknown, where: string): TrustedKey[] {
  if (!isObject(item)) throw configError(where, "must be a key");
  const { kty, use, kid } = item;
  if (kty === "oct")
    throw configError(where, "is a shared secret; keys of a pair are wanted, RSA or EC", hint);
  if ("d" in item)
    throw configError(where, "is a private key; it belongs to the token service alone", hint);
  if (use !== undefined && use !== "sig") return [];
  const key = attempt(where, () => createPublicKey({ key: publicPart(item), format: "jwk" }));
  return [trusted(key, where, typeof kid === "string" ? kid : undefined)];
}

function publicPart({ kty, n, e, crv, x, y }: JsonObject): JsonWebKey {
  return { kty, n, e, crv, x, y } as JsonWebKey;
}

function trusted(key: KeyObject, where: string, name?: string): TrustedKey {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  const known =
    (type === "rsa" && (details?.modulusLength ?? 0) >= 2048) ||
    (type === "ec" && /^(prime256v1|secp384r1|secp521r1)$/.test(details?.namedCurve ?? "")) ||
    type === "ed25519";
  if (!known)
    throw configError(where, "must be RSA with 2048 bits or more, P-256, P-384, P-521 or Ed25519");
  const ids = [libtrustId(key), thumbprint(key), ...(name === undefined ? [] : [name])];
  return { key, ids, named: name !== undefined };
}

function attempt<Result>(where: string, read: () => Result): Result {
  try {
    return read();
  } catch (cause) {
    throw configError(where, `cannot be read: ${(cause as Error).message}`, hint);
  }
}

const hint = "Give the token service's certificate or public key in PEM, or its JWKS.";
