import assert from "node:assert/strict";
import { test } from "node:test";

import { Presence } from "./presence.ts";
import { largeSize } from "./slots.ts";

/** Asks for `count` small blobs of which those below `there` exist; how many questions that took. */
function questions(presence: Presence, count: number, there = 0): number {
  let asked = 0;
  for (let at = 0; at < count; at++) {
    if (!presence.worthAsking(2048)) continue;
    asked += 1;
    presence.learn(at < there);
  }
  return asked;
}

test("in a fresh repository the questions become rare", () => {
  const asked = questions(new Presence(false), 2000);
  assert(asked >= 8 && asked < 60, `${asked} questions`);
});

test("as long as blobs are there, each is asked for", () => {
  assert.equal(questions(new Presence(false), 1000, 1000), 1000);
});

test("after a hit every blob is asked for again", () => {
  const presence = new Presence(false);
  questions(presence, 100);
  presence.learn(true);
  assert.equal(questions(presence, 8), 8);
});

test("large blobs are always asked for, unless the repository is new", () => {
  const presence = new Presence(false);
  questions(presence, 100);
  assert(presence.worthAsking(largeSize));
  presence.expectNothing();
  assert(!presence.worthAsking(largeSize));
});

test("a local store is always asked", () => {
  const presence = new Presence(true);
  presence.expectNothing();
  assert.equal(questions(presence, 100), 100);
});
