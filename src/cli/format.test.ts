import assert from "node:assert/strict";
import { test } from "node:test";
import {
  cut,
  formatAge,
  formatBytes,
  formatDuration,
  formatTable,
  printable,
  shortDigest,
} from "./format.ts";

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
  assert.deepEqual([400, 9960, 12_000, 185_000, 7_800_000, 59_600].map(formatDuration), [
    "0.4 s",
    "10 s",
    "12 s",
    "3 min 05 s",
    "2 h 10 min",
    "1 min 00 s",
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

test("columns without titles have no line of them", () => {
  assert.deepEqual(
    formatTable(
      [{}, { align: "right" }],
      [
        ["a", "1"],
        ["bb", "10"],
      ],
    ),
    ["a    1", "bb  10"],
  );
});

test("a short digest is still recognised; only sha256 goes without saying", () => {
  assert.equal(shortDigest(`sha256:${"ab".repeat(32)}`), "abababababab");
  assert.equal(shortDigest(`sha512:${"ab".repeat(64)}`), "sha512:abababababab");
});

test("an age is rough", () => {
  const now = Date.UTC(2026, 5, 15);
  const ages = ["2026-06-14T23:59:30Z", "2026-06-14T22:00:00Z", "2026-06-13T12:00:00Z"];
  assert.deepEqual(
    [...ages, "2026-01-01", "2023-01-01", "2030-01-01"].map((text) =>
      formatAge(new Date(text), now),
    ),
    ["just now", "2 hours ago", "1 day ago", "5 months ago", "3 years ago", "in the future"],
  );
});

test("what is too long ends in an ellipsis", () => {
  assert.deepEqual([cut("abcdef", 6), cut("abcdefg", 6)], ["abcdef", "abcde…"]);
});
