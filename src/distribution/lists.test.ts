import assert from "node:assert/strict";
import { test } from "node:test";

import { startTestRegistry } from "./testing/registry.ts";

test("tags come sorted, in pages that lead to one another", async (t) => {
  const registry = await startTestRegistry(t);
  const tags = ["B", "a", "b", "latest", "v1", "v1.1", "v10"];
  for (const tag of tags.toReversed()) await registry.pushImage("x/y", tag);

  const all = await registry.request("GET", "/v2/x/y/tags/list");
  assert.equal(all.status, 200);
  assert.deepEqual(all.json, { name: "x/y", tags });
  assert.equal(all.headers.link, undefined);

  const seen: string[] = [];
  let next: string | undefined = "/v2/x/y/tags/list?n=3";
  while (next) {
    const page = await registry.request("GET", next);
    seen.push(...page.json.tags);
    next = /^<(.*)>; rel="next"$/.exec((page.headers.link as string) ?? "")?.[1];
  }
  assert.deepEqual(seen, tags);
});

test("a page begins after the tag named, which need not exist", async (t) => {
  const registry = await startTestRegistry(t);
  for (const tag of ["a", "c", "e"]) await registry.pushImage("x", tag);
  const after = async (query: string) =>
    (await registry.request("GET", `/v2/x/tags/list?${query}`)).json.tags;
  assert.deepEqual(await after("last=a"), ["c", "e"]);
  assert.deepEqual(await after("last=b&n=1"), ["c"]);
  assert.deepEqual(await after("last=z"), []);
});

test("none asked for is none, without a next page; exactly all is the last page", async (t) => {
  const registry = await startTestRegistry(t);
  for (const tag of ["a", "b"]) await registry.pushImage("x", tag);
  const none = await registry.request("GET", "/v2/x/tags/list?n=0");
  assert.deepEqual([none.status, none.json.tags, none.headers.link], [200, [], undefined]);
  assert.equal((await registry.request("GET", "/v2/x/tags/list?n=2")).headers.link, undefined);
});

test("no page is longer than the server allows", async (t) => {
  const registry = await startTestRegistry(t, { pageLimit: 2 });
  for (const tag of ["a", "b", "c"]) await registry.pushImage("x", tag);
  for (const query of ["", "?n=1000"]) {
    const page = await registry.request("GET", `/v2/x/tags/list${query}`);
    assert.deepEqual(page.json.tags, ["a", "b"]);
    assert.equal(page.headers.link, '</v2/x/tags/list?n=2&last=b>; rel="next"');
  }
});

test("a number of entries is a number", async (t) => {
  const registry = await startTestRegistry(t);
  await registry.pushImage("x", "a");
  for (const n of ["-1", "x", "1.5", "9".repeat(30)])
    assert.equal((await registry.request("GET", `/v2/x/tags/list?n=${n}`)).status, 400, n);
});

test("a repository that nothing was pushed to is unknown; one without tags has none", async (t) => {
  const registry = await startTestRegistry(t);
  const unknown = await registry.request("GET", "/v2/x/tags/list");
  assert.deepEqual([unknown.status, unknown.code], [404, "NAME_UNKNOWN"]);
  await registry.pushBlob("x", "something");
  assert.deepEqual((await registry.request("GET", "/v2/x/tags/list")).json.tags, []);
});

test("the catalogue lists repositories in pages", async (t) => {
  const registry = await startTestRegistry(t);
  assert.deepEqual((await registry.request("GET", "/v2/_catalog")).json, { repositories: [] });
  for (const name of ["b", "a/b", "c"]) await registry.pushBlob(name, "x");
  const first = await registry.request("GET", "/v2/_catalog?n=2");
  assert.deepEqual(first.json.repositories, ["a/b", "b"]);
  assert.equal(first.headers.link, '</v2/_catalog?n=2&last=b>; rel="next"');
  const second = await registry.request("GET", "/v2/_catalog?n=2&last=b");
  assert.deepEqual([second.json.repositories, second.headers.link], [["c"], undefined]);
});
