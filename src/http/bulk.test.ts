import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, test } from "node:test";
import { createHttpClient } from "./client.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

async function serve(listener: (request: IncomingMessage, response: ServerResponse) => void) {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
}

function client() {
  const http = createHttpClient({ environment: {} });
  closing.push(() => http.close());
  return http;
}

/** Bytes that tell their place: each group of four is its own number. */
function pattern(size: number): Buffer {
  const bytes = Buffer.alloc(size);
  for (let at = 0; at + 4 <= size; at += 4) bytes.writeUInt32LE(at / 4, at);
  return bytes;
}

const whole = pattern(6 * 1024 * 1024 + 12);

function isPatternAt(chunk: Uint8Array, at: number): boolean {
  return Buffer.compare(chunk, whole.subarray(at, at + chunk.length)) === 0;
}

test("a large body arrives as it is, in memory that serves again, with a size or in chunks", async () => {
  const url = await serve((request, response) => {
    if (request.url === "/sized") response.setHeader("content-length", whole.length);
    for (let at = 0; at < whole.length;) {
      const step = 1 + ((at * 7919) % 300_000);
      response.write(whole.subarray(at, at + step));
      at += step;
    }
    response.end();
  });
  const http = client();
  for (const path of ["/sized", "/chunks"]) {
    for (const recycles of [true, false]) {
      const answer = await http.request({ method: "GET", url: new URL(path, url), bulk: true });
      const memory = new Set<ArrayBufferLike>();
      let at = 0;
      for await (const chunk of answer.body) {
        assert(isPatternAt(chunk, at), `${path} at ${at}`);
        at += chunk.length;
        memory.add(chunk.buffer);
        if (recycles) answer.body.recycle?.(chunk);
      }
      assert.equal(at, whole.length);
      if (recycles) assert(memory.size <= 4, `${memory.size} blocks`);
    }
  }
});

test("a slow reader slows the host down: what waits in memory does not grow with the body", async () => {
  let sent = 0;
  const block = Buffer.alloc(1024 * 1024);
  const url = await serve((_, response) => {
    const write = () => {
      while (sent < 400 * block.length) {
        sent += block.length;
        if (!response.write(block)) {
          response.once("drain", write);
          return;
        }
      }
      response.end();
    };
    write();
  });
  for (const bulk of [true, false]) {
    sent = 0;
    const answer = await client().request({ method: "GET", url, bulk });
    let settled = -1;
    while (settled !== sent) {
      settled = sent;
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    // The kernel's buffers on both sides, and ours.
    assert(sent < 40 * block.length, `${sent} bytes were sent to a reader who read none`);
    await answer.discard();
  }
});

test("a body that is left early takes its connection along, and the next request works", async () => {
  const url = await serve((_, response) => response.end(whole));
  const http = client();
  for (let i = 0; i < 3; i += 1) {
    const answer = await http.request({ method: "GET", url, bulk: true });
    for await (const chunk of answer.body) {
      assert(isPatternAt(chunk, 0));
      break;
    }
  }
});

test("several bodies at once do not mix", async () => {
  const url = await serve((_, response) => response.end(whole));
  const http = client();
  await Promise.all(
    Array.from({ length: 6 }, async () => {
      const answer = await http.request({ method: "GET", url, bulk: true });
      let at = 0;
      for await (const chunk of answer.body) {
        assert(isPatternAt(chunk, at));
        at += chunk.length;
        await new Promise((resolve) => setImmediate(resolve));
        assert(isPatternAt(chunk, at - chunk.length));
        answer.body.recycle?.(chunk);
      }
      assert.equal(at, whole.length);
    }),
  );
});
