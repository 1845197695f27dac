/** The keys with which the sandbox signs: sessions of Hub with RS256, tokens for the registry with ES256. */
import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from "node:crypto";
import { promisify } from "node:util";

import type { State } from "./state/state.ts";

export interface KeyPair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

export interface Keys {
  /** RSA takes a tenth of a second to make, which nobody has to wait for who does not sign in. */
  hub(): Promise<KeyPair>;
  registry(): Promise<KeyPair>;
  /** Of the registry's key, in PEM, made when it is first asked for. */
  certificate(): Promise<string>;
  /** The same, where somebody has asked for it. */
  knownCertificate(): string | undefined;
}

/** Keys that stay the same as long as the state does, so that sessions outlive the process. */
export function openKeys(state: State): Keys {
  const generate = promisify(generateKeyPair);
  const registry = once(() =>
    kept(state, "registryKey", () => generate("ec", { namedCurve: "P-256" })),
  );
  const certificate = () => state.setting("registryCertificate");
  return {
    hub: once(() => kept(state, "hubKey", () => generate("rsa", { modulusLength: 2048 }))),
    registry,
    certificate: once(async () => {
      const known = certificate();
      if (known !== undefined) return known;
      const { certify } = await import("./registry/certificate.ts");
      const made = await certify(await registry(), "Wharfinger sandbox");
      state.set("registryCertificate", made);
      return made;
    }),
    knownCertificate: certificate,
  };
}

async function kept(state: State, name: string, make: () => Promise<KeyPair>): Promise<KeyPair> {
  const known = state.setting(name);
  if (known !== undefined)
    return { privateKey: createPrivateKey(known), publicKey: createPublicKey(known) };
  const pair = await make();
  state.set(name, pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString());
  return pair;
}

/** What could not be made, as where the disk was full, is tried again. */
function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () =>
    (made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    }));
}
