import assert from "node:assert/strict";
import { test } from "node:test";
import { hasColours } from "./output.ts";
import { fakeOutput } from "./testing/output.ts";

for (const [isTTY, environment, expected] of [
  [true, {}, true],
  [false, {}, false],
  [true, { NO_COLOR: "1" }, false],
  [true, { NO_COLOR: "" }, true],
  [false, { FORCE_COLOR: "1" }, true],
  [true, { FORCE_COLOR: "0" }, false],
  [true, { NO_COLOR: "1", FORCE_COLOR: "1" }, false],
  [true, { TERM: "dumb" }, false],
] as const)
  test(`colours ${expected ? "are" : "are not"} used ${isTTY ? "on a terminal" : "elsewhere"} with ${JSON.stringify(environment)}`, () => {
    assert.equal(hasColours({ isTTY }, environment), expected);
  });

test("data goes to stdout, and what is worth knowing to stderr", async () => {
  const { output, said } = fakeOutput();
  await output.line("data");
  output.note("note");
  output.warn("warning");
  await output.flush();
  assert.deepEqual(said, { stdout: "data\n", stderr: "note\nwarning: warning\n" });
});

test("--quiet leaves out notes, not warnings", () => {
  const { output, said } = fakeOutput({ quiet: true });
  output.note("note");
  output.warn("care");
  assert.equal(said.stderr, "warning: care\n");
});

test("lines come out in order and whole, however many there are", async () => {
  const { output, said } = fakeOutput();
  const lines = Array.from({ length: 20_000 }, (_, i) => `line ${i}`);
  for (const line of lines) await output.line(line);
  await output.write(Buffer.from("bytes\n"));
  await output.line("x".repeat(100_000));
  await output.flush();
  assert.equal(said.stdout, `${lines.join("\n")}\nbytes\n${"x".repeat(100_000)}\n`);
});

test("what was printed before a note stands before it", async () => {
  const { output, said } = fakeOutput({ terminal: true });
  await output.line("data");
  output.note("note");
  assert.equal(said.stdout, "data\n");
});

test("control characters of others do not reach the terminal by notes", () => {
  const { output, said } = fakeOutput();
  output.note("a\u001b]0;title\u0007b");
  assert.equal(said.stderr, "a\ufffd]0;title\ufffdb\n");
});

test("bars are taken away before anything else is written", async () => {
  const { output } = fakeOutput({ terminal: true });
  const calls: string[] = [];
  output.overlay = { clear: () => void calls.push("clear") };
  output.note("x");
  await output.line("y");
  await output.flush();
  assert.equal(calls.length, 2);
});
