/** Pages that are made from the catalogue are what it says now. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { operationsPage, referencePages } from "../../scripts/operations-pages.ts";

const docs = join(import.meta.dirname, "../../docs");
const drifted = "run `npm run build` and commit what it writes";

test("docs/operations.md has every operation", () => {
  assert.equal(readFileSync(join(docs, "operations.md"), "utf8"), operationsPage(), drifted);
});

test("docs/reference has a page for each area, and no other", () => {
  const pages = referencePages();
  assert.deepEqual(readdirSync(join(docs, "reference")).toSorted(), [...pages.keys()].toSorted());
  for (const [name, page] of pages)
    assert.equal(readFileSync(join(docs, "reference", name), "utf8"), page, `${name}: ${drifted}`);
});
