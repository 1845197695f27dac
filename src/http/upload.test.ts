import assert from "node:assert/strict";
import { createServer, type Server, type Socket } from "node:net";
import { afterEach, test } from "node:test";
import { type Pair, type ScriptedServer, startScriptedServer } from "../../test/scripted-server.ts";
import type { Bytes } from "./bytes.ts";
import { createHttpClient, type HttpClientOptions } from "./client.ts";
import type { StreamBody } from "./http.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

async function serve(...script: Pair[]): Promise<ScriptedServer> {
  const server = await startScriptedServer(script);
  closing.push(() => server.close());
  return server;
}

/** A server that does with its sockets what it wants. */
async function serveRaw(onSocket: (socket: Socket) => void): Promise<URL> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return new URL(`http://127.0.0.1:${(server.address() as { port: number }).port}/`);
}

function client(options: HttpClientOptions = {}) {
  const http = createHttpClient({ backoff: { base: 1, cap: 5 }, environment: {}, ...options });
  closing.push(() => http.close());
  return http;
}

/** A body of chunks that counts what is done with it. */
function bodyOf(chunks: () => Iterable<Uint8Array>, more: Partial<StreamBody> = {}) {
  const counts = {
    opened: 0,
    given: 0,
    recycled: 0,
    left: false,
    signal: undefined as AbortSignal | undefined,
  };
  const body: StreamBody = {
    replayable: true,
    async open(options): Promise<Bytes> {
      counts.opened += 1;
      counts.signal = options?.signal;
      async function* give() {
        try {
          for (const chunk of chunks()) {
            counts.given += 1;
            yield chunk;
          }
        } finally {
          counts.left = true;
        }
      }
      const iterator = give();
      return {
        [Symbol.asyncIterator]: () => iterator,
        recycle: () => void (counts.recycled += 1),
      };
    },
    ...more,
  };
  return { body, counts };
}

function* endless(): Generator<Uint8Array> {
  for (;;) yield Buffer.alloc(1024 * 1024, 1);
}

const put = (path: string, answer: Pair["answer"], times?: number): Pair => ({
  request: { method: "PUT", path },
  answer,
  ...(times !== undefined && { times }),
});

test("a stream is sent with its size, or in chunks where that is not known", async () => {
  const server = await serve(put("/", { status: 201 }));
  const pieces = [Buffer.from("ab"), Buffer.alloc(0), Buffer.alloc(700_000, 3), Buffer.from("z")];
  for (const size of [700_003, undefined]) {
    const { body, counts } = bodyOf(() => pieces, size === undefined ? {} : { size });
    const answer = await client().request({ method: "PUT", url: server.url, body });
    assert.equal(answer.status, 201);
    const got = server.requests.at(-1);
    assert.deepEqual(got?.body, Buffer.concat(pieces));
    assert.equal(got?.headers["content-length"], size === undefined ? undefined : "700003");
    assert.equal(got?.headers["transfer-encoding"], size === undefined ? "chunked" : undefined);
    assert.equal(counts.recycled, 3);
  }
});

test("nothing, a little and a lot in one piece of memory arrive as they are", async () => {
  const server = await serve(put("/", { status: 201 }));
  const http = client();
  for (const size of [0, 1, 262_144, 262_145, 3_000_000]) {
    const body = Buffer.alloc(size, size);
    await http.request({ method: "PUT", url: server.url, body });
    assert.deepEqual(server.requests.at(-1)?.body, body);
    assert.equal(server.requests.at(-1)?.headers["content-length"], String(size));
  }
  assert.equal(server.connections, 1);
});

test("a body is opened again for each try", async () => {
  const server = await serve(
    put("/", { status: 503 }, 1),
    put("/", { fault: "lost" }, 1),
    put("/", { status: 201 }),
  );
  const { body, counts } = bodyOf(() => [Buffer.from("content")], { size: 7 });
  assert.equal((await client().request({ method: "PUT", url: server.url, body })).status, 201);
  assert.equal(counts.opened, 3);
  assert.equal(server.requests.at(-1)?.body.toString(), "content");
});

test("a body that cannot be replayed is never sent twice", async () => {
  const server = await serve(put("/busy", { status: 503 }), put("/lost", { fault: "lost" }));
  const send = (path: string) => {
    const { body } = bodyOf(() => [Buffer.from("once")], { replayable: false });
    return client().request({ method: "PUT", url: new URL(path, server.url), body });
  };
  assert.equal((await send("/busy")).status, 503);
  await assert.rejects(send("/lost"), { code: "CONNECTION_FAILED" });
  assert.equal(server.requests.length, 2);
});

test("a body that was not touched yet may be sent once the host is there", async () => {
  const gone = await serve();
  await gone.close();
  const { body, counts } = bodyOf(() => [Buffer.from("once")], { replayable: false });
  const http = client({ retries: 2 });
  const request = { method: "PATCH", url: gone.url, body } as const;
  await assert.rejects(http.request(request), { message: /connection refused \(tried 3 times\)$/ });
  assert.equal(counts.opened, 0);
});

test("a refusal that comes while the body is being sent ends the sending", async () => {
  const url = await serveRaw((socket) => {
    socket.once("data", () => {
      socket.pause();
      socket.write("HTTP/1.1 413 Too Large\r\ncontent-length: 5\r\n\r\nlarge");
    });
  });
  for (const bulk of [false, true]) {
    const { body, counts } = bodyOf(endless, bulk ? { size: 2 ** 40 } : {});
    const answer = await client().request({ method: "PATCH", url, body, bulk });
    assert.equal(answer.status, 413);
    assert.equal(await answer.text(100), "large");
    assert(counts.left);
    assert(counts.given < 100);
    assert(counts.signal?.aborted);
  }
});

test("a refusal is read although the host closes at once", async () => {
  const url = await serveRaw((socket) => {
    socket.once("data", () => {
      socket.end("HTTP/1.1 401 Unauthorized\r\nconnection: close\r\ncontent-length: 2\r\n\r\nno");
    });
  });
  const { body } = bodyOf(endless);
  const answer = await client().request({ method: "PATCH", url, body });
  assert.equal(answer.status, 401);
  assert.equal(await answer.text(100), "no");
});

test("a host that stops reading is noticed, whatever is sent", async () => {
  const url = await serveRaw((socket) => socket.pause());
  const http = client({ idleTimeout: 50, headersTimeout: 60_000, retries: 0 });
  for (const size of [2 ** 40, undefined]) {
    const { body, counts } = bodyOf(endless, { size });
    await assert.rejects(http.request({ method: "PATCH", url, body }), {
      code: "TIMEOUT",
      message: `PATCH ${url.href}: host has read nothing for 0.05 s`,
    });
    assert(counts.left);
  }
  const large = http.request({ method: "PUT", url, body: Buffer.alloc(64 * 1024 * 1024) });
  await assert.rejects(large, { code: "TIMEOUT" });
});

test("a source may be slower than the host is allowed to be", async () => {
  const server = await serve(put("/", { status: 201 }));
  const body: StreamBody = {
    replayable: false,
    async open() {
      return (async function* () {
        for (let i = 0; i < 3; i += 1) {
          await new Promise((resolve) => setTimeout(resolve, 60));
          yield Buffer.from("slow");
        }
      })();
    },
  };
  const http = client({ idleTimeout: 20, headersTimeout: 1000, retries: 0 });
  assert.equal((await http.request({ method: "PUT", url: server.url, body })).status, 201);
});

test("what goes wrong in the source comes out as it is, and is not tried again", async () => {
  const server = await serve(put("/", { status: 201 }));
  const http = client();
  const { body: failing, counts } = bodyOf(function* () {
    yield Buffer.from("some");
    throw Object.assign(new Error("disk gone"), { code: "EIO" });
  });
  await assert.rejects(
    http.request({ method: "PUT", url: server.url, body: failing }),
    /^Error: disk gone$/,
  );
  assert.equal(counts.opened, 1);
  const closed: StreamBody = {
    replayable: true,
    open: () => Promise.reject(new Error("no such file")),
  };
  await assert.rejects(
    http.request({ method: "PUT", url: server.url, body: closed }),
    /no such file/,
  );
  assert.equal(server.requests.length, 0);
});

test("a body of another size than announced is never passed off as whole", async () => {
  const server = await serve(put("/", { status: 201 }));
  for (const size of [3, 5]) {
    const { body } = bodyOf(() => [Buffer.from("1234")], { size });
    await assert.rejects(client().request({ method: "PUT", url: server.url, body }), {
      code: "SIZE_MISMATCH",
    });
  }
  assert.equal(server.requests.length, 0);
});

test("the caller's signal ends an upload, and its source", async () => {
  const url = await serveRaw((socket) => socket.resume());
  const { body, counts } = bodyOf(endless);
  const abort = new AbortController();
  const sent = client().request({ method: "PATCH", url, body, signal: abort.signal });
  setTimeout(() => abort.abort(), 20);
  await assert.rejects(sent, { code: "INTERRUPTED" });
  assert(counts.signal?.aborted);
  await new Promise((resolve) => setImmediate(resolve));
  assert(counts.left);
});

test("memory of a chunk is given back only when it has been written", async () => {
  const url = await serveRaw((socket) => {
    let size = 0;
    socket.on("data", (bytes: Buffer) => {
      size += bytes.length;
      if (size < 64 * 1024 * 1024) return;
      socket.end("HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n");
    });
  });
  const free: Uint8Array[] = Array.from({ length: 4 }, () => Buffer.alloc(1024 * 1024));
  const waiting: (() => void)[] = [];
  async function* give() {
    for (let i = 0; i < 64; i += 1) {
      if (free.length === 0) await new Promise<void>((resolve) => waiting.push(resolve));
      yield free.pop() ?? assert.fail("given back too early");
    }
  }
  const iterator = give();
  const bytes: Bytes = {
    [Symbol.asyncIterator]: () => iterator,
    recycle(chunk) {
      free.push(chunk);
      waiting.shift()?.();
    },
  };
  const body = { replayable: false, size: 64 * 1024 * 1024, open: () => Promise.resolve(bytes) };
  assert.equal((await client().request({ method: "PUT", url, body })).status, 201);
});

test("a time-out of Infinity ends nothing", async () => {
  const server = await serve(put("/", { body: "hello" }));
  const time = Infinity;
  const http = client({ connectTimeout: time, headersTimeout: time, idleTimeout: time });
  const body = Buffer.from("content");
  const answer = await http.request({ method: "PUT", url: server.url, body });
  assert.equal(await answer.text(100), "hello");
});
