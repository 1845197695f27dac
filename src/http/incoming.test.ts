import assert from "node:assert/strict";
import { test } from "node:test";
import { Incoming } from "./incoming.ts";
import { Blocks, blockSize, Loan } from "./wire/blocks.ts";

/** A body whose connection only counts what is asked of it. */
function open(loan?: Loan) {
  const asked: string[] = [];
  const body = new Incoming({
    valve: {
      pause: () => asked.push("pause"),
      resume: () => asked.push("resume"),
      abort: () => asked.push("abort"),
    },
    idleTimeout: 10_000,
    explain: (failure) => failure,
    ...(loan && { loan }),
  });
  return { body, asked, reader: body[Symbol.asyncIterator]() };
}

const kibibytes = (count: number, value = 0) => new Uint8Array(count * 1024).fill(value);

test("pieces come out as they went in, and the caller's memory is not kept", async () => {
  const { body, reader } = open();
  const piece = Buffer.from("abc");
  body.write(piece);
  piece.fill(0);
  body.end();
  assert.equal(Buffer.from((await reader.next()).value ?? []).toString(), "abc");
  assert.deepEqual(await reader.next(), { done: true, value: undefined });
  assert.deepEqual(await reader.next(), { done: true, value: undefined });
  await body.done;
});

test("a body that nobody reads pauses its connection, and resumes it when it is read", async () => {
  const { body, asked, reader } = open();
  for (let i = 0; i < 4; i += 1) body.write(kibibytes(64));
  assert.deepEqual(asked, ["pause"]);
  for (let i = 0; i < 3; i += 1) await reader.next();
  assert.deepEqual(asked, ["pause", "resume"]);
});

test("an error comes after the bytes that came before it, and stays", async () => {
  const { body, reader } = open();
  body.write(Buffer.from("abc"));
  body.fail(new Error("cut"));
  assert.equal((await reader.next()).value?.length, 3);
  await assert.rejects(reader.next(), /cut/);
  await assert.rejects(reader.next(), /cut/);
});

test("leaving the loop early ends the exchange", async () => {
  const { body, asked } = open();
  body.write(Buffer.from("abc"));
  for await (const _ of body) break;
  assert.deepEqual(asked, ["abort"]);
  await body.done;
});

test("a short rest is drained so that the connection serves again, a long one is not", async () => {
  const short = open();
  short.body.write(kibibytes(1));
  const drained = short.body.discard();
  short.body.end();
  await drained;
  assert.deepEqual(short.asked, []);

  const long = open();
  long.body.write(kibibytes(100));
  await long.body.discard();
  assert.deepEqual(long.asked, ["abort"]);
});

test("blocks that are given back serve again", async () => {
  const blocks = new Blocks();
  const { body, reader } = open(new Loan(blocks));
  const seen = new Set<ArrayBufferLike>();
  for (let i = 0; i < 100; i += 1) {
    body.write(kibibytes(blockSize / 1024, i));
    const value = (await reader.next()).value!;
    assert(value.every((byte) => byte === i));
    assert(value.buffer instanceof SharedArrayBuffer);
    seen.add(value.buffer);
    body.recycle(value);
  }
  assert(seen.size <= 2);
});

test("a block is not used again before each piece of it has come back", async () => {
  const { body, reader } = open(new Loan(new Blocks()));
  const half = blockSize / 2048;
  body.write(kibibytes(half, 1));
  const first = (await reader.next()).value!;
  body.write(kibibytes(half, 2));
  const second = (await reader.next()).value!;
  assert.equal(first.buffer, second.buffer);
  body.recycle(second);
  body.recycle(second);
  for (let i = 0; i < 4; i += 1) {
    body.write(kibibytes(blockSize / 1024, 9));
    body.recycle((await reader.next()).value!);
  }
  assert(first.every((byte) => byte === 1));
});

test("a reader that gives nothing back gets memory of its own", async () => {
  const { body, reader } = open(new Loan(new Blocks()));
  const kept: Uint8Array[] = [];
  for (let i = 0; i < 20; i += 1) {
    body.write(kibibytes(blockSize / 1024, i));
    kept.push((await reader.next()).value!);
  }
  kept.forEach((piece, i) => assert(piece.every((byte) => byte === i)));
  assert(!(kept.at(-1)?.buffer instanceof SharedArrayBuffer));
});

test("small pieces of a large body are gathered", async () => {
  const { body, reader } = open(new Loan(new Blocks()));
  const next = reader.next();
  for (let i = 0; i < 4; i += 1) body.write(kibibytes(4, i));
  assert.equal((await next).value?.length, 16 * 1024);
});

test("bytes that were read into a body's own memory need no copy", async () => {
  const { body, reader } = open(new Loan(new Blocks()));
  body.room()?.set(Buffer.from("abc"));
  body.advance(3);
  body.end();
  assert.equal(Buffer.from((await reader.next()).value ?? []).toString(), "abc");
});

test("a byte now and then is idleness, and a kibibyte is progress", async (context) => {
  let now = 1;
  context.mock.method(performance, "now", () => now);
  const trickle = async (size: number) => {
    const { body, asked, reader } = open();
    for (let i = 0; i < 20; i += 1) {
      const next = reader.next();
      now += 4000;
      body.write(new Uint8Array(size));
      await next;
    }
    return asked;
  };
  assert.deepEqual(await trickle(512), []);
  await assert.rejects(trickle(1), {
    code: "TIMEOUT",
    message: "only 3 bytes of the body in 10 s",
  });
});

test("a reader that takes its time is not to blame the host", async (context) => {
  let now = 1;
  context.mock.method(performance, "now", () => now);
  const { body, reader } = open();
  for (let i = 0; i < 20; i += 1) {
    const next = reader.next();
    body.write(Buffer.from("a"));
    await next;
    now += 4000;
  }
});

test("what is to be read whole has a deadline, however steadily it comes", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { body, asked, reader } = open();
  body.hurry();
  for (let i = 0; i < 12; i += 1) {
    body.write(kibibytes(1));
    await reader.next();
    context.mock.timers.tick(8000);
  }
  const next = reader.next();
  context.mock.timers.tick(4000);
  await assert.rejects(next, { code: "TIMEOUT", message: "body is not whole after 100 s" });
  assert.deepEqual(asked, ["abort"]);
});
