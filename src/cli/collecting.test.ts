import assert from "node:assert/strict";
import { test } from "node:test";

import { collectedLines, collectedSummary, damageLines, damageSummary } from "./collecting.ts";
import type { CollectResult } from "./collecting.ts";

const none = { manifests: 0, blobs: 0, bytes: 0 };

function result(collected: Partial<CollectResult["collected"]>, rest: Partial<CollectResult> = {}) {
  return {
    collected: { ...none, repositories: [], leftovers: none, unreadable: [], ...collected },
    uploads: 0,
    verified: undefined,
    dryRun: false,
    ...rest,
  };
}

test("nothing is said of repositories in which nothing was found", () => {
  assert.deepEqual(collectedLines(result({}), 80), []);
  assert.equal(collectedSummary(result({})), "There is nothing to collect");
});

test("a table of names that are too long, large numbers and leftovers fits into 80 columns", () => {
  const large = { manifests: 1_234_567, blobs: 12_345_678, bytes: 123_456_789_012 };
  const lines = collectedLines(
    result({
      ...large,
      repositories: [{ name: "a/".repeat(100), ...large }],
      leftovers: { ...none, blobs: 1, bytes: 5 },
    }),
    80,
  );
  assert.equal(lines.length, 4);
  for (const line of lines) assert.ok(line.length <= 80, line);
  assert.match(lines[2]!, /^\(left by a deletion that was cut short\) +0 +1 +5 B$/);
  assert.match(lines[3]!, /^total +1234567 +12345678 +115\.0 GiB$/);
});

test("what was freed, forgotten and found is said in one line each", () => {
  const freed = { manifests: 1, blobs: 2, bytes: 2048 };
  const said: [CollectResult, string][] = [
    [result(freed), "Freed 2.0 KiB: 1 manifest, 2 blobs"],
    [result(freed, { dryRun: true }), "Would free 2.0 KiB: 1 manifest, 2 blobs"],
    [result({ blobs: 1 }), "Freed 0 B: 1 blob, whose bytes other repositories share"],
    [result({}, { uploads: 2 }), "Forgot 2 abandoned uploads"],
    [
      result(freed, { uploads: 1, dryRun: true }),
      "Would free 2.0 KiB: 1 manifest, 2 blobs; would forget 1 abandoned upload",
    ],
  ];
  for (const [one, words] of said) assert.equal(collectedSummary(one), words);
});

test("damage is told with what became of it", () => {
  const digest = `sha256:${"0".repeat(64)}`;
  const one = { digest, repository: "very/".repeat(30), kind: "blob" } as const;
  const damaged = [
    { ...one, outcome: "set aside" } as const,
    { ...one, repository: "b", kind: "manifest", outcome: "mended" } as const,
  ];
  const verified = { blobs: 3, bytes: 3000, damaged };
  const lines = damageLines(verified, 80);
  for (const line of lines) assert.ok(line.length <= 80, line);
  assert.match(lines[2]!, /^b +000000000000 +manifest +mended$/);
  const summary = "Read 3 blobs, 2.9 KiB: 2 damaged";
  assert.equal(damageSummary(verified, false), `${summary}; push those again that are not mended`);
  assert.match(damageSummary(verified, true), /without --dry-run they are mended or set aside$/);
  const mended = { ...verified, damaged: damaged.slice(1) };
  assert.match(damageSummary(mended, false), /1 damaged, all mended from good copies$/);
  assert.match(
    damageSummary({ ...verified, damaged: [] }, false),
    /all are what their digests say$/,
  );
});
