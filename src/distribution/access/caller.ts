/** Who asks, and how that is found out. */
import type { IncomingMessage } from "node:http";

import type { Access } from "../exchange.ts";
import type { Refusal } from "../refusal.ts";

/** Whoever is behind a request. */
export interface Caller {
  /** Absent for those who have not signed in. */
  readonly user?: string;
  /** What a token grants; absent where it is not tokens that say so. */
  readonly grants?: Grants;
}

export interface Grants {
  /** Whether all these actions are among those granted. */
  include(access: Access): boolean;
}

/** One way of signing in. */
export interface Authentication {
  /**
   * @throws Refusal where what was brought is wrong, or does not do for the access that is wanted
   */
  identify(request: IncomingMessage, access: Access | undefined): Promise<Caller>;
  /** What those are told who have not signed in, and may not go on without. */
  challenge(access: Access | undefined): Refusal;
  close(): Promise<void>;
}

/** The credentials that a request brings, by their scheme in lower case. */
export function authorizationOf(
  request: IncomingMessage,
): { readonly scheme: string; readonly value: string } | undefined {
  const match = /^([a-z]+) +(\S+) *$/i.exec(request.headers.authorization ?? "");
  return match ? { scheme: match[1]!.toLowerCase(), value: match[2]! } : undefined;
}
