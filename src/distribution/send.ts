/** A blob's bytes on their way out. */
import { WharfError } from "../errors.ts";
import type { Bytes } from "../http/bytes.ts";
import type { Exchange } from "./exchange.ts";

/**
 * Sends `size` bytes, no faster than the client takes them: one piece is on its way to the socket while the next is read.
 * Where they cannot all be sent the connection is cut, which is the only way to tell the client.
 */
export async function send(exchange: Exchange, bytes: Bytes, size: number): Promise<void> {
  const { response, signal } = exchange;
  // The socket's own time-out sees the progress inside of a large write, which no counter here could.
  response.setTimeout(exchange.idleTimeout, () => response.destroy());
  const write = (chunk: Uint8Array) =>
    new Promise<void>((resolve, reject) => {
      response.write(chunk, (error) => (error ? reject(error) : resolve()));
    });

  let sent = 0;
  let writing: Promise<void> | undefined;
  try {
    for await (const chunk of bytes) {
      await writing;
      sent += chunk.byteLength;
      if (sent > size || signal.aborted) break;
      writing = write(chunk).finally(() => bytes.recycle?.(chunk));
      // It is awaited above or below; until then a failure must not count as unhandled.
      writing.catch(() => {});
    }
    await writing;
  } catch (error) {
    response.destroy();
    if (signal.aborted || response.errored) return;
    throw error;
  }
  if (sent !== size) {
    response.destroy();
    if (signal.aborted) return;
    throw new WharfError("SIZE_MISMATCH", `A blob of ${size} bytes ended after ${sent}`);
  }
  response.setTimeout(0);
  response.end();
}
