import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { isError } from "../errors.ts";
import { readInput } from "./input.ts";
import { ask, confirm, readSecret } from "./prompt.ts";
import { fakeOutput } from "./testing/output.ts";

/** Standard input that gives these pieces, and perhaps ends. */
function given(pieces: readonly (string | Buffer)[], { ends = true, isTTY = false } = {}) {
  const stdin = Object.assign(new PassThrough(), { isTTY }) as unknown as NodeJS.ReadStream;
  for (const piece of pieces) (stdin as unknown as PassThrough).write(piece);
  if (ends) (stdin as unknown as PassThrough).end();
  const interrupt = new AbortController();
  return { stdin, signal: interrupt.signal, interrupt, output: fakeOutput().output };
}

test("a secret is all that comes, without the line's end", async () => {
  for (const [pieces, secret] of [
    [["open-sesame\n"], "open-sesame"],
    [["open-", "sesame\r\n"], "open-sesame"],
    [["two\nlines\n"], "two\nlines"],
    [[Buffer.from("pässword").subarray(0, 2), Buffer.from("pässword").subarray(2)], "pässword"],
  ] as const)
    assert.equal(await readSecret(given(pieces)), secret);
});

test("no secret, too long a secret and a terminal are errors of usage", async () => {
  for (const [call, message] of [
    [given([]), /is empty/],
    [given(["\n"]), /is empty/],
    [given(["x".repeat(70_000)]), /too long/],
    [given(["x"], { isTTY: true }), /is a terminal/],
  ] as const)
    await assert.rejects(
      readSecret(call),
      (error) => isError(error, "USAGE") && message.test(error.message),
    );
});

test("a pipe that goes on for ever ends by the signal", async () => {
  for (const read of [readSecret, (call: Given) => readInput(call, "-", 100)]) {
    const call = given(["x"], { ends: false });
    const reading = read(call);
    call.interrupt.abort();
    await assert.rejects(reading, (error) => isError(error, "INTERRUPTED"));
  }
});
type Given = ReturnType<typeof given>;

test("input has a limit", async () => {
  assert.equal((await readInput(given(["x".repeat(100)]), "-", 100)).byteLength, 100);
  await assert.rejects(
    readInput(given(["x".repeat(101)]), "-", 100),
    (error) =>
      isError(error, "MANIFEST_TOO_LARGE") && error.message.startsWith("Standard input is larger"),
  );
});

test("without a terminal nothing is asked", async () => {
  await assert.rejects(
    ask(given([]), "Name: ", { otherwise: "--name" }),
    (error) =>
      isError(error, "USAGE") &&
      error.message === "There is no terminal to ask on: Name" &&
      error.hint === "Say it with --name.",
  );
  await assert.rejects(confirm(given([]), "Delete x?", false), (error) =>
    isError(error, "CONFIRMATION_REQUIRED"),
  );
  await confirm(given([]), "Delete x?", true);
});
