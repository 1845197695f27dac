/** Tokens in use, by whom they were made for and what they permit. */
import { coversScopes, type ScopeSet } from "./scope.ts";
import type { Token } from "./token.ts";

interface Entry {
  readonly scopes: ScopeSet;
  readonly token: Token;
}

/** Tokens in memory; a token with more scopes than wanted serves too. */
export class TokenCache {
  // Audience, then resource, then tokens for it. A copy meets one or two tokens a repository, so the lists stay short.
  readonly #audiences = new Map<string, Map<string, Entry[]>>();

  /**
   * @param audience registry, token service and identity, as one text
   * @param now milliseconds since 1970
   */
  find(audience: string, wanted: ScopeSet, now: number): Token | undefined {
    const entries = this.#audiences.get(audience)?.get(shelfOf(wanted));
    return entries?.find(({ scopes, token }) => token.renewAt > now && coversScopes(scopes, wanted))
      ?.token;
  }

  /** Keeps a token; those that have ended, and those it makes superfluous, go. */
  add(audience: string, scopes: ScopeSet, token: Token, now: number): void {
    let shelves = this.#audiences.get(audience);
    if (shelves === undefined) this.#audiences.set(audience, (shelves = new Map()));
    const resources = scopes.size === 0 ? [""] : scopes.keys();
    for (const resource of resources) {
      const kept = (shelves.get(resource) ?? []).filter(
        (entry) => entry.token.renewAt > now && !coversScopes(scopes, entry.scopes),
      );
      shelves.set(resource, [...kept, { scopes, token }]);
    }
  }

  /** Forgets a token that was refused. */
  drop(audience: string, value: string): void {
    const shelves = this.#audiences.get(audience);
    if (shelves === undefined) return;
    for (const [resource, entries] of shelves) {
      const kept = entries.filter(({ token }) => token.value !== value);
      if (kept.length === 0) shelves.delete(resource);
      else if (kept.length < entries.length) shelves.set(resource, kept);
    }
  }
}

function shelfOf(wanted: ScopeSet): string {
  const [first] = wanted.keys();
  return first ?? "";
}
