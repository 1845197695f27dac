/** The faults that tests put into a {@link FaultProxy}. */
import type { OutgoingHttpHeaders } from "node:http";

import type { Fault } from "./fault-proxy.ts";

/** Resets the connection after so many bytes of the answer's body. */
export const cutAnswer = (bytes: number): Fault => ({ limit: () => bytes, ending: "reset" });

/** Ends the connection in good order, but too early. */
export const endAnswer = (bytes: number): Fault => ({ limit: () => bytes, ending: "end" });

/** Stops in the middle of the answer's body. */
export const stallAnswer = (bytes: number): Fault => ({ limit: () => bytes, ending: "stall" });

/** Breaks the connection after so many bytes of the request's body. */
export const cutRequest = (bytes: number): Fault => ({ cutRequest: bytes });

/** Lets the registry finish, and breaks the connection in place of its answer. */
export const lost: Fault = { lost: true };

/** Reads the request, and never answers. */
export const silent: Fault = { instead: (request) => void request.resume() };

/** Takes the request's head, and reads no byte of its body. */
export const deaf: Fault = { instead: () => {} };

/** Answers in place of the registry. Objects become JSON. */
export function answers(
  status: number,
  {
    headers = {},
    body = "",
  }: { headers?: OutgoingHttpHeaders; body?: string | Buffer | object } = {},
): Fault {
  const plain = typeof body === "string" || Buffer.isBuffer(body);
  const bytes = plain ? Buffer.from(body as string) : Buffer.from(JSON.stringify(body));
  const type = plain ? {} : { "content-type": "application/json" };
  return {
    instead(request, response) {
      request.resume();
      response.writeHead(status, { "content-length": bytes.length, ...type, ...headers });
      response.end(request.method === "HEAD" ? undefined : bytes);
    },
  };
}

/** Redirects every request to `location`. */
export const redirects = (location: string, status = 307): Fault =>
  answers(status, { headers: { location } });

/** Begins an answer whose body never ends. */
export function endless(status = 200, headers: OutgoingHttpHeaders = {}): Fault {
  return {
    instead(request, response) {
      request.resume();
      response.writeHead(status, headers);
      if (request.method === "HEAD") return void response.end();
      const chunk = Buffer.alloc(64 * 1024, "x");
      const more = () => {
        while (!response.destroyed && response.write(chunk));
        if (!response.destroyed) response.once("drain", more);
      };
      more();
    },
  };
}

/** Sets fields of the answer's head; undefined takes one away. */
export const rewritten = (fields: Readonly<Record<string, string | undefined>>): Fault => ({
  head({ status, headers }) {
    const changed = { ...headers, ...fields };
    for (const [name, value] of Object.entries(changed))
      if (value === undefined) delete changed[name];
    return { status, headers: changed };
  },
});

/** Flips one bit of the answer's body. */
export const corrupted = (offset: number): Fault => ({
  body(chunk, at) {
    if (offset < at || offset >= at + chunk.length) return chunk;
    const copy = Buffer.from(chunk);
    copy[offset - at]! ^= 1;
    return copy;
  },
});

/** Puts another body in the place of the answer's, under its head but for the length. */
export const replaced = (
  body: Buffer | string,
  fields: Readonly<Record<string, string>> = {},
): Fault => ({
  head: ({ status, headers }) => ({
    status,
    headers: { ...headers, "content-length": String(Buffer.byteLength(body)), ...fields },
  }),
  body: (_, at) => (at === 0 ? Buffer.from(body) : Buffer.alloc(0)),
});
