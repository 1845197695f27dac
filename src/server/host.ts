/** Which names a server answers to. */
import { isLoopback } from "../reference/hosts.ts";

/**
 * Whether a `Host` field is one that a server on the loopback interface accepts. A web page elsewhere can let its own name
 * point to 127.0.0.1 and so have a browser talk to us (DNS rebinding), but the browser sends that name.
 *
 * @param field absent in HTTP/1.0, which no browser speaks
 * @param names further names that are right, such as the one that the server was told to bind to
 */
export function acceptsHost(field: string | undefined, names: readonly string[]): boolean {
  if (field === undefined) return true;
  const host = field.trim().replace(/:\d*$/, "").toLowerCase();
  return isLoopback(host) || names.some((name) => name.toLowerCase() === host);
}
