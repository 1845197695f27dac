/** The body of a request on its way in. */
import type { IncomingMessage } from "node:http";

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
 * The body as it comes; the socket is read no faster than the bytes are taken. Only the time that the client keeps us
 * waiting counts as idle.
 *
 * @param signal ends the wait for bytes with its reason
 * @throws Refusal while it is read, where the client stops (408) or breaks off
 */
export async function* receive(
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
