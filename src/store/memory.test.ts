import assert from "node:assert/strict";
import { test } from "node:test";

import { describeStore } from "./behaviours.ts";
import { collect, contentOf } from "./behaviours/content.ts";
import { createMemoryCollection, createMemoryRepository } from "./memory.ts";
import { bytesSource } from "./sources.ts";

await describeStore("a repository in memory", async () => ({ store: createMemoryRepository() }));

await describeStore("a repository of a collection in memory", async () => {
  const collection = createMemoryCollection();
  return {
    store: collection.repository("some/where"),
    sibling: collection.repository("some/where/else"),
    close: () => collection.close(),
  };
});

test("a repository exists once something was pushed to it", async () => {
  const collection = createMemoryCollection();
  const { descriptor, bytes } = contentOf("x");
  for (const name of ["b", "a", "c/d"]) {
    assert.equal(await collection.hasRepository(name), false);
    await collection.repository(name).pushBlob(descriptor, bytesSource(bytes));
    assert.equal(await collection.hasRepository(name), true);
  }
  collection.repository("empty");
  assert.deepEqual(await collect(collection.listRepositories()), ["a", "b", "c/d"]);
  assert.deepEqual(await collect(collection.listRepositories({ last: "a" })), ["b", "c/d"]);
});

test("nothing is mounted from another collection", async () => {
  const { descriptor, bytes } = contentOf("x");
  const theirs = createMemoryCollection().repository("a");
  await theirs.pushBlob(descriptor, bytesSource(bytes));
  assert.equal(createMemoryCollection().repository("a").canMount(theirs), false);
});

test("a collection keeps what was written, and not the repositories that were only asked for", async () => {
  const { descriptor, bytes } = contentOf("x");
  const collection = createMemoryCollection();
  const [one, other] = [collection.repository("a"), collection.repository("a")];
  assert.notEqual(one, other);
  await one.pushBlob(descriptor, bytesSource(bytes));
  assert.equal((await other.statBlob(descriptor.digest))?.size, bytes.length);
});
