/** Tokens in use, by whom they were made for and what they permit. */
import { coversScopes, type ScopeSet } from "./scope.ts";
import type { Token } from "./token.ts";

interface Entry {
  readonly scopes: ScopeSet;
  readonly token: Token;
}

/** Registries are few, but a hostile one may name another token service each time. */
const audienceLimit = 256;
/** Resources of one audience; a process that runs for months meets many repositories. */
const resourceLimit = 4096;

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
    if (shelves === undefined) {
      makeRoom(this.#audiences, audienceLimit);
      this.#audiences.set(audience, (shelves = new Map()));
    }
    const resources = scopes.size === 0 ? [""] : scopes.keys();
    for (const resource of resources) {
      const kept = (shelves.get(resource) ?? []).filter(
        (entry) => entry.token.renewAt > now && !coversScopes(scopes, entry.scopes),
      );
      // Set anew, it stands at the end: the first is the oldest.
      shelves.delete(resource);
      makeRoom(shelves, resourceLimit);
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

/** Forgets the oldest; a token that is missed is asked for again. */
function makeRoom(map: Map<string, unknown>, limit: number): void {
  const [oldest] = map.keys();
  if (oldest !== undefined && map.size >= limit) map.delete(oldest);
}

function shelfOf(wanted: ScopeSet): string {
  const [first] = wanted.keys();
  return first ?? "";
}
