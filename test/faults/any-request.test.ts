/** Whole copies in which any one request meets any one fault: what a retry can cure is cured. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";

import { createMemoryCollection } from "../../src/store/memory.ts";
import type { Repository } from "../../src/store/store.ts";
import { copy } from "../../src/transfer/copy.ts";
import {
  amd64,
  arm64,
  pushImage,
  pushIndex,
  pushReferrer,
} from "../../src/transfer/testing/images.ts";
import type { Fault } from "./fault-proxy.ts";
import { answers, cutAnswer, cutRequest, endAnswer, lost, silent, stallAnswer } from "./faults.ts";
import { blobOf, collect } from "../../src/registry/testing/remote.ts";
import { client, openStage } from "./stage.ts";

const impatient = { headersTimeout: 300, idleTimeout: 100 };

const faults: Readonly<Record<string, Fault>> = {
  "a reset before the answer": { instead: (request) => void request.socket.resetAndDestroy() },
  "an end before the answer": { instead: (request) => void request.socket.end() },
  "a lost answer": lost,
  "a body that is cut": cutAnswer(20),
  "a body that ends early": endAnswer(20),
  "a body that stops": stallAnswer(20),
  "a cut in what is sent": cutRequest(20),
  "429": answers(429, { headers: { "retry-after": "0" } }),
  "500": answers(500),
  "502, with a page": answers(502, { body: "<html><title>Bad Gateway</title></html>" }),
  "503": answers(503),
  "no answer": silent,
};

/** Two platforms, one of them in several layers, and a signature. */
async function pushSmallImage(store: Repository) {
  const images = [];
  for (const platform of [amd64, arm64]) {
    const layers = ["shared", `only for ${platform.architecture}`, blobOf(100_000).bytes];
    images.push(await pushImage(store, { platform, layers }));
  }
  const index = await pushIndex(store, images, { tag: "latest" });
  const signature = await pushReferrer(store, index, "application/vnd.example.signature");
  return { index, signature };
}

async function isWhole(store: Repository, image: Awaited<ReturnType<typeof pushSmallImage>>) {
  const { digest } = await store.resolve("latest");
  const referrers = (await collect(store.listReferrers(digest))).map((each) => each.digest);
  // A copy into memory reads and verifies everything.
  await copy(store, "latest", createMemoryCollection().repository("a/b"));
  assert.deepEqual([digest, referrers], [image.index.digest, [image.signature.digest]]);
}

for (const [name, fault] of Object.entries(faults)) {
  test(`${name}, at any request of a copy`, async (context) => {
    await atAnySourceRequest(context, fault);
    await atAnyTargetRequest(context, fault);
  });
}

async function atAnySourceRequest(context: TestContext, fault: Fault): Promise<void> {
  const { proxy, collection } = await openStage(context);
  const image = await pushSmallImage(collection.repository("a/b"));
  for (let after = 0; ; after += 1) {
    const repository = client(context, proxy.host, impatient).repository("a/b");
    const target = createMemoryCollection().repository("a/b");
    proxy.clear();
    proxy.add({ fault, after });
    await copy(repository, "latest", target, { referrers: true });
    await isWhole(target, image);
    if (proxy.broken === 0) return assert(after > 10);
  }
}

async function atAnyTargetRequest(context: TestContext, fault: Fault): Promise<void> {
  const { proxy, collection } = await openStage(context);
  const source = createMemoryCollection().repository("source");
  const image = await pushSmallImage(source);
  for (let after = 0; ; after += 1) {
    const name = `target/${after}`;
    const repository = client(context, proxy.host, impatient).repository(name);
    proxy.clear();
    proxy.add({ fault, after });
    await copy(source, "latest", repository, { referrers: true });
    await isWhole(collection.repository(name), image);
    if (proxy.broken === 0) return assert(after > 10);
  }
}
