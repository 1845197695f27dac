// With Jest, which takes modules by a flag of Node's:
// NODE_OPTIONS=--experimental-vm-modules npx jest --testMatch '**/jest.test.mjs'
import { latest } from "./latest.mjs";
import { start } from "./sandbox.mjs";

let at;
beforeAll(async () => (at = await start()));
beforeEach(() => at.sandbox.reset());
afterAll(() => at.stop());

test("1.10.0 is newer than 1.9.0, and edge is no version", async () => {
  expect(await latest(at.hub, "ada", "app")).toBe("1.10.0");
});

test("a tag that was deleted is not the newest any more", async () => {
  await at.hub.tags.delete({ namespace: "ada", repository: "app", tag: "1.10.0" });
  expect(await latest(at.hub, "ada", "app")).toBe("1.9.0");
});
