import assert from "node:assert/strict";
import { test } from "node:test";

import { networkOf } from "./pulls.ts";

test("an IPv4 address is counted by itself, an IPv6 address with its /64", () => {
  const cases = {
    "192.0.2.1": "192.0.2.1",
    "::ffff:192.0.2.1": "192.0.2.1",
    "::1": "::",
    "2001:db8::1": "2001:db8::",
    "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::",
    "2001:db8:1:2::ffff": "2001:db8:1:2::",
    "2001:0DB8:0000:0010:0:0:0:1": "2001:db8:0:10::",
    "fe80::1%eth0": "fe80::",
    "64:ff9b::192.0.2.1": "64:ff9b::",
  };
  for (const [address, network] of Object.entries(cases))
    assert.equal(networkOf(address), network, address);
});
