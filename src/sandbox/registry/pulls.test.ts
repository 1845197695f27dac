import assert from "node:assert/strict";
import { test } from "node:test";

import { State } from "../state/state.ts";
import { networkOf, Pulls } from "./pulls.ts";

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

test("windows that are over are not kept", () => {
  const state = new State(":memory:");
  const clock = { now: Date.parse("2026-05-01T12:00:00Z") };
  const pulls = new Pulls(state, { anonymous: 2, account: 2, window: 60 }, () => clock.now);
  const kept = () => state.count("SELECT count(*) AS count FROM pulls");
  for (const address of ["192.0.2.1", "192.0.2.2", "192.0.2.2"]) pulls.count({ address });
  assert.equal(kept(), 2);
  clock.now += 60_000;
  pulls.count({ address: "192.0.2.3" });
  assert.equal(kept(), 1);
});
