import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";

import { type Pair, startScriptedServer } from "../../test/scripted-server.ts";
import { isError } from "../errors.ts";
import { nextLink } from "./nextPage.ts";
import { collect, connectForTest } from "./testing/remote.ts";

const list = "/v2/a/b/tags/list";

async function serve(context: TestContext, pairs: readonly Pair[]) {
  const server = await startScriptedServer(pairs);
  const registry = connectForTest(server.host);
  context.after(async () => {
    await registry.close();
    await server.close();
  });
  return { server, registry, repository: registry.repository("a/b") };
}

function page(tags: unknown, link?: string, query: Record<string, string> = {}): Pair {
  return {
    request: { method: "GET", path: list, query },
    answer: { body: { name: "a/b", tags }, headers: link === undefined ? {} : { link } },
  };
}

test("tags are asked for a thousand at a time, and pages followed", async (context) => {
  const { server, repository } = await serve(context, [
    page(["c"], undefined, { last: "b" }),
    page(["a", "b"], `<${list}?last=b&n=1000>; rel="next"`, { n: "1000" }),
  ]);
  assert.deepEqual(await collect(repository.listTags()), ["a", "b", "c"]);
  assert.equal(server.requests.length, 2);
});

test("a page size above a thousand is not asked for, since some registries refuse it", async (context) => {
  const { server, repository } = await serve(context, [page(["a"])]);
  await collect(repository.listTags({ pageSize: 5000 }));
  assert.equal(server.requests[0]?.query.get("n"), "1000");
});

test("a list that begins after a tag is asked for so", async (context) => {
  const { server, repository } = await serve(context, [page(["c"])]);
  assert.deepEqual(await collect(repository.listTags({ last: "a b" })), ["c"]);
  assert.equal(server.requests[0]?.query.get("last"), "a b");
});

test("a registry that sends all its tags at once gets them sorted, and cut where asked", async (context) => {
  const { repository } = await serve(context, [page(["b", "c", "a"])]);
  assert.deepEqual(await collect(repository.listTags()), ["a", "b", "c"]);
  assert.deepEqual(await collect(repository.listTags({ last: "a" })), ["b", "c"]);
});

test("null in place of a list is an empty list", async (context) => {
  const { repository } = await serve(context, [page(null)]);
  assert.deepEqual(await collect(repository.listTags()), []);
});

test("digests among the tags are left out", async (context) => {
  const { repository } = await serve(context, [page([`sha256:${"0".repeat(64)}`, "a", 7])]);
  assert.deepEqual(await collect(repository.listTags()), ["a"]);
});

test("a next page that does not say where it begins, begins after the last tag", async (context) => {
  const { repository } = await serve(context, [
    page(["c"], undefined, { last: "b" }),
    page(["a", "b"], `<${list}?n=2>; rel=next`),
  ]);
  assert.deepEqual(await collect(repository.listTags()), ["a", "b", "c"]);
});

test("a next page with a token of its own is followed as it is", async (context) => {
  const { server, repository } = await serve(context, [
    page(["b"], undefined, { next_page: "g%A=" }),
    page(["a"], `<${list}?n=1&next_page=g%25A%3D>; rel="next"`),
  ]);
  assert.deepEqual(await collect(repository.listTags()), ["a", "b"]);
  assert.equal(server.requests[1]?.query.get("last"), null);
});

test("next pages that lead in a circle are noticed", async (context) => {
  const { repository } = await serve(context, [
    page(["c"], `<${list}?last=a>; rel="next"`, { last: "b" }),
    page(["b"], `<${list}?last=b>; rel="next"`),
  ]);
  await assert.rejects(collect(repository.listTags()), (error) =>
    isError(error, "RESPONSE_INVALID"),
  );
});

test("next pages without end that bring nothing are given up", async (context) => {
  let count = 0;
  const { repository } = await serve(context, [
    {
      request: { method: "GET", path: list },
      answer: () => ({
        body: { tags: [] },
        headers: { link: `<${list}?last=${(count += 1)}>; rel="next"` },
      }),
    },
  ]);
  await assert.rejects(collect(repository.listTags()), (error) =>
    isError(error, "RESPONSE_INVALID"),
  );
});

test("pages that repeat under ever new addresses are noticed", async (context) => {
  let count = 0;
  const { server, repository } = await serve(context, [
    {
      request: { method: "GET", path: list },
      answer: () => ({
        body: { tags: [`a${count % 3}`, `b${count % 3}`] },
        headers: { link: `<${list}?next=${(count += 1)}>; rel="next"` },
      }),
    },
  ]);
  const tags = async () => {
    for await (const _ of repository.listTags()) if (count > 100) return;
  };
  await assert.rejects(tags(), (error) => isError(error, "RESPONSE_INVALID"));
  assert(server.requests.length < 10);
});

test("a next page on another site is refused", async (context) => {
  const other = await startScriptedServer([]);
  context.after(() => other.close());
  const { repository } = await serve(context, [
    page(["a"], `<http://localhost:${new URL(other.url).port}${list}?last=a>; rel="next"`),
  ]);
  await assert.rejects(collect(repository.listTags()), (error) =>
    isError(error, "LOCATION_REFUSED"),
  );
  assert.equal(other.requests.length, 0);
});

test("a page that is cut in the middle is asked for again", async (context) => {
  const { server, repository } = await serve(context, [
    {
      request: { method: "GET", path: list },
      answer: { body: { tags: ["a"] }, fault: "cut" },
      times: 2,
    },
    page(["a"]),
  ]);
  assert.deepEqual(await collect(repository.listTags()), ["a"]);
  assert.equal(server.requests.length, 3);
});

test("a page of HTML with status 200 is named as such", async (context) => {
  const { repository } = await serve(context, [
    { request: { method: "GET", path: list }, answer: { body: "<!doctype html><title>Sign in" } },
  ]);
  await assert.rejects(collect(repository.listTags()), /HTML came in place of JSON/);
});

test("the tags of a repository that is not there are an error, with the registry's words", async (context) => {
  const { repository } = await serve(context, [
    {
      request: { method: "GET", path: list },
      answer: {
        status: 404,
        body: { errors: [{ code: "NAME_UNKNOWN", message: "no such name" }] },
      },
    },
  ]);
  await assert.rejects(collect(repository.listTags()), (error) => {
    assert(isError(error, "REPOSITORY_NOT_FOUND"));
    assert.match(error.message, /^GET http:\S+tags\/list\S*: NAME_UNKNOWN: no such name \(404\)$/);
    return true;
  });
});

test("the catalogue is listed page by page, null too", async (context) => {
  const { registry } = await serve(context, [
    {
      request: { method: "GET", path: "/v2/_catalog", query: { last: "b" } },
      answer: { body: { repositories: null } },
    },
    {
      request: { method: "GET", path: "/v2/_catalog" },
      answer: {
        body: { repositories: ["a", "b"] },
        headers: { link: '</v2/_catalog?last=b&n=1000>; rel="next"' },
      },
    },
  ]);
  assert.deepEqual(await collect(registry.listRepositories()), ["a", "b"]);
});

test("a registry without a catalogue says so", async (context) => {
  const { registry } = await serve(context, [
    {
      request: { method: "GET", path: "/v2/_catalog" },
      answer: { status: 404, body: "404 page not found" },
    },
  ]);
  await assert.rejects(collect(registry.listRepositories()), (error) =>
    isError(error, "UNSUPPORTED"),
  );
});

test("the next link is found among others", () => {
  assert.equal(nextLink('</a>; rel="prev", </b?x=1,2>; title="a, b"; rel="next last"'), "/b?x=1,2");
  assert.equal(nextLink("</c>;REL=NEXT"), "/c");
  assert.equal(nextLink('</a>; rel="nextish"'), undefined);
  assert.equal(nextLink(""), undefined);
});

test("a header made to be slow is read in linear time", () => {
  for (const hostile of ["<".repeat(60_000), "<a>;".repeat(15_000), `<a>${"; x".repeat(20_000)}`]) {
    assert.equal(nextLink(hostile), undefined);
  }
});
