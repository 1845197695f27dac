/** JSON from strangers: refused before it is parsed where it is nested too deeply or says a thing twice. */

/**
 * What `scanJson` found wrong. `JSON.parse` would take the last of two equal keys, others the first: a document that
 * means different things to different readers is no good, whatever its digest.
 */
export type JsonComplaint =
  | { readonly kind: "depth" }
  | { readonly kind: "duplicate"; readonly key: string };

const quote = 0x22;
const backslash = 0x5c;

/**
 * Looks through JSON in one pass without recursion. It does not check the grammar: `JSON.parse` does.
 *
 * @param depth levels of arrays and objects that are allowed
 * @returns undefined where there is nothing to complain about
 */
export function scanJson(bytes: Uint8Array, depth: number): JsonComplaint | undefined {
  const keys = new Set<string>();
  let level = 0;
  let isTopObject = false;
  let expectsKey = false;
  for (let at = 0; at < bytes.length; at++) {
    switch (bytes[at]) {
      case quote: {
        const end = endOfString(bytes, at + 1);
        if (level === 1 && expectsKey) {
          const key = readString(bytes.subarray(at, end + 1));
          if (keys.has(key)) return { kind: "duplicate", key };
          keys.add(key);
          expectsKey = false;
        }
        at = end;
        break;
      }
      case 0x5b: // [
      case 0x7b: // {
        if (++level > depth) return { kind: "depth" };
        if (level === 1) expectsKey = isTopObject = bytes[at] === 0x7b;
        break;
      case 0x5d: // ]
      case 0x7d: // }
        level--;
        break;
      case 0x2c: // ,
        expectsKey = isTopObject && level === 1;
    }
  }
  return undefined;
}

function endOfString(bytes: Uint8Array, from: number): number {
  for (let at = from; at < bytes.length; at++) {
    if (bytes[at] === backslash) at++;
    else if (bytes[at] === quote) return at;
  }
  return bytes.length;
}

/** A key, its escapes resolved: `"l\u0061yers"` is `layers`. */
function readString(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes);
  try {
    return String(JSON.parse(text));
  } catch {
    return text;
  }
}
