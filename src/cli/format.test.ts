import assert from "node:assert/strict";
import { test } from "node:test";
import { formatBytes, formatDuration, formatTable, printable, shortDigest } from "./format.ts";

test("bytes are shown in binary units", () => {
  assert.deepEqual([0, 1023, 1024, 1_433_600, 1024 ** 3, 1024 ** 2 - 1].map(formatBytes), [
    "0 B",
    "1023 B",
    "1.0 KiB",
    "1.4 MiB",
    "1.0 GiB",
    "1.0 MiB",
  ]);
});

test("durations are shown as people say them", () => {
  assert.deepEqual([400, 12_000, 185_000, 7_800_000, 59_600].map(formatDuration), [
    "0.4 s",
    "12 s",
    "3 min 05 s",
    "2 h 10 min",
    "60 s",
  ]);
});

test("a table is aligned, and control characters from a server do not reach the terminal", () => {
  assert.deepEqual(
    formatTable(
      [{ title: "TAG" }, { title: "SIZE", align: "right" }, { title: "NOTE" }],
      [
        ["latest", "1 B", "x\u001b[2J"],
        ["v1", "10 KiB", ""],
      ],
    ),
    ["TAG       SIZE  NOTE", "latest     1 B  x\ufffd[2J", "v1      10 KiB"],
  );
  assert.equal(printable("a\u0007b\u202ec"), "a\ufffdb\ufffdc");
});

test("a short digest is still recognised", () => {
  assert.equal(shortDigest(`sha256:${"ab".repeat(32)}`), "sha256:abababababab");
});
