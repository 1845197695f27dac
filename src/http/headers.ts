/** Header fields of an answer. */
import type { HttpHeaders } from "./http.ts";

/** Wraps header lines as they came, in order. */
export function createHeaders(lines: readonly (readonly [string, string])[]): HttpHeaders {
  const byName = new Map<string, string[]>();
  for (const [name, value] of lines) {
    const key = name.toLowerCase();
    const values = byName.get(key);
    if (values) values.push(value);
    else byName.set(key, [value]);
  }
  return {
    get: (name) => byName.get(name.toLowerCase())?.join(", "),
    getAll: (name) => byName.get(name.toLowerCase()) ?? [],
    *entries() {
      for (const [name, values] of byName) for (const value of values) yield [name, value];
    },
  };
}
