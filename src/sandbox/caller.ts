/** Which account a request names. Nothing is verified: it is for lists of requests and for rules of faults, never for leave. */
import type { IncomingMessage } from "node:http";

/** Characters of a name that are kept; Docker's have at most 30, addresses of mail some more. */
const longest = 100;

/** Names in tokens that were read, which come with every request of a session. */
const known = new Map<string, string | undefined>();

/** @returns undefined where none is named */
export function callerOf({ headers: { authorization } }: IncomingMessage): string | undefined {
  const [, scheme = "", value = ""] = /^(\w+) +(\S+) *$/.exec(authorization ?? "") ?? [];
  if (scheme.toLowerCase() === "basic")
    return shortened(Buffer.from(value, "base64").toString().split(":", 1)[0]);
  if (known.has(value)) return known.get(value);
  if (known.size >= 1000) known.clear();
  const name = shortened(nameIn(claimsOf(value)));
  known.set(value, name);
  return name;
}

function shortened(name: string | undefined): string | undefined {
  return name ? name.slice(0, longest) : undefined;
}

/** What a JSON Web Token claims; undefined for what is none. */
export function claimsOf(token: string): Readonly<Record<string, unknown>> | undefined {
  const payload = token.split(".", 3)[1];
  if (payload === undefined) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, "base64url").toString());
    return typeof claims === "object" && claims !== null ? { ...claims } : undefined;
  } catch {
    return undefined;
  }
}

/** Sessions of Hub hold the name beside the account's id, tokens for the registry have it as their subject. */
function nameIn(claims: Readonly<Record<string, unknown>> | undefined): string | undefined {
  const hub = claims?.["https://hub.docker.com"] as { username?: unknown } | undefined;
  const name = hub?.username ?? claims?.["sub"];
  return typeof name === "string" ? name : undefined;
}
