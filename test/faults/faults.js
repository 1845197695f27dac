/** Resets the connection after so many bytes of the answer's body. */
export const cutAnswer = (bytes) => ({ limit: () => bytes, ending: "reset" });
/** Ends the connection in good order, but too early. */
export const endAnswer = (bytes) => ({ limit: () => bytes, ending: "end" });
/** Stops in the middle of the answer's body. */
export const stallAnswer = (bytes) => ({ limit: () => bytes, ending: "stall" });
/** Breaks the connection after so many bytes of the request's body. */
export const cutRequest = (bytes) => ({ cutRequest: bytes });
/** Lets the registry finish, and breaks the connection in place of its answer. */
export const lost = { lost: true };
/** Reads the request, and never answers. */
export const silent = { instead: (request) => void request.resume() };
/** Takes the request's head, and reads no byte of its body. */
export const deaf = { instead: () => {} };
/** Answers in place of the registry. Objects become JSON. */
export function answers(status, { headers = {}, body = "" } = {}) {
  const plain = typeof body === "string" || Buffer.isBuffer(body);
  const bytes = plain ? Buffer.from(body) : Buffer.from(JSON.stringify(body));
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
export const redirects = (location, status = 307) => answers(status, { headers: { location } });
/** Begins an answer whose body never ends. */
export function endless(status = 200, headers = {}) {
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
export const rewritten = (fields) => ({
  head({ status, headers }) {
    const changed = { ...headers, ...fields };
    for (const [name, value] of Object.entries(changed))
      if (value === undefined) delete changed[name];
    return { status, headers: changed };
  },
});
/** Flips one bit of the answer's body. */
export const corrupted = (offset) => ({
  body(chunk, at) {
    if (offset < at || offset >= at + chunk.length) return chunk;
    const copy = Buffer.from(chunk);
    copy[offset - at] ^= 1;
    return copy;
  },
});
/** Puts another body in the place of the answer's, under its head but for the length. */
export const replaced = (body, fields = {}) => ({
  head: ({ status, headers }) => ({
    status,
    headers: { ...headers, "content-length": String(Buffer.byteLength(body)), ...fields },
  }),
  body: (_, at) => (at === 0 ? Buffer.from(body) : Buffer.alloc(0)),
});
