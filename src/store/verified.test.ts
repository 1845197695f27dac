import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";

import { contentOf, noise } from "./behaviours/content.ts";
import { refuses } from "./behaviours/trial.ts";
import { verified } from "./verified.ts";

const { descriptor, bytes } = contentOf(noise(5000));

async function* chunks(...parts: Uint8Array[]) {
  yield* parts;
}

async function read(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const found: Uint8Array[] = [];
  for await (const chunk of body) found.push(chunk);
  return Buffer.concat(found);
}

test("what matches passes, however it is cut", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 5000 }), { maxLength: 8 }),
      async (cuts) => {
        const edges = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
        const parts = edges.slice(1).map((end, index) => bytes.slice(edges[index], end));
        assert.deepEqual(await read(verified(descriptor, chunks(...parts))), Buffer.from(bytes));
      },
    ),
  );
});

test("what is too long is stopped before the byte too many", async () => {
  let handedOn = 0;
  const body = verified(descriptor, chunks(bytes, new Uint8Array(1), new Uint8Array(1 << 20)));
  const work = (async () => {
    for await (const chunk of body) handedOn += chunk.byteLength;
  })();
  await refuses(work, "SIZE_MISMATCH");
  assert.equal(handedOn, 5000);
});

test("what is too short, or of other bytes, does not end well", async () => {
  await refuses(read(verified(descriptor, chunks(bytes.subarray(1)))), "SIZE_MISMATCH");
  await refuses(read(verified(descriptor, chunks())), "SIZE_MISMATCH");
  await refuses(read(verified(descriptor, chunks(noise(5000, "other")))), "DIGEST_MISMATCH");
});

test("the message names whose bytes they are", async () => {
  const body = verified(descriptor, chunks(), { subject: "https://h/v2/x" });
  await assert.rejects(read(body), /^WharfError: https:\/\/h\/v2\/x: ended after 0 of/);
});

test("chunks go back to where they came from", async () => {
  const returned: Uint8Array[] = [];
  const body = verified(descriptor, {
    [Symbol.asyncIterator]: () => chunks(bytes),
    recycle: (chunk) => returned.push(chunk),
  });
  for await (const chunk of body) body.recycle!(chunk);
  assert.deepEqual(returned, [bytes]);
});

test("who stops reading frees the source", async () => {
  let freed = false;
  async function* source() {
    try {
      yield bytes;
    } finally {
      freed = true;
    }
  }
  for await (const _ of verified(descriptor, source())) break;
  assert.ok(freed);
});
