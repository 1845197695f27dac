/** Throw-away certificates for tests (X.509, RFC 5280), without openssl. Not for anything else. */
import {
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from "node:crypto";

export interface Issued {
  /** PEM. */
  readonly cert: string;
  /** PEM. */
  readonly key: string;
}

export interface Authority extends Issued {
  /** Issues a certificate for servers and clients. */
  issue(options?: IssueOptions): Issued;
  /** Makes an authority below this one. */
  delegate(): Authority;
}

export interface IssueOptions {
  /** DNS names and IPv4 addresses. @default ["localhost", "127.0.0.1"] */
  readonly names?: readonly string[];
  /** @default an hour ago */
  readonly notBefore?: Date;
  /** @default in an hour */
  readonly notAfter?: Date;
}

const hour = 3_600_000;

/** Makes an authority that signs itself; each has a name of its own, else one would be taken for another. */
export function createAuthority(): Authority {
  return authority();
}

/** Issues as if the holder of a certificate, who is called like this and has its key, were an authority. */
export function createImposter(name: string, key: string): Pick<Authority, "issue"> {
  const signer = { subject: distinguishedName(name), privateKey: createPrivateKey(key) };
  return { issue: (options) => issue(signer, options) };
}

interface Signer {
  readonly subject: Buffer;
  readonly privateKey: KeyObject;
}

function authority(parent?: Signer): Authority {
  const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const subject = distinguishedName(`Test authority ${randomBytes(4).toString("hex")}`);
  const own = { subject, privateKey: pair.privateKey };
  const basicConstraints = extension("551d13", true, sequence(boolean(true)));
  return {
    cert: certificate(subject, pair.publicKey, parent ?? own, {}, [basicConstraints]),
    key: pem(pair.privateKey),
    delegate: () => authority(own),
    issue: (options) => issue(own, options),
  };
}

function issue(signer: Signer, options: IssueOptions = {}): Issued {
  const { names = ["localhost", "127.0.0.1"] } = options;
  const leaf = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const alternatives = extension("551d11", false, sequence(...names.map(alternativeName)));
  const holder = distinguishedName(names[0] ?? "nobody");
  return {
    cert: certificate(holder, leaf.publicKey, signer, options, [alternatives]),
    key: pem(leaf.privateKey),
  };
}

function certificate(
  subject: Buffer,
  publicKey: KeyObject,
  { subject: issuer, privateKey: issuerKey }: Signer,
  { notBefore, notAfter }: IssueOptions,
  extensions: readonly Buffer[],
): string {
  const ecdsaWithSha256 = sequence(objectId("2a8648ce3d040302"));
  const serial = tag(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)]));
  const validity = sequence(
    time(notBefore ?? new Date(Date.now() - hour)),
    time(notAfter ?? new Date(Date.now() + hour)),
  );
  const body = sequence(
    tag(0xa0, tag(0x02, Buffer.from([2]))),
    serial,
    ecdsaWithSha256,
    issuer,
    validity,
    subject,
    publicKey.export({ type: "spki", format: "der" }),
    tag(0xa3, sequence(...extensions)),
  );
  const signature = tag(0x03, Buffer.concat([Buffer.from([0]), sign("sha256", body, issuerKey)]));
  const text = sequence(body, ecdsaWithSha256, signature).toString("base64");
  const lines = text.match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}

function distinguishedName(name: string): Buffer {
  return sequence(tag(0x31, sequence(objectId("550403"), tag(0x0c, Buffer.from(name)))));
}

function alternativeName(name: string): Buffer {
  if (/^\d+(\.\d+){3}$/.test(name)) return tag(0x87, Buffer.from(name.split(".").map(Number)));
  return tag(0x82, Buffer.from(name));
}

function extension(id: string, critical: boolean, value: Buffer): Buffer {
  const flag = critical ? [boolean(true)] : [];
  return sequence(objectId(id), ...flag, tag(0x04, value));
}

function time(date: Date): Buffer {
  const text = date.toISOString().replace(/[-:T]|\.\d+/g, "");
  return tag(0x18, Buffer.from(text));
}

function boolean(value: boolean): Buffer {
  return tag(0x01, Buffer.from([value ? 0xff : 0]));
}

function objectId(hex: string): Buffer {
  return tag(0x06, Buffer.from(hex, "hex"));
}

function sequence(...parts: Buffer[]): Buffer {
  return tag(0x30, Buffer.concat(parts));
}

/** Distinguished Encoding Rules: tag, length, value. */
function tag(number: number, value: Buffer): Buffer {
  const { length } = value;
  const head =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([number, ...head]), value]);
}

function pem(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" }).toString();
}
