/** With Vitest: `npx vitest run vitest.test.mjs`. The fixture `hub` starts a sandbox for each test that asks for it. */
import { expect, test as base } from "vitest";
import { latest } from "./latest.mjs";
import { start } from "./sandbox.mjs";

const test = base.extend({
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads from the pattern which fixtures this one needs.
  hub: async ({}, use) => {
    const { hub, stop } = await start();
    await use(hub);
    await stop();
  },
});

test("1.10.0 is newer than 1.9.0, and edge is no version", async ({ hub }) => {
  expect(await latest(hub, "ada", "app")).toBe("1.10.0");
});

test("a tag that was deleted is not the newest any more", async ({ hub }) => {
  await hub.tags.delete({ namespace: "ada", repository: "app", tag: "1.10.0" });
  expect(await latest(hub, "ada", "app")).toBe("1.9.0");
});
