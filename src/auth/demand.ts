/** What a registry asks of those who come to it. */
import type { Challenge } from "./challenge.ts";
import { type Audience, readRealm, type Realm } from "./realm.ts";
import { parseScopes, type ScopeSet } from "./scope.ts";

/** User and password with each request, or a token from a service. */
export type Demand =
  | { readonly scheme: "basic" }
  | { readonly scheme: "bearer"; readonly realm: Realm; readonly service?: string };

/**
 * Chooses among the challenges of a 401 what we can answer: a token before user and password, for a token can be had
 * without an account. `demand` is left out where there is nothing of either (a bare 401, `Negotiate` alone).
 *
 * @param from address of the answer
 * @returns the demand, and the scopes that the challenge names
 * @throws WharfError as `readRealm` does, where there is no other way in
 */
export function readDemand(
  challenges: readonly Challenge[],
  from: URL,
  audience: Audience,
): { readonly demand?: Demand; readonly scopes: ScopeSet } {
  const basic = challenges.some(({ scheme }) => scheme === "basic");
  const byPassword = { ...(basic && { demand: { scheme: "basic" } as const }), scopes: new Map() };
  const bearer = challenges.find(
    ({ scheme, parameters }) => scheme === "bearer" && (parameters.get("realm") ?? "") !== "",
  );
  if (bearer === undefined) return byPassword;
  const service = bearer.parameters.get("service");
  try {
    const realm = readRealm(bearer.parameters.get("realm") ?? "", from, audience);
    const demand: Demand = { scheme: "bearer", realm, ...(service !== undefined && { service }) };
    return { demand, scopes: parseScopes(bearer.parameters.get("scope") ?? "") };
  } catch (error) {
    if (basic) return byPassword;
    throw error;
  }
}
