/** Every operation by the words of a command line: the request is that of the fixture. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { hubOutlines } from "../../scripts/hub-outlines.ts";
import { nameOf } from "../../src/cli/hub/commands.ts";
import { outlines } from "../../src/cli/hub/operations.ts";
import type { Outline } from "../../src/cli/hub/outline.ts";
import { dryRun } from "./dry-run.ts";
import { allFixtures } from "./fixtures/index.ts";

test("src/cli/hub/operations.ts is what the catalogue says", async () => {
  const { outlines: made } = (await import(
    `data:text/javascript,${encodeURIComponent(
      hubOutlines()
        .replace(/^import .*$/m, "")
        .replace(" as readonly Outline[]", ""),
    )}`
  )) as { outlines: readonly Outline[] };
  assert.deepEqual(outlines, made, "run `npm run build` and commit what it writes");
});

describe("wharf", () => {
  for (const outline of outlines)
    test(nameOf(outline), () => {
      const [area = "", verb = ""] = outline.id.split(".");
      return dryRun(outline, allFixtures[area]?.[verb]);
    });
});
