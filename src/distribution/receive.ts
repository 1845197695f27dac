/** The body of a request on its way in. */
import type { IncomingMessage } from "node:http";

import type { Bytes } from "../http/bytes.ts";
import type { Exchange } from "./exchange.ts";
import { Refusal } from "./refusal.ts";

/** Bytes that may wait for whoever stores them before the socket is left unread. */
const window = 1 << 20;

/** Whether the request's head announces a body. */
export function hasBody({ headers }: IncomingMessage): boolean {
  return (
    headers["transfer-encoding"] !== undefined ||
    (headers["content-length"] !== undefined && headers["content-length"] !== "0")
  );
}

/**
 * The body as it comes, for whoever gives its chunks back once they are stored: the collector lets 64 MiB of them gather
 * before it looks, for each large body that comes at the same time.
 *
 * @param signal ends the wait for bytes with its reason
 * @throws Refusal while it is read, where the client stops (408) or breaks off
 */
export function receive(exchange: Exchange, signal?: AbortSignal): Bytes {
  const chunks = read(exchange, signal);
  return { [Symbol.asyncIterator]: () => chunks, recycle: free };
}

/** Node has it; the types of ECMAScript 2023 do not know it yet. */
type Transferable = ArrayBuffer & { transfer(length: number): ArrayBuffer };

/** Frees a chunk that has its memory for itself; what is small shares some with others. */
function free({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength)
    (buffer as Transferable).transfer(0);
}

/**
 * The body as it comes; the socket is read no faster than the bytes are taken. Only the time that the client keeps us
 * waiting counts as idle.
 */
async function* read(
  exchange: Exchange,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { request, idleTimeout } = exchange;
  exchange.welcomeBody();
  const queue: Uint8Array[] = [];
  let queued = 0;
  let over = false;
  let failure: unknown;
  let wake: (() => void) | undefined;

  const onData = (chunk: Uint8Array) => {
    queue.push(chunk);
    queued += chunk.byteLength;
    if (queued >= window) request.pause();
    wake?.();
  };
  const onEnd = () => {
    over = true;
    wake?.();
  };
  const fail = (message: string, status?: number) => {
    failure ??= new Refusal("BLOB_UPLOAD_INVALID", message, status ? { status } : {});
    wake?.();
  };
  const onAbort = () => {
    failure ??= signal?.reason;
    wake?.();
  };
  const onBreak = () => fail("the client broke off its request");
  // One timer a body: set back when a wait begins, without effect when it strikes while nobody waits.
  const timer = setTimeout(() => {
    if (wake) fail(`no byte of the body for ${idleTimeout / 1000} s`, 408);
  }, idleTimeout);

  signal?.addEventListener("abort", onAbort);
  if (signal?.aborted) onAbort();
  request.on("data", onData).once("end", onEnd).once("error", onBreak).once("close", onBreak);
  try {
    for (;;) {
      const chunk = queue.shift();
      if (chunk) {
        queued -= chunk.byteLength;
        if (queued < window / 2 && request.isPaused()) request.resume();
        yield chunk;
      } else if (over) return;
      else if (failure) throw failure;
      else {
        timer.refresh();
        await new Promise<void>((resolve) => (wake = resolve));
        wake = undefined;
      }
    }
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
    request.off("data", onData).off("end", onEnd).off("error", onBreak).off("close", onBreak);
    request.pause();
  }
}
