import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { WharfError } from "../errors.ts";
import { openHolding } from "./holding.ts";

test("a folder is free for the next one also where the registry could not be closed", async (context) => {
  const data = await mkdtemp(join(tmpdir(), "wharf-holding-"));
  context.after(() => rm(data, { recursive: true, force: true }));
  const options = { data, seed: "none", now: Date.now } as const;
  const first = await openHolding(options);
  context.mock.method(first.content.collection, "close", async () => {
    throw new WharfError("DISK_FULL", "no space left");
  });
  await assert.rejects(first.close(), { code: "DISK_FULL" });
  const next = await openHolding(options);
  await next.close();
});
