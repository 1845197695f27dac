/** Tunnels through a proxy (RFC 9110, section 9.3.6). */
import { isIP, type Socket } from "node:net";
import { Failure } from "./failure.ts";
import type { Proxy } from "./proxy.ts";

/** Bytes of a proxy's answer. */
const headLimit = 16 * 1024;

/**
 * Asks the proxy at the other end of a socket to connect to a host.
 * @throws Failure where it does not; the signal's reason
 */
export function openTunnel(
  socket: Socket,
  host: { readonly hostname: string; readonly port: number },
  proxy: Proxy,
  signal: AbortSignal,
): Promise<void> {
  const name = isIP(host.hostname) === 6 ? `[${host.hostname}]` : host.hostname;
  const authority = `${name}:${host.port}`;
  return new Promise((resolve, reject) => {
    let head = "";
    const settle = (error?: unknown) => {
      socket.off("readable", read).off("error", settle).off("close", closed);
      signal.removeEventListener("abort", abort);
      if (error === undefined) {
        resolve();
        return;
      }
      socket.on("error", () => {});
      socket.destroy();
      reject(error);
    };
    const abort = () => settle(signal.reason);
    const closed = () => settle(new Failure("CONNECTION_FAILED", "connection closed by the host"));
    // Byte by byte at the end, so that nothing of what follows the head is taken from TLS.
    const read = () => {
      for (let byte: Buffer | null; (byte = socket.read(1) as Buffer | null) !== null;) {
        head += byte.toString("latin1");
        if (head.endsWith("\r\n\r\n")) {
          settle(refusal(head, authority));
          return;
        }
        if (head.length > headLimit) {
          settle(new Failure("CONNECTION_FAILED", "it does not speak HTTP"));
          return;
        }
      }
    };
    socket.on("readable", read).once("error", settle).once("close", closed);
    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) {
      abort();
      return;
    }
    const login = proxy.authorization ? `proxy-authorization: ${proxy.authorization}\r\n` : "";
    socket.write(`CONNECT ${authority} HTTP/1.1\r\nhost: ${authority}\r\n${login}\r\n`);
  });
}

/** Why the proxy declines, or undefined where it does not. */
function refusal(head: string, authority: string): Failure | undefined {
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1] ?? 0);
  if (status >= 200 && status < 300) return undefined;
  if (status === 0) return new Failure("CONNECTION_FAILED", "it does not speak HTTP");
  const hint =
    status === 407
      ? "Put user and password into the proxy's address, as the variable allows."
      : undefined;
  const repeatable = status === 502 || status === 503 || status === 504;
  const message = `it does not connect to ${authority} (${status})`;
  return new Failure("CONNECTION_FAILED", message, { repeatable, hint, unsent: true });
}
