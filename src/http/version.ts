/** The package's own version. */
import { readFileSync } from "node:fs";

/** As in package.json, which stands two folders above, in the source as in what is built from it. */
export const version: string = (
  JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
    version: string;
  }
).version;
