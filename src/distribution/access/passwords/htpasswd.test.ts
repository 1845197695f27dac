import assert from "node:assert/strict";
import { test } from "node:test";

import { isError } from "../../../errors.ts";
import { parsePasswords } from "./htpasswd.ts";

const hash = (cost: string) => `$2y$${cost}$${"a".repeat(53)}`;

test("users stand one a line; comments and empty lines are passed over", () => {
  const { users } = parsePasswords(`# ours\n\nalice:${hash("10")}\r\n bob:${hash("05")}\n`, "f");
  assert.deepEqual([...users.keys()], ["alice", "bob"]);
  assert.equal(users.get("alice"), hash("10"));
});

test("whoever is not there is compared at the cost of those who are", () => {
  assert.match(parsePasswords(`a:${hash("05")}\nb:${hash("12")}`, "f").decoy, /^\$2b\$12\$.{53}$/);
  assert.match(parsePasswords("", "f").decoy, /^\$2b\$10\$/);
});

test("what is wrong is told with its line, but never shown", () => {
  const cases = {
    "alice:$apr1$secret": /^f:1: the password of alice is not hashed with bcrypt/,
    "alice:{SHA}secret": /^f:1: .*bcrypt/,
    "\nalice:secret": /^f:2: .*bcrypt/,
    "alice secret": /^f:1: must read USER:HASH/,
    ":secret": /^f:1: must read USER:HASH/,
    [`a:${hash("10")}\na:${hash("10")}`]: /^f:2: a stands in line 1 too/,
    [`a:${hash("31")}`]: /^f:1: the password of a has a cost of 31; from 4 to 16/,
    [`a:${hash("10")}:more`]: /^f:1: .*bcrypt/,
  };
  for (const [text, message] of Object.entries(cases))
    assert.throws(
      () => parsePasswords(text, "f"),
      (error) =>
        isError(error, "CONFIG_INVALID") &&
        message.test(error.message) &&
        !error.message.includes("secret"),
      text,
    );
});
