/** The order of answers on a connection. */
import type { ServerResponse } from "node:http";

/**
 * Waits until the answers before this one on the same connection are out. A client may send hundreds of requests in one
 * packet, and each answer that cannot go out yet would wait in memory. Where the connection ends first this never resolves.
 */
export function turnOf(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => response.once("socket", () => resolve()));
}
