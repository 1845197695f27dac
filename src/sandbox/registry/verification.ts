/** Who sends a request to the registry, by its token; and what one is told who may not. */
import type { IncomingMessage } from "node:http";

import { libtrustId } from "../../distribution/access/tokens/keyId.ts";
import { InvalidToken, verifyToken } from "../../distribution/access/tokens/verify.ts";
import { authorizationOf } from "../../distribution/access/caller.ts";
import { Remembered } from "../../distribution/access/remembered.ts";
import type { Access, Permit } from "../../distribution/exchange.ts";
import { Refusal } from "../../distribution/refusal.ts";
import { originOf } from "../address.ts";
import type { Keys } from "../keys.ts";
import { issuer, service } from "./signing.ts";
import type { Grant } from "./tokenService.ts";

export interface VerificationParts {
  readonly keys: Keys;
  readonly now: () => number;
  /** Port of the token service, where that is another one. */
  authPort(): number | undefined;
}

export interface Caller {
  /** undefined where nobody has signed in. */
  readonly user: string | undefined;
  readonly grants: readonly Grant[];
}

/** Milliseconds for which a token is not verified again. */
const memory = 60_000;

export class Verification {
  readonly #parts: VerificationParts;
  readonly #good: Remembered<Caller>;

  constructor(parts: VerificationParts) {
    this.#parts = parts;
    this.#good = new Remembered(10_000, parts.now);
  }

  /**
   * @param access what the request wants, for the challenge
   * @throws Refusal UNAUTHORIZED, with a challenge
   */
  async callerOf(request: IncomingMessage, access: Access | undefined): Promise<Caller> {
    const { keys, now } = this.#parts;
    const given = authorizationOf(request);
    if (given?.scheme !== "bearer") throw this.#challenge(request, access);
    const name = this.#good.nameOf(given.value);
    const known = this.#good.get(name);
    if (known) return known;
    const { publicKey } = await keys.registry();
    const trusted = [{ key: publicKey, ids: [libtrustId(publicKey)], named: true }];
    try {
      const claims = await verifyToken(
        given.value,
        { keys: trusted, roots: [] },
        { issuer, service },
        now(),
      );
      const caller = {
        user: claims.sub === "" ? undefined : claims.sub,
        grants: claims["access"] as readonly Grant[],
      };
      this.#good.set(name, caller, Math.min(now() + memory, (claims.exp ?? 0) * 1000));
      return caller;
    } catch (error) {
      if (error instanceof InvalidToken) throw this.#challenge(request, access, "invalid_token");
      throw error;
    }
  }

  /** @throws Refusal UNAUTHORIZED; UNSUPPORTED for what Docker Hub leaves to its API */
  admit(caller: Caller, request: IncomingMessage, access: Access): void {
    if (access.actions.includes("delete"))
      throw new Refusal("UNSUPPORTED", "The operation is unsupported.");
    if (!includes(caller, access)) throw this.#challenge(request, access, "insufficient_scope");
  }

  #challenge(request: IncomingMessage, access: Access | undefined, error?: string): Refusal {
    const fields = [`realm="${this.#realmOf(request)}"`, `service="${service}"`];
    if (access) fields.push(`scope="${scopeOf(access)}"`);
    if (error !== undefined) fields.push(`error="${error}"`);
    return new Refusal("UNAUTHORIZED", "authentication required", {
      headers: { "www-authenticate": `Bearer ${fields.join(",")}` },
      ...(access && {
        detail: access.actions.map((Action) => ({ Type: access.type, Name: access.name, Action })),
      }),
    });
  }

  /** Of the token service, by the name that the client has for this machine. */
  #realmOf(request: IncomingMessage): string {
    const url = new URL("/token", originOf(request));
    const port = this.#parts.authPort();
    if (port !== undefined) url.port = String(port);
    return url.href;
  }
}

/** What a caller is let in with. */
export function permitOf(caller: Caller): Permit {
  const mayPull = (name: string) =>
    includes(caller, { type: "repository", name, actions: ["pull"] });
  return { ...(caller.user !== undefined && { user: caller.user }), mayPull, maySee: mayPull };
}

function includes({ grants }: Caller, { type, name, actions }: Access): boolean {
  return actions.every((action) =>
    grants.some(
      (grant) => grant.type === type && grant.name === name && grant.actions.includes(action),
    ),
  );
}

function scopeOf({ type, name, actions, from }: Access): string {
  const own = `${type}:${name}:${actions.join(",")}`;
  return from === undefined ? own : `${own} repository:${from}:pull`;
}
