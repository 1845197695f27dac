/** With node:test: `node --test node.test.mjs`. One sandbox for the file; each test finds it as it was at first. */
import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";
import { latest } from "./latest.mjs";
import { start } from "./sandbox.mjs";

const { sandbox, hub, stop } = await start();
beforeEach(() => sandbox.reset());
after(stop);

test("1.10.0 is newer than 1.9.0, and edge is no version", async () => {
  assert.equal(await latest(hub, "ada", "app"), "1.10.0");
});

test("a tag that was deleted is not the newest any more", async () => {
  await hub.tags.delete({ namespace: "ada", repository: "app", tag: "1.10.0" });
  assert.equal(await latest(hub, "ada", "app"), "1.9.0");
});

test("what Docker Hub answers too busily is asked for again", async () => {
  await sandbox.fail("tags.list 429 retry-after=0 first=1");
  assert.equal(await latest(hub, "ada", "app"), "1.10.0");
});
