import assert from "node:assert/strict";
import { test } from "node:test";

import { isError, WharfError } from "../../errors.ts";
import type { Paging } from "../../operation.ts";
import { itemsOf, nextInput, pagesOf } from "./paging.ts";
import type { Input } from "./request.ts";

type Style = "page" | "bare" | "scim" | "from" | "offset" | "cursor" | "last";

const lists: Readonly<Record<Style, { paging: Paging; page: (input: Input) => object }>> = {
  page: {
    paging: { style: "page", items: "results" },
    page: ({ page = 1 }) => ({
      results: three(Number(page)),
      next: Number(page) < 3 ? `?page=${Number(page) + 1}` : null,
    }),
  },
  bare: {
    paging: { style: "bare", items: "logs", size: { preset: 3, largest: 3 } },
    page: ({ page = 1 }) => ({ logs: Number(page) > 3 ? [] : three(Number(page)) }),
  },
  scim: {
    paging: { style: "scim", items: "resources" },
    page: ({ startIndex = 1 }) => ({
      Resources: three((Number(startIndex) + 2) / 3),
      totalResults: 9,
      startIndex,
    }),
  },
  from: {
    paging: { style: "from", items: "results" },
    page: ({ from = 0 }) => ({ results: three(Number(from) / 3 + 1), total: 9 }),
  },
  offset: {
    paging: { style: "offset", items: "objects" },
    page: ({ offset = 0 }) => ({
      objects: three(Number(offset) / 3 + 1),
      meta: { offset: Number(offset), total_count: 9 },
    }),
  },
  cursor: {
    paging: { style: "cursor", items: "manifests" },
    page: ({ last_evaluated_key = "1" }) => ({
      manifests: three(Number(last_evaluated_key)),
      last_evaluated_key:
        Number(last_evaluated_key) < 3 ? String(Number(last_evaluated_key) + 1) : "",
    }),
  },
  last: {
    paging: { style: "last", items: "tags" },
    page: ({ last = "0" }) => ({
      tags: three(Number(last) + 1),
      ...(Number(last) < 2 && { last: String(Number(last) + 1) }),
    }),
  },
};

function three(page: number): number[] {
  return [page * 3 - 3, page * 3 - 2, page * 3 - 1];
}

for (const [style, { paging, page }] of Object.entries(lists))
  test(`a list of the style ${style} is read to its end, each item once`, async () => {
    const found: unknown[] = [];
    for await (const each of pagesOf(paging, {}, async (input) => page(input)))
      found.push(...itemsOf(paging, each));
    assert.deepEqual(found, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });

test("a 404 is the end of a list, but not its beginning", async () => {
  const { paging } = lists.page;
  const gone = new WharfError("NOT_FOUND", "no more", { status: 404 });
  const pages = pagesOf(paging, {}, async ({ page = 1 }) => {
    if (page !== 1) throw gone;
    return { results: [1], next: "more" };
  });
  const found = [];
  for await (const each of pages) found.push(each);
  assert.equal(found.length, 1);
  const first = pagesOf(paging, {}, async () => {
    throw gone;
  });
  await assert.rejects(first.next(), (error) => isError(error, "NOT_FOUND"));
});

test("whoever stops reading ends the request that is on its way", async () => {
  const { paging, page } = lists.page;
  let asked = 0;
  let ended: AbortSignal | undefined;
  for await (const _ of pagesOf(paging, {}, async (input, signal) => {
    asked += 1;
    ended = signal;
    return page(input);
  }))
    break;
  assert.equal(asked, 2);
  assert.equal(ended?.aborted, true);
});

test("a list that leads back ends", () => {
  const { paging } = lists.page;
  assert.equal(nextInput(paging, { page: 2 }, { results: [1], next: "?page=2" }), undefined);
  assert.equal(nextInput(paging, {}, { results: [], next: "?page=2" }), undefined);
  assert.deepEqual(
    nextInput(paging, { page: 2, name: "x" }, { results: [1], next: "http://evil/?page=3&name=y" }),
    { page: 3, name: "x" },
  );
});
