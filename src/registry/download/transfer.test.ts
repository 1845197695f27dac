import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { setImmediate as turn } from "node:timers/promises";

import { WharfError } from "../../errors.ts";
import type { Descriptor } from "../../reference/descriptor.ts";
import { createDigester } from "../../store/digester.ts";
import type { Cancellable, Range } from "../../store/store.ts";
import { blobOf } from "../testing/remote.ts";
import type { Advice } from "./growth.ts";
import { Hashing } from "./hashing.ts";
import { Part } from "./part.ts";
import { Transfer } from "./transfer.ts";

const blob = blobOf(2_000_000);
const { descriptor, bytes } = blob;
const chunk = 20_000;

interface StoreOptions {
  /** Connections that must have been there before the store gives more than a quarter. */
  readonly want?: number;
  /** Whether a connection fails while others are open. */
  readonly refuse?: (others: number) => boolean;
}

/** A store whose connections take turns. */
function storeOf({ want = 1, refuse = () => false }: StoreOptions = {}) {
  const asked: { start: number; read: number }[] = [];
  const given = () => asked.reduce((sum, { read }) => sum + read, 0);
  const store = {
    open: 0,
    most: 0,
    asked,
    async fetchBlob(
      _: Descriptor,
      { offset = 0, length = Infinity, signal }: Range & Cancellable = {},
    ) {
      const about = { start: offset, read: 0 };
      asked.push(about);
      if (refuse(store.open)) throw new WharfError("RATE_LIMITED", "one too many");
      const end = Math.min(offset + length, bytes.length);
      async function* read() {
        store.most = Math.max(store.most, (store.open += 1));
        try {
          for (let at = offset; at < end; at += chunk) {
            await turn();
            while (store.most < want && given() > bytes.length / 4 && !signal?.aborted)
              await turn();
            if (signal?.aborted) throw new WharfError("INTERRUPTED", "stopped");
            const piece = Uint8Array.from(bytes.subarray(at, Math.min(at + chunk, end)));
            about.read += piece.length;
            yield piece;
          }
        } finally {
          store.open -= 1;
        }
      }
      return Object.assign(read(), { ranged: true });
    },
  };
  return store;
}

/** Gives its advice one after another, each after some chunks. */
function advise(...advice: Advice[]) {
  let chunks = 0;
  let stopped = false;
  return {
    came: (): Advice => (stopped || (chunks += 1) % 5 !== 0 ? "stay" : (advice.shift() ?? "stay")),
    stop() {
      stopped = true;
    },
  };
}

async function run(
  context: TestContext,
  store: ReturnType<typeof storeOf>,
  growth: ReturnType<typeof advise>,
  signal?: AbortSignal,
) {
  const folder = await mkdtemp(join(tmpdir(), "transfer-"));
  context.after(() => rm(folder, { recursive: true }));
  const part = await Part.open(join(folder, "file"), descriptor);
  const hashing = new Hashing(createDigester("sha256"), part);
  const transfer = new Transfer({
    source: store,
    descriptor,
    part,
    hashing,
    growth,
    tile: 100_000,
    ...(signal && { signal }),
  });
  try {
    await transfer.run();
    assert.equal(await hashing.finish(), descriptor.digest);
    assert((await readFile(part.path)).equals(bytes));
    return transfer;
  } finally {
    await part.close();
    hashing.dispose();
  }
}

test("several connections share a blob, and each byte is fetched once", async (context) => {
  const store = storeOf({ want: 4 });
  const transfer = await run(context, store, advise("grow", "grow", "grow"));
  assert.equal(transfer.connections, 4);
  assert.equal(store.most, 4);
  const read = store.asked.reduce((sum, { read }) => sum + read, 0);
  // The first connection may have had a chunk on its way when it was shortened.
  assert(read <= bytes.length + chunk);
});

test("a connection that is given up leaves its bytes to the others", async (context) => {
  const store = storeOf({ want: 3 });
  await run(
    context,
    store,
    advise("grow", "grow", "stay", "stay", "stay", "stay", "shrink", "shrink"),
  );
  assert.equal(store.most, 3);
  assert.equal(store.open, 0);
});

test("a server that refuses further connections still serves the first", async (context) => {
  const store = storeOf({ refuse: (open) => open > 0 });
  await run(context, store, advise("grow", "grow", "grow"));
  assert.equal(store.open, 0);
});

test("a connection that fails alone fails the download", async (context) => {
  const store = storeOf({ refuse: () => true });
  await assert.rejects(run(context, store, advise("grow")), /one too many/);
  assert.equal(store.open, 0);
});

test("what was written out of turn is kept for the next process", async (context) => {
  const store = storeOf();
  const folder = await mkdtemp(join(tmpdir(), "transfer-"));
  context.after(() => rm(folder, { recursive: true }));
  const controller = new AbortController();
  const part = await Part.open(join(folder, "file"), descriptor);
  const hashing = new Hashing(createDigester("sha256"), part);
  const transfer = new Transfer({
    source: store,
    descriptor,
    part,
    hashing,
    growth: advise("grow", "grow"),
    tile: 100_000,
    signal: controller.signal,
    onProgress: (present) => present > 1_000_000 && controller.abort(),
  });
  await assert.rejects(transfer.run(), /Interrupted/);
  await part.close();
  const spans = JSON.parse(await readFile(`${part.path}.ranges`, "utf8")) as [number, number][];
  assert(spans.length > 0);
  const written = await readFile(part.path);
  for (const [start, end] of spans) {
    assert(written.subarray(start, end).equals(bytes.subarray(start, end)));
  }
  const again = await Part.open(join(folder, "file"), descriptor);
  assert.equal(
    again.ranges.total,
    spans.reduce((sum, [start, end]) => sum + end - start, 0),
  );
  await again.close();
});
