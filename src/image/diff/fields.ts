/** Two sets of fields side by side. */

/** A field that is not the same on both sides. Values are as they were written, in JSON. */
export interface FieldChange {
  /** `Cmd`; of what has names of its own `Env.PATH`, `Labels.org.example`. */
  readonly field: string;
  readonly change: "added" | "removed" | "changed";
  readonly from?: unknown;
  readonly to?: unknown;
}

/** Names with dots belong together by what stands before the dot. */
export type Fields = ReadonlyMap<string, unknown>;

/** What was changed, in the order of the first side, what belongs together in one place. */
export function compareFields(from: Fields, to: Fields): FieldChange[] {
  const groups = new Map<string, Set<string>>();
  for (const name of [...from.keys(), ...to.keys()]) {
    const group = name.split(".", 1)[0]!;
    groups.set(group, (groups.get(group) ?? new Set()).add(name));
  }
  const names = [...groups.values()].flatMap((group) => [...group]);
  return names.flatMap((field): FieldChange[] => {
    const [before, after] = [from.get(field), to.get(field)];
    if (!to.has(field)) return [{ field, change: "removed", from: before }];
    if (!from.has(field)) return [{ field, change: "added", to: after }];
    return same(before, after) ? [] : [{ field, change: "changed", from: before, to: after }];
  });
}

/** Whether two values are the same JSON, in whatever order their fields stand. */
function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [new Map(Object.entries(a)), new Map(Object.entries(b))];
  return left.size === right.size && [...left].every(([key, value]) => same(value, right.get(key)));
}
