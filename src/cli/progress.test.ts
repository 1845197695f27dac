import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { Progress } from "./progress.ts";
import { fakeOutput } from "./testing/output.ts";

const first = `sha256:${"a".repeat(64)}`;
const second = `sha256:${"b".repeat(64)}`;
const mib = 1024 * 1024;

function start(t: TestContext, options: Parameters<typeof fakeOutput>[0]) {
  const clock = { now: 0 };
  const { output, said } = fakeOutput(options);
  const progress = new Progress(output, () => clock.now);
  t.after(() => progress.stop());
  return { clock, said, progress, output };
}

test("off a terminal there is a plain line with rate and time left", (t) => {
  const { clock, said, progress } = start(t, {});
  progress.expect(first, 10 * mib);
  progress.expect(second, 30 * mib);
  progress.update(first, 4 * mib, 10 * mib);
  clock.now = 2000;
  progress.show();
  assert.equal(said.stderr, "4.0 MiB of 40.0 MiB at 2.0 MiB/s, 18 s left\n");
  progress.finish(first);
  progress.finish(second); // the target had it
  clock.now = 4000;
  progress.show();
  assert.match(said.stderr, /\n10\.0 MiB of 10\.0 MiB at 2\.5 MiB\/s\n$/);
});

test("what leads stands before the bytes, and a log does not repeat itself", (t) => {
  const { said, progress } = start(t, {});
  let done = 1;
  progress.lead = () => `${done} of 3 images`;
  progress.show();
  progress.show();
  done = 2;
  progress.show();
  assert.equal(said.stderr, "1 of 3 images\n2 of 3 images\n");
});

test("nothing is said before the first byte", (t) => {
  const { said, progress } = start(t, { terminal: true });
  progress.expect(first, 10);
  progress.show();
  assert.equal(said.stderr, "");
});

test("on a terminal there is a bar for each part, within the width", (t) => {
  const { clock, said, progress } = start(t, { terminal: true, columns: 60 });
  progress.update(first, 5 * mib, 10 * mib);
  progress.update("disk image\u001b", 3 * mib, 3 * mib);
  clock.now = 1000;
  progress.show();
  const lines = said.stderr.split("\n").map((line) => line.replaceAll("\u001b[K", ""));
  assert.deepEqual(lines, [
    "aaaaaaaaaaaa [=============            ]  50% of   10.0 MiB",
    "disk image\ufffd [==========================] 100% of    3.0 MiB",
    "8.0 MiB of 13.0 MiB at 8.0 MiB/s, 0.6 s left",
    "\u001b[0J",
  ]);
  for (const line of lines) assert.ok(line.length < 60, line);
});

test("bars are drawn over those that stand there, and are gone in the end", (t) => {
  const { said, progress, output } = start(t, { terminal: true });
  progress.update(first, 1, 2);
  progress.show();
  said.stderr = "";
  progress.show();
  assert.ok(said.stderr.startsWith("\u001b[2A"));
  said.stderr = "";
  output.note("worth knowing");
  assert.equal(said.stderr, "\u001b[2A\u001b[0Jworth knowing\n");
  progress.show();
  said.stderr = "";
  progress.stop();
  assert.equal(said.stderr, "\u001b[2A\u001b[0J");
  assert.equal(output.overlay, undefined);
});

test("many parts are some bars and a number", (t) => {
  const { said, progress } = start(t, { terminal: true });
  for (let i = 0; i < 20; i += 1) progress.update(`part ${i}`, 1, 100);
  progress.show();
  const lines = said.stderr.split("\n");
  assert.equal(lines.length, 9);
  assert.match(lines[6]!, /^and 14 more/);
});

test("a part whose size nobody knows shows its bytes", (t) => {
  const { clock, said, progress } = start(t, { terminal: true });
  progress.update("standard input", 2048);
  clock.now = 1000;
  progress.show();
  assert.match(said.stderr, /^standard input {2}2\.0 KiB/);
  assert.match(said.stderr, /2\.0 KiB of 2\.0 KiB at 2\.0 KiB\/s(?!,)/);
});
