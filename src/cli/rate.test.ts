import assert from "node:assert/strict";
import { test } from "node:test";
import { Rate } from "./rate.ts";

test("a rate is that of the last ten seconds, not of the whole time", () => {
  const rate = new Rate(0);
  assert.equal(rate.at(0, 0), 0);
  assert.equal(rate.at(1000, 500), 500);
  for (let second = 2; second <= 20; second += 1) rate.at(second * 1000, 500);
  assert.equal(rate.at(21_000, 500), 0);
  assert.equal(rate.at(22_000, 11_500), 1000);
});

test("what is sent again counts as nothing, not as less", () => {
  const rate = new Rate(0);
  rate.at(1000, 900);
  assert.equal(new Rate(0).at(1000, -5), 0);
  assert.equal(rate.at(2000, 100), 50);
});
