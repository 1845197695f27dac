import assert from "node:assert/strict";
import { test } from "node:test";
import { Bar } from "./bar.ts";

function drawn(total: number, terminal: { isTTY?: boolean; columns?: number } = {}) {
  const written: string[] = [];
  let now = 0;
  const stream = { ...terminal, write: (text: string) => void written.push(text) };
  const bar = new Bar(stream, `sha256:${"ab".repeat(32)}`, total, () => now);
  return { bar, written, at: (milliseconds: number) => (now = milliseconds) };
}

test("it begins at nothing and ends at everything, on a line of its own", () => {
  const { bar, written, at } = drawn(2000);
  at(1000);
  bar.update(1000);
  at(2000);
  bar.update(2000);
  bar.end();
  assert.deepEqual(written, [
    "\rsha256:a:   0%|          | 0/2000 [00:00<?, ?B/s]",
    "\rsha256:a:  50%|█████     | 1000/2000 [00:01<00:01, 1000.00B/s]",
    "\rsha256:a: 100%|██████████| 2000/2000 [00:02<00:00, 1000.00B/s]",
    "\rsha256:a: 100%|██████████| 2000/2000 [00:02<00:00, 1000.00B/s]",
    "\n",
  ]);
});

test("what comes quickly is not drawn each time", () => {
  const { bar, written, at } = drawn(1000);
  for (let done = 1; done <= 1000; done += 1) {
    at(done / 10);
    bar.update(done);
  }
  assert.equal(written.length, 2);
});

test("a terminal's line is filled and not broken, however narrow it is", () => {
  for (const columns of [20, 80, 200]) {
    const { bar, written, at } = drawn(3_000_000_000, { isTTY: true, columns });
    at(7_200_000);
    bar.update(1_234_567_890);
    const line = written.at(-1)!;
    if (columns > 70) assert.equal(line.length - 1, columns - 1, line);
    assert.match(line, /41%\|.*\[2:00:00<2:51:/);
  }
});

test("a blob without bytes is through at once", () => {
  const { bar, written } = drawn(0);
  bar.end();
  assert.match(written.at(-2)!, /100%.*0\/0 \[00:00<\?, \?B\/s\]/);
});
