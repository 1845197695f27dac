/** Where what can be found out again is kept. */
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

/** The folder for caches: XDG Base Directory Specification 0.8, which has relative paths ignored. It may not exist yet. */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const given = environment["XDG_CACHE_HOME"] ?? "";
  return join(isAbsolute(given) ? given : join(homedir(), ".cache"), "wharfinger");
}
