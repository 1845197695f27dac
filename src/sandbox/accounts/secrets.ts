/** Passwords, tokens and second factors. */
import { createHash, createHmac, randomBytes, scryptSync, timingSafeEqual } from "node:crypto";

/** Cheap, because accounts of a sandbox are made and thrown away by the hundred; their form is that of real ones. */
const cost = { N: 1024, r: 8, p: 1 };

export function hashPassword(password: string): string {
  const salt = randomBytes(16);
  return `${salt.toString("base64")}:${scryptSync(password, salt, 32, cost).toString("base64")}`;
}

export function isPassword(password: string, stored: string): boolean {
  const [salt = "", hash = ""] = stored.split(":");
  const actual = scryptSync(password, Buffer.from(salt, "base64"), 32, cost);
  return timingSafeEqual(actual, Buffer.from(hash, "base64"));
}

/** What a token is found by. Tokens are random, so that a plain hash does. */
export function hashToken(token: string): string {
  return createHash("sha256").update(token).digest("base64url");
}

/** @param prefix as Docker's tokens begin, e.g. `dckr_pat_` */
export function newToken(prefix: string): string {
  return prefix + randomBytes(20).toString("base64url");
}

/** Seconds for which a code holds (RFC 6238, section 5.2). */
const period = 30;

/**
 * The code of a second factor (RFC 6238 with HMAC-SHA-1, six digits).
 * @param secret base 32, as it is typed into an authenticator
 * @param time milliseconds since 1970
 */
export function totp(secret: string, time: number): string {
  return codeAt(secret, stepOf(time));
}

/**
 * The step of a code that is right now, or was or will be half a minute from now; undefined for a wrong code and for one
 * that was used before.
 */
export function totpStep(
  secret: string,
  code: string,
  time: number,
  lastUsed: number,
): number | undefined {
  const now = stepOf(time);
  return [now, now - 1, now + 1].find(
    (step) => step > lastUsed && code.trim() === codeAt(secret, step),
  );
}

function stepOf(time: number): number {
  return Math.floor(time / 1000 / period);
}

function codeAt(secret: string, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const hash = createHmac("sha1", fromBase32(secret)).update(counter).digest();
  const offset = hash[hash.length - 1]! & 15;
  return String((hash.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

function fromBase32(text: string): Buffer {
  const bytes: number[] = [];
  let bits = 0;
  let value = 0;
  for (const character of text.toUpperCase().replace(/[ =]/g, "")) {
    const index = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(character);
    if (index < 0) throw new RangeError("A secret of a second factor is base 32");
    value = ((value << 5) | index) & 0xfff;
    bits += 5;
    if (bits >= 8) bytes.push((value >> (bits -= 8)) & 0xff);
  }
  return Buffer.from(bytes);
}
