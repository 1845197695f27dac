/** What a token permits (distribution, "Token Scope Documentation"). */

/** Actions on one resource of a registry. */
export interface Scope {
  readonly type: "repository" | "registry";
  /** Repository, or `catalog` for the type `registry`. */
  readonly name: string;
  /** `pull`, `push`, `delete`, `*` */
  readonly actions: readonly string[];
}

/**
 * Resources with the actions on each, in the order in which they are asked for.
 * The order matters: some registries honour only the first.
 */
export type ScopeSet = ReadonlyMap<string, ReadonlySet<string>>;

/** The scope set of what a caller asks for up front. */
export function scopeSet(scopes: readonly Scope[]): ScopeSet {
  return mergeScopes(
    ...scopes.map(({ type, name, actions }) => new Map([[`${type}:${name}`, new Set(actions)]])),
  );
}

/**
 * Reads the `scope` of a challenge: words, each `TYPE:NAME:ACTION,…`; a name may hold a host and port.
 * A word of another form (`*` at Codeberg) is kept as it is, as a resource without actions.
 */
export function parseScopes(text: string): ScopeSet {
  const words = text.split(/\s+/).filter((word) => word !== "");
  return mergeScopes(
    ...words.map((word) => {
      const first = word.indexOf(":");
      const last = word.lastIndexOf(":");
      if (first === last) return new Map([[word, new Set<string>()]]);
      const actions = word.slice(last + 1).split(",");
      return new Map([[word.slice(0, last), new Set(actions.filter((action) => action !== ""))]]);
    }),
  );
}

/** All of several sets; resources of the earlier come first. */
export function mergeScopes(...sets: readonly ScopeSet[]): ScopeSet {
  const merged = new Map<string, Set<string>>();
  for (const set of sets) {
    for (const [resource, actions] of set) {
      const known = merged.get(resource);
      if (known === undefined) merged.set(resource, new Set(actions));
      else for (const action of actions) known.add(action);
    }
  }
  return merged;
}

/** Whether a token asked for with `have` serves whoever needs `want`. */
export function coversScopes(have: ScopeSet, want: ScopeSet): boolean {
  for (const [resource, actions] of want) {
    const known = have.get(resource);
    if (known === undefined) return false;
    for (const action of actions) if (!known.has(action)) return false;
  }
  return true;
}

/** The words of a set as a token service reads them, `repository:a/b:pull,push`. */
export function formatScopes(set: ScopeSet): string[] {
  return [...set].map(([resource, actions]) =>
    actions.size === 0 ? resource : `${resource}:${[...actions].join(",")}`,
  );
}
