import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, get, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { after, test } from "node:test";

import fc from "fast-check";

import { type Change, changeAnswer } from "./answer.ts";

let answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
const server = createServer((request, response) => void answer(request, response));
server.listen(0, "127.0.0.1");
await once(server, "listening");
after(() => {
  server.closeAllConnections();
  server.close();
});

/** What a client gets of chunks that were written under a change. */
async function through(chunks: readonly Uint8Array[], change: Change, sized: boolean) {
  answer = async (request, response) => {
    const ended = new AbortController();
    response.once("close", () => ended.abort(new Error("the connection has ended")));
    changeAnswer({ request, response, signal: ended.signal }, change);
    const length = chunks.reduce((sum, { byteLength }) => sum + byteLength, 0);
    response.writeHead(200, sized ? { "Content-Length": length } : {});
    for (const chunk of chunks)
      if (!(await new Promise((done) => response.write(chunk, (error) => done(!error))))) return;
    response.end();
  };
  const { port } = server.address() as AddressInfo;
  const asked = get({ port, host: "127.0.0.1", agent: false });
  // A reset may be seen by the request, by the answer, or by both.
  asked.on("error", () => {});
  const got: Buffer[] = [];
  try {
    const [response] = (await once(asked, "response")) as [IncomingMessage];
    for await (const chunk of response) got.push(chunk as Buffer);
    return { bytes: Buffer.concat(got), whole: true };
  } catch {
    return { bytes: Buffer.concat(got), whole: false };
  }
}

const bodies = fc.array(fc.uint8Array({ minLength: 1, maxLength: 3000 }), { maxLength: 6 });

test("however a body is written, what comes out is its beginning, and no chunk is touched", async () => {
  await fc.assert(
    fc.asyncProperty(
      bodies,
      fc.nat(12_000),
      fc.boolean(),
      fc.constantFrom("complete", "end", "reset"),
      async (chunks, limit, sized, ending) => {
        const sent = Buffer.concat(chunks);
        const { bytes, whole } = await through(chunks, { limit: () => limit, ending }, sized);
        const cut = sized ? limit < sent.length : limit <= sent.length;
        if (ending === "complete" || !cut) assert.equal(whole, true);
        const beginning = sent.subarray(0, Math.min(limit, sent.length));
        // A reset takes with it what is still on its way.
        const wanted = whole || ending === "end" ? beginning : beginning.subarray(0, bytes.length);
        assert(bytes.equals(wanted));
        assert(sent.equals(Buffer.concat(chunks)));
      },
    ),
    { numRuns: 60 },
  );
});

test("a slow body is the same body", async () => {
  await fc.assert(
    fc.asyncProperty(bodies, fc.boolean(), async (chunks, sized) => {
      const { bytes, whole } = await through(chunks, { pace: 2_000_000 }, sized);
      assert(whole && bytes.equals(Buffer.concat(chunks)));
    }),
    { numRuns: 20 },
  );
});

test("a body that one byte is changed in differs in that byte, wherever chunks begin", async () => {
  await fc.assert(
    fc.asyncProperty(bodies, fc.nat(9000), async (chunks, place) => {
      const bytes = (chunk: Buffer, at: number) => {
        if (place >= at && place < at + chunk.byteLength) chunk[place - at]! ^= 1;
      };
      const got = await through(chunks, { bytes }, true);
      const wanted = Buffer.concat(chunks);
      if (place < wanted.length) wanted[place]! ^= 1;
      assert(got.whole && got.bytes.equals(wanted));
    }),
    { numRuns: 40 },
  );
});
