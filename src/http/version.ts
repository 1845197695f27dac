/** The package's own version. */
import { readFileSync } from "node:fs";

let known: string | undefined;

/** As in package.json, which stands two folders above, in the source as in what is built from it. */
export function version(): string {
  if (known === undefined) {
    const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
    known = (JSON.parse(text) as { version: string }).version;
  }
  return known;
}
