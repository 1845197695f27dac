import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { AnswerReader } from "./answer.ts";
import type { Head } from "./head.ts";

const bytes = (text: string) => Buffer.from(text, "latin1");

/** Reads pieces as one answer. */
function read(pieces: readonly Uint8Array[], method: "GET" | "HEAD" = "GET") {
  const body: Buffer[] = [];
  let head: Head | undefined;
  const reader = new AnswerReader(method, (found) => {
    head = found;
    return { write: (piece) => void body.push(Buffer.from(piece)) };
  });
  for (const piece of pieces) reader.take(piece);
  return { reader, head, body: Buffer.concat(body).toString("latin1") };
}

/** Cuts at the places given, which are fractions of the whole. */
function cut(whole: Buffer, places: readonly number[]): Buffer[] {
  const at = places.map((place) => Math.floor(place * whole.length)).sort((a, b) => a - b);
  return [0, ...at].map((start, index) => whole.subarray(start, at[index] ?? whole.length));
}

const places = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 });

test("an answer is the same however it is cut into pieces", () => {
  const chunks = "5;ext=1\r\nhello\r\n6\r\n world\r\n0\r\ntrailer: x\r\n\r\n";
  const answers = [
    `HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\nhello world`,
    `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: <a>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\nhello world`,
    `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${chunks}`,
  ];
  fc.assert(
    fc.property(fc.constantFrom(...answers), places, (answer, at) => {
      const { reader, head, body } = read(cut(bytes(answer), at));
      assert.equal(head?.status, 200);
      assert.equal(body, "hello world");
      assert(reader.done);
    }),
  );
});

test("a body in chunks is the same whatever its chunks are", () => {
  const body = fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 8 });
  fc.assert(
    fc.property(body, places, (chunks, at) => {
      const coded = chunks.map((chunk) =>
        Buffer.concat([bytes(`${chunk.length.toString(16)}\r\n`), chunk, bytes("\r\n")]),
      );
      const head = bytes("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
      const whole = Buffer.concat([head, ...coded, bytes("0\r\n\r\n")]);
      const answer = read(cut(whole, at));
      assert.equal(answer.body, Buffer.concat(chunks).toString("latin1"));
      assert(answer.reader.done);
    }),
  );
});

test("bytes that are no answer fail, whatever they are, and never hang on", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 8, maxLength: 200 }), (noise) => {
      fc.pre(!bytes("HTTP/1.").equals(noise.subarray(0, 7)));
      assert.throws(() => read([noise]), { name: "Failure" });
    }),
  );
});

test("broken chunks are refused", () => {
  const cases = [
    "x\r\n",
    "-1\r\n",
    "5\nhello",
    "5\r\nhelloXX\r\n",
    "1\r\nab\r\n",
    `${"1".repeat(13)}\r\n`,
  ];
  for (const chunks of cases) {
    const head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    assert.throws(() => read([bytes(head + chunks)]), { name: "Failure" }, chunks);
  }
});

test("a chunk's line and the trailer are bounded", () => {
  const head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
  assert.throws(() => read([bytes(`${head}5;${"x".repeat(5000)}`)]), { name: "Failure" });
  const trailer = `a: ${"x".repeat(1000)}\r\n`.repeat(20);
  assert.throws(() => read([bytes(`${head}0\r\n${trailer}`)]), { name: "Failure" });
});

test("a head without end is given up at 64 KiB, heads of 1xx answers counted in", () => {
  const field = `a: ${"x".repeat(1000)}\r\n`;
  assert.throws(() => read([bytes(`HTTP/1.1 200 OK\r\n${field.repeat(66)}`)]), { name: "Failure" });
  const hints = bytes(`HTTP/1.1 103 Early Hints\r\n${field}\r\n`);
  assert.throws(() => read(Array<Buffer>(66).fill(hints)), { name: "Failure" });
  assert.equal(read([bytes(`HTTP/1.1 200 OK\r\n${field.repeat(60)}\r\n`)]).head?.status, 200);
});

test("bytes after the answer are refused: they must not become the next one", () => {
  const cases = [
    "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nabc",
    "HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nx",
  ];
  for (const answer of cases)
    assert.throws(() => read([bytes(answer)]), { name: "Failure" }, answer);
});

test("an end is premature unless the body has no other mark of its end", () => {
  const early = ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nabc"];
  for (const answer of early) {
    const { reader } = read([bytes(answer)]);
    assert.throws(() => reader.end(), { name: "Failure", code: "CONNECTION_FAILED" }, answer);
  }
  const { reader, body } = read([bytes("HTTP/1.1 200 OK\r\n\r\nabc")]);
  reader.end();
  assert(reader.done);
  assert.equal(body, "abc");
});

test("an upgrade that nobody asked for is refused", () => {
  assert.throws(() => read([bytes("HTTP/1.1 101 Switching Protocols\r\n\r\n")]), {
    name: "Failure",
  });
});
