/** Waits for connections. */
import type { Socket } from "node:net";
import { Failure } from "./failure.ts";

/**
 * Waits until a socket is connected.
 * @throws what the socket emits as its error, or the signal's reason
 */
export function ready<Kind extends Socket>(
  socket: Kind,
  event: "connect" | "secureConnect",
  signal: AbortSignal,
): Promise<Kind> {
  return new Promise((resolve, reject) => {
    const settle = (error?: unknown) => {
      socket.off("error", settle).off("close", closed).off(event, settle);
      signal.removeEventListener("abort", abort);
      if (error === undefined) {
        resolve(socket);
        return;
      }
      socket.on("error", () => {});
      socket.destroy();
      reject(error);
    };
    const closed = () => settle(new Failure("CONNECTION_FAILED", "connection closed by the host"));
    const abort = () => settle(signal.reason);
    socket
      .once("error", settle)
      .once("close", closed)
      .once(event, () => settle());
    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) abort();
  });
}
