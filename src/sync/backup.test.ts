import assert from "node:assert/strict";
import { test } from "node:test";

import { backupTags, isBackup } from "./backup.ts";

const digest = `sha256:${"0123456789abcdef".repeat(4)}`;

test("a backup is named after what it keeps", () => {
  const overwritten = { tag: "1.2", digest, now: new Date("2026-11-21T10:00:00Z") };
  assert.deepEqual(backupTags("old-{tag}", overwritten), ["old-1.2"]);
  assert.equal(backupTags("{tag}.{date}-{digest}", overwritten)[0], "1.2.20261121-0123456789ab");
});

test("where a day has a backup, the next one of it has a finer date", () => {
  const overwritten = { tag: "1.2", digest, now: new Date("2026-11-21T10:02:03.045Z") };
  const tags = backupTags("{tag}-{date}", overwritten);
  assert.deepEqual(tags, ["1.2-20261121", "1.2-20261121-100203", "1.2-20261121-100203045"]);
  const known = isBackup("{tag}-{date}");
  for (const tag of tags) assert(known(tag), tag);
});

test("backups are recognised, so that nothing prunes them", () => {
  const known = isBackup("old.{tag}-{date}");
  assert(known("old.1.2-20261121"));
  for (const tag of ["1.2", "oldx1.2-20261121", "old.1.2-yesterday"]) assert(!known(tag), tag);
});
