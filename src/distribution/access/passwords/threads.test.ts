import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";

import { hashSync } from "bcryptjs";

import { Refusal } from "../../refusal.ts";
import { PasswordThreads } from "./threads.ts";

function start(t: TestContext): PasswordThreads {
  const threads = new PasswordThreads();
  t.after(() => threads.close());
  return threads;
}

const hash = hashSync("right", 4);

test("passwords are compared with hashes of every spelling of bcrypt", async (t) => {
  const threads = start(t);
  for (const version of ["$2a$", "$2b$", "$2y$"]) {
    const spelled = hash.replace("$2b$", version);
    assert.equal(await threads.compare({ password: "right", hash: spelled }), true, version);
    assert.equal(await threads.compare({ password: "wrong", hash: spelled }), false, version);
  }
  assert.equal(
    await threads.compare({ password: "", hash: `$2b$04$${"x".repeat(53)}` }),
    false,
    "what stands in for users that there are not",
  );
});

test("the main thread goes on meanwhile", async (t) => {
  const threads = start(t);
  await threads.compare({ password: "right", hash });
  let compared = false;
  let turns = 0;
  const slow = threads
    .compare({ password: "right", hash: hash.replace("$04$", "$10$") })
    .then(() => (compared = true));
  while (!compared) {
    turns += 1;
    await new Promise(setImmediate);
  }
  await slow;
  assert(turns > 1);
});

test("more than a hundred do not wait: who comes then is told to come again", async (t) => {
  const threads = start(t);
  const all = Array.from({ length: 200 }, () => threads.compare({ password: "right", hash }));
  const results = await Promise.allSettled(all);
  const refused = results.flatMap((result) =>
    result.status === "rejected" ? [result.reason as unknown] : [],
  );
  assert(refused.length > 0 && refused.length <= 100);
  for (const error of refused)
    assert(error instanceof Refusal && error.status === 429 && error.headers["retry-after"]);
});

test("what nobody wants any more is passed over", async (t) => {
  const threads = start(t);
  const unwanted = threads.compare({ password: "right", hash }, () => false);
  await assert.rejects(unwanted, /went away/);
  assert.equal(await threads.compare({ password: "right", hash }), true);
});

test("closing ends the threads, and whatever waits", async () => {
  const threads = new PasswordThreads();
  const all = Array.from({ length: 50 }, () =>
    threads.compare({ password: "right", hash: hash.replace("$04$", "$12$") }),
  );
  const settled = Promise.allSettled(all);
  await threads.close();
  assert((await settled).every(({ status }) => status === "rejected"));
});
