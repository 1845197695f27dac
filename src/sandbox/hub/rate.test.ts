import assert from "node:assert/strict";
import { test } from "node:test";

import { HubRate } from "./rate.ts";
import { HubRefusal } from "./refusal.ts";

test("addresses of one IPv6 network are counted together, those of IPv4 and of other networks are not", () => {
  const rate = new HubRate(1);
  const from = (address: string) => rate.count({ address }, 0);
  for (const address of ["2001:db8:0:7::1", "2001:db8:0:8::1", "192.0.2.1", "192.0.2.2"])
    assert.equal(from(address)["x-ratelimit-remaining"], "0", address);
  for (const address of ["2001:db8:0:7:a:b:c:d", "::ffff:192.0.2.1"])
    assert.throws(
      () => from(address),
      (error) => error instanceof HubRefusal && error.status === 429,
      address,
    );
});
