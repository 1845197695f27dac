/**
 * Tokens of a token service, as Docker's registry understands them.
 * Sources: distribution, "Token Authentication Specification", "Token Authentication Implementation", "Token Scope
 * Documentation"; RFC 6750.
 */
import type { IncomingMessage } from "node:http";
import type { JWTPayload } from "jose";

import { isObject } from "../../../reference/fields.ts";
import type { Access } from "../../exchange.ts";
import { Refusal } from "../../refusal.ts";
import { type Authentication, authorizationOf, type Caller, type Grants } from "../caller.ts";
import { Remembered } from "../remembered.ts";
import { WatchedFile, type WatchOptions } from "../watchedFile.ts";
import { parseKeys, type TrustedKeys } from "./keys.ts";
import { InvalidToken, leeway, verifyToken } from "./verify.ts";

/** The token service that a registry relies on. */
export interface TokenService {
  /** Address where clients get tokens. */
  readonly realm: string;
  /** The registry's name with the service; must be in the audience of its tokens. */
  readonly service: string;
  /** Who the tokens must be issued by. */
  readonly issuer: string;
  /** File of certificates or public keys in PEM, or a JWKS; read again when it changes. */
  readonly certFile: string;
}

/** Milliseconds for which a token that was found good is not verified again; a certificate may end meanwhile. */
const memory = 5 * 60_000;
const memoryLimit = 10_000;

export interface TokenOptions extends WatchOptions {
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: (() => number) | undefined;
}

export class Tokens implements Authentication {
  readonly #service: TokenService;
  readonly #file: WatchedFile<TrustedKeys>;
  readonly #now: () => number;
  #keys: TrustedKeys;
  #good: Remembered<Caller>;

  /** @throws WharfError FILE_NOT_FOUND, FILE_FAILED, CONFIG_INVALID */
  static async open(service: TokenService, options: TokenOptions = {}): Promise<Tokens> {
    const file = await WatchedFile.open(service.certFile, parseKeys, options);
    return new Tokens(service, file, options.now ?? Date.now);
  }

  private constructor(service: TokenService, file: WatchedFile<TrustedKeys>, now: () => number) {
    this.#service = service;
    this.#file = file;
    this.#now = now;
    this.#keys = file.latest;
    this.#good = new Remembered(memoryLimit, now);
  }

  async identify(request: IncomingMessage, access: Access | undefined): Promise<Caller> {
    const authorization = authorizationOf(request);
    if (authorization?.scheme !== "bearer") throw this.challenge(access);
    const caller = await this.#verify(authorization.value, access);
    if (access && !caller.grants?.include(access))
      throw this.#refusal("the token does not grant this", access, "insufficient_scope");
    return caller;
  }

  challenge(access: Access | undefined): Refusal {
    return this.#refusal("a token is wanted", access);
  }

  async close(): Promise<void> {}

  async #verify(token: string, access: Access | undefined): Promise<Caller> {
    const keys = await this.#file.current();
    if (keys !== this.#keys) {
      // What was signed by a key that has been taken away is void.
      this.#keys = keys;
      this.#good = new Remembered(memoryLimit, this.#now);
    }
    const good = this.#good;
    const name = good.nameOf(token);
    const known = good.get(name);
    if (known) return known;
    try {
      const now = this.#now();
      const claims = await verifyToken(token, keys, this.#service, now);
      const caller = callerOf(claims);
      good.set(name, caller, Math.min(now + memory, ((claims.exp ?? 0) + leeway) * 1000));
      return caller;
    } catch (error) {
      if (!(error instanceof InvalidToken)) throw error;
      throw this.#refusal(error.message, access, "invalid_token");
    }
  }

  /** Always 401, also where a token grants too little: clients then get one that grants what the challenge names. */
  #refusal(message: string, access: Access | undefined, error?: string): Refusal {
    const { realm, service } = this.#service;
    const scope = access && scopesOf(access);
    const parameters = { realm, service, ...(scope && { scope }), ...(error && { error }) };
    const written = Object.entries(parameters).map(([name, value]) => `${name}=${quoted(value)}`);
    return new Refusal("UNAUTHORIZED", message, {
      headers: { "www-authenticate": `Bearer ${written.join(",")}` },
    });
  }
}

/** The scopes that a token for this should have: `repository:a/b:pull,push`. */
function scopesOf({ type, name, actions, from }: Access): string {
  const scope = `${type}:${name}:${actions.join(",")}`;
  return from === undefined || from === name ? scope : `${scope} repository:${from}:pull`;
}

/** RFC 9110, section 5.6.4. */
function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}

/** @throws InvalidToken */
function callerOf({ sub, access }: JWTPayload): Caller {
  // oxlint-disable-next-line no-control-regex -- that is what must not be in it
  if (typeof sub === "string" && (sub.length > 256 || /[\u0000-\u001f\u007f]/.test(sub)))
    throw new InvalidToken("the token is not valid: its subject is no name");
  return { ...(sub && { user: sub }), grants: grantsOf(access ?? []) };
}

function grantsOf(claim: unknown): Grants {
  const granted = new Map<string, Set<string>>();
  if (!Array.isArray(claim)) throw malformed();
  for (const item of claim as unknown[]) {
    if (!isObject(item) || typeof item.type !== "string" || typeof item.name !== "string")
      throw malformed();
    const actions = item.actions ?? [];
    if (!Array.isArray(actions)) throw malformed();
    const key = `${item.type}:${item.name}`;
    const known = granted.get(key) ?? new Set();
    granted.set(key, known);
    for (const action of actions as unknown[]) known.add(String(action));
  }
  return {
    include({ type, name, actions }) {
      const known = granted.get(`${type}:${name}`);
      return known !== undefined && actions.every((action) => known.has(action) || known.has("*"));
    },
  };
}

function malformed(): InvalidToken {
  return new InvalidToken("the token is not valid: its claim access is no list of grants");
}
