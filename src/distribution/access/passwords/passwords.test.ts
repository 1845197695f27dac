import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { test, type TestContext } from "node:test";

import { Refusal } from "../../refusal.ts";
import { basic, requestWith, stoppedClock, temporaryFile } from "../testing.ts";
import { type Comparer, Passwords } from "./passwords.ts";

const hash = (label: string) => `$2y$10$${label.padEnd(53, "x")}`;

/** A file with alice, whose password is `right`, compared by whoever counts. */
async function open(t: TestContext, comparer: Partial<Comparer> = {}) {
  const path = await temporaryFile(t, `alice:${hash("right")}\n`);
  const clock = stoppedClock();
  const compared: string[] = [];
  const passwords = await Passwords.open(
    path,
    { clock: clock.now },
    {
      async compare({ password, hash: stored }) {
        compared.push(password);
        return stored === hash(password);
      },
      async close() {},
      ...comparer,
    },
  );
  return { path, clock, compared, passwords };
}

const isRefused = (error: unknown) =>
  error instanceof Refusal &&
  error.status === 401 &&
  error.headers["www-authenticate"] === 'Basic realm="Registry"';

test("the right password is compared once, and remembered for some minutes", async (t) => {
  const { clock, compared, passwords } = await open(t);
  const request = requestWith(basic("alice", "right"));
  for (let n = 0; n < 3; n++)
    assert.deepEqual(await passwords.identify(request), { user: "alice" });
  assert.equal(compared.length, 1);
  clock.move(5 * 60_000);
  await passwords.identify(request);
  assert.equal(compared.length, 2);
});

test("a wrong one is compared each time, and so is one of a user that there is not", async (t) => {
  const { compared, passwords } = await open(t);
  for (const user of ["alice", "alice", "nobody", "nobody"])
    await assert.rejects(passwords.identify(requestWith(basic(user, "wrong"))), isRefused);
  assert.equal(compared.length, 4);
});

test("nobody comes in with what is compared in place of a missing user's hash", async (t) => {
  const { passwords } = await open(t, { compare: async () => true });
  await assert.rejects(passwords.identify(requestWith(basic("nobody", "x"))), isRefused);
});

test("those who bring nothing, or nothing in it, are nobody in particular", async (t) => {
  const { passwords } = await open(t);
  for (const authorization of [undefined, basic("", ""), "Bearer abc", "Basic"])
    assert.deepEqual(await passwords.identify(requestWith(authorization)), {}, authorization);
  await assert.rejects(passwords.identify(requestWith("Basic bm9jb2xvbg==")), isRefused);
});

test("requests that come together share a comparison", async (t) => {
  const waiting: ((matches: boolean) => void)[] = [];
  const { passwords } = await open(t, {
    compare: () => new Promise((resolve) => waiting.push(resolve)),
  });
  const both = [1, 2].map(() => passwords.identify(requestWith(basic("alice", "right"))));
  await new Promise(setImmediate);
  assert.equal(waiting.length, 1);
  waiting[0]!(true);
  assert.deepEqual(await Promise.all(both), [{ user: "alice" }, { user: "alice" }]);
});

test("a comparison that nobody waits for any more is not wanted", async (t) => {
  let wanted = () => true;
  const { passwords } = await open(t, {
    compare: async (_job, isWanted = () => true) => {
      wanted = isWanted;
      return false;
    },
  });
  const requests = [1, 2].map(() => requestWith(basic("alice", "right")));
  const all = Promise.allSettled(requests.map((request) => passwords.identify(request)));
  await new Promise(setImmediate);
  Object.assign(requests[0]!.socket, { destroyed: true });
  assert(wanted());
  Object.assign(requests[1]!.socket, { destroyed: true });
  assert(!wanted());
  await all;
});

test("a password that was changed in the file is void within a second", async (t) => {
  const { path, clock, passwords } = await open(t);
  const request = requestWith(basic("alice", "right"));
  await passwords.identify(request);
  await writeFile(path, `alice:${hash("newer")}\nbob:${hash("bob")}\n`);
  clock.move(1000);
  await assert.rejects(passwords.identify(request), isRefused);
  assert.deepEqual(await passwords.identify(requestWith(basic("alice", "newer"))), {
    user: "alice",
  });
  assert.deepEqual(await passwords.identify(requestWith(basic("bob", "bob"))), { user: "bob" });
});
