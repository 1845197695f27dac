import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";

import { createMemoryCollection } from "../store/memory.ts";
import type { Bytes, Repository, RepositoryCollection } from "../store/store.ts";
import { startTestRegistry } from "./testing/registry.ts";

const digest = `sha256:${"0".repeat(64)}`;

/** A collection whose one blob claims to have `size` bytes and is made of what `open` gives. */
function collectionOf(size: number, open: () => Bytes): RepositoryCollection {
  const repository: Partial<Repository> = {
    statBlob: async () => ({ mediaType: "application/octet-stream", digest, size }),
    fetchBlob: async () => open(),
  };
  return { ...createMemoryCollection(), repository: () => repository as Repository };
}

function deferred() {
  let resolve = () => {};
  return { promise: new Promise<void>((settle) => (resolve = settle)), resolve: () => resolve() };
}

test("a client that stops reading holds up the store, and is cut in the end", async (t) => {
  const size = 1 << 30;
  const piece = 1 << 20;
  let produced = 0;
  const ended = deferred();
  async function* bytes() {
    try {
      for (; produced < size; produced += piece) yield new Uint8Array(piece);
    } finally {
      ended.resolve();
    }
  }
  const registry = await startTestRegistry(t, {
    collection: collectionOf(size, bytes),
    idleTimeout: 100,
  });
  const socket = connect(registry.port, "127.0.0.1");
  socket.on("error", () => {});
  socket.pause();
  socket.write(`GET /v2/a/blobs/${digest} HTTP/1.1\r\nhost: x\r\n\r\n`);
  await ended.promise;
  assert(produced < 64 << 20, `${produced} bytes were read for a client that takes none`);
  socket.destroy();
});

test("a client that does not read a large manifest is cut", async (t) => {
  const bytes = new Uint8Array(4 << 20);
  const descriptor = { mediaType: "application/json", digest, size: bytes.byteLength };
  const repository: Partial<Repository> = { fetchManifest: async () => ({ descriptor, bytes }) };
  const registry = await startTestRegistry(t, {
    collection: { ...createMemoryCollection(), repository: () => repository as Repository },
    idleTimeout: 100,
  });
  const socket = connect(registry.port, "127.0.0.1");
  socket.on("error", () => {});
  socket.pause();
  const one = `GET /v2/a/manifests/${digest} HTTP/1.1\r\nhost: x\r\n\r\n`;
  socket.write(one.repeat(16));
  await registry.idle();
  let received = 0;
  socket.on("data", (chunk: Buffer) => (received += chunk.byteLength));
  socket.resume();
  await once(socket, "close");
  assert(received < 16 * bytes.byteLength);
});

test("pieces are given back when they are written, and two are in use at most", async (t) => {
  const piece = 256 << 10;
  const count = 64;
  const inUse = new Set<Uint8Array>();
  let most = 0;
  let given = 0;
  const open = (): Bytes => ({
    async *[Symbol.asyncIterator]() {
      for (let n = 0; n < count; n++) {
        const chunk = new Uint8Array(piece).fill(n);
        inUse.add(chunk);
        most = Math.max(most, inUse.size);
        yield chunk;
      }
    },
    recycle(chunk) {
      assert(inUse.delete(chunk));
      given++;
      chunk.fill(255);
    },
  });
  const registry = await startTestRegistry(t, { collection: collectionOf(piece * count, open) });
  const answer = await registry.request("GET", `/v2/a/blobs/${digest}`);
  assert.equal(answer.body.length, piece * count);
  for (let n = 0; n < count; n++)
    assert(answer.body.subarray(n * piece, (n + 1) * piece).every((byte) => byte === n));
  assert.deepEqual([given, most], [count, 2]);
});

test("a blob that cannot be sent whole is cut, never padded or ended", async (t) => {
  async function* short() {
    yield new Uint8Array(10);
  }
  async function* broken() {
    yield new Uint8Array(10);
    throw new Error("the disk is gone");
  }
  async function* long() {
    yield new Uint8Array(10);
    yield new Uint8Array(1000);
  }
  for (const open of [short, broken, long]) {
    const failures: unknown[] = [];
    const registry = await startTestRegistry(t, {
      collection: collectionOf(100, open),
      onFailure: (failure) => failures.push(failure),
    });
    await assert.rejects(registry.request("GET", `/v2/a/blobs/${digest}`), open.name);
    assert.equal(failures.length, 1, open.name);
  }
});

test("a client that goes away frees the store", async (t) => {
  const ended = deferred();
  async function* endless() {
    try {
      for (;;) yield new Uint8Array(64 << 10);
    } finally {
      ended.resolve();
    }
  }
  const failures: unknown[] = [];
  const registry = await startTestRegistry(t, {
    collection: collectionOf(Number.MAX_SAFE_INTEGER, endless),
    onFailure: (failure) => failures.push(failure),
  });
  const socket = connect(registry.port, "127.0.0.1");
  socket.write(`GET /v2/a/blobs/${digest} HTTP/1.1\r\nhost: x\r\n\r\n`);
  await once(socket, "data");
  socket.destroy();
  await ended.promise;
  assert.deepEqual(failures, []);
});

test("requests in one packet are served one after another", async (t) => {
  let open = 0;
  let most = 0;
  async function* piece() {
    most = Math.max(most, ++open);
    try {
      yield new Uint8Array(1000);
    } finally {
      open--;
    }
  }
  const registry = await startTestRegistry(t, { collection: collectionOf(1000, piece) });
  const socket = connect(registry.port, "127.0.0.1");
  const one = `GET /v2/a/blobs/${digest} HTTP/1.1\r\nhost: x\r\n`;
  socket.write(`${one}\r\n`.repeat(100) + `${one}connection: close\r\n\r\n`);
  let answers = "";
  socket.on("data", (chunk: Buffer) => (answers += chunk.toString("latin1")));
  await once(socket, "close");
  assert.equal(answers.split("HTTP/1.1 200").length - 1, 101);
  assert.equal(most, 1);
});
