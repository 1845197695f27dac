/** Who is behind a request, for logs that know only the request. */
import type { IncomingMessage } from "node:http";

const users = new WeakMap<IncomingMessage, string>();

export function noteUser(request: IncomingMessage, user: string): void {
  users.set(request, user);
}

/** The name of whoever has signed in; undefined for others. */
export function userOf(request: IncomingMessage): string | undefined {
  return users.get(request);
}
