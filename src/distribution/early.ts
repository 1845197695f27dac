/** Answers to requests whose body nobody wants. */
import type { IncomingMessage } from "node:http";

import type { Exchange } from "./exchange.ts";
import { hasBody } from "./receive.ts";

/** A body that is drained, so that the connection serves again. */
const shortBody = 64 << 10;
/** What is read of a longer one, in bytes and milliseconds, so that the client comes to read our answer. */
const lingerBytes = 4 << 20;
const lingerTime = 2000;

/**
 * Answers a request whose body may still be on its way. Of a long one only a part is read: to close at once would reset the
 * connection, and with it the answer that the client has not read yet.
 */
export async function answerEarly(
  exchange: Exchange,
  status: number,
  headers: Readonly<Record<string, string | number>>,
  body: Uint8Array,
): Promise<void> {
  const { request, response } = exchange;
  const length = Number(request.headers["content-length"] ?? Infinity);
  const unread = hasBody(request) && !request.complete && !request.destroyed;
  // Without leave the body may come or not, so that nobody could tell it from the next request.
  const uncertain = unread && exchange.bodyUnwelcome;
  if (!unread || (length <= shortBody && !uncertain)) {
    request.resume();
    response.writeHead(status, headers);
    response.end(request.method === "HEAD" ? undefined : body);
    return;
  }
  response.writeHead(status, { ...headers, connection: "close" });
  response.write(body);
  if (!uncertain) await linger(request);
  response.end();
}

function linger(request: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    let left = lingerBytes;
    const done = () => {
      clearTimeout(timer);
      request.off("data", onData).off("end", done).off("close", done);
      resolve();
    };
    const onData = (chunk: Uint8Array) => {
      left -= chunk.byteLength;
      if (left < 0) done();
    };
    const timer = setTimeout(done, lingerTime);
    request.on("data", onData).once("end", done).once("close", done);
    request.resume();
  });
}
