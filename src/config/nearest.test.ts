import assert from "node:assert/strict";
import { test } from "node:test";
import { nearest } from "./nearest.ts";

test("slips find the word meant; other words find none", () => {
  const commands = ["copy", "inspect", "tags", "tag", "repos", "manifest get"];
  assert.equal(nearest("cpoy", commands), "copy");
  assert.equal(nearest("insepct", commands), "inspect");
  assert.equal(nearest("manifst get", commands), "manifest get");
  assert.equal(nearest("frobnicate", commands), undefined);
  assert.equal(nearest("x".repeat(10_000), commands), undefined);
});
