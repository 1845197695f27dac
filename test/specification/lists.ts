/** Distribution-spec 1.1, "Listing Tags"; the catalogue as Docker's registry documents it. */
import assert from "node:assert/strict";

import type { TestAnswer } from "../../src/distribution/testing/client.ts";
import { has, image, refused, type Registry } from "./registry.ts";
import type { Chapter } from "./scenario.ts";

/** In the order of their characters' numbers. */
const sorted = ["1.0", "1.10", "1.9", "A", "Z", "_x", "a", "a-b", "a.b", "z"];

async function pushTags(registry: Registry, name: string): Promise<void> {
  const manifest = image(await registry.pushConfig(name));
  for (const tag of sorted.toReversed()) await registry.push(name, manifest, tag);
}

async function tags(registry: Registry, name: string, query = ""): Promise<TestAnswer> {
  const answer = await registry.request("GET", `/v2/${name}/tags/list${query}`);
  has(answer, 200);
  assert.equal(answer.json.name, name);
  return answer;
}

/** The next page's path, from `Link`; undefined where there is none. */
function nextOf({ headers }: TestAnswer): string | undefined {
  if (headers.link === undefined) return undefined;
  const [, target] = /^<([^>]+)>;\s*rel="?next"?$/.exec(String(headers.link)) ?? [];
  assert(target, `Link is ${String(headers.link)}`);
  const { pathname, search } = new URL(target, "http://registry");
  return pathname + search;
}

/** All that a list gives, page by page. */
async function follow<Item>(
  registry: Registry,
  path: string,
  read: (answer: TestAnswer) => readonly Item[],
): Promise<{ items: Item[]; pages: number }> {
  const items: Item[] = [];
  let next: string | undefined = path;
  for (let pages = 0; ; pages += 1) {
    if (next === undefined) return { items, pages };
    assert(pages < 100, "the pages do not end");
    const answer = await registry.request("GET", next);
    has(answer, 200);
    items.push(...read(answer));
    next = nextOf(answer);
  }
}

export const tagLists: Chapter = {
  title: "tags",
  scenarios: {
    "all come, without a further page": async (registry, name) => {
      await pushTags(registry, name);
      const answer = await tags(registry, name);
      assert.deepEqual(answer.json.tags.toSorted(), sorted);
      assert.equal(nextOf(answer), undefined);
    },
    "they come sorted": async (registry, name) => {
      await pushTags(registry, name);
      assert.deepEqual((await tags(registry, name)).json.tags, sorted);
    },
    "n gives the first, and the rest page by page": async (registry, name) => {
      await pushTags(registry, name);
      assert.deepEqual((await tags(registry, name, "?n=4")).json.tags, sorted.slice(0, 4));
      const path = `/v2/${name}/tags/list?n=4`;
      const { items, pages } = await follow(registry, path, ({ json }) => json.tags);
      assert.deepEqual([items, pages], [sorted, 3]);
    },
    "n that is all, or more, has no further page": async (registry, name) => {
      await pushTags(registry, name);
      for (const n of [sorted.length, 1000]) {
        const answer = await tags(registry, name, `?n=${n}`);
        assert.deepEqual(answer.json.tags.toSorted(), sorted);
        assert.equal(nextOf(answer), undefined, `n=${n}`);
      }
    },
    "n=0 gives none, and no further page": async (registry, name) => {
      await pushTags(registry, name);
      for (const query of ["?n=0", "?n=0&last=a"]) {
        const answer = await tags(registry, name, query);
        assert.deepEqual(answer.json.tags, []);
        assert.equal(nextOf(answer), undefined);
      }
    },
    "last gives what comes after it": async (registry, name) => {
      await pushTags(registry, name);
      for (const [last, rest] of [
        ["Z", sorted.slice(5)],
        ["1.2", sorted.slice(2)],
        ["z", []],
        ["zz", []],
      ] as const)
        assert.deepEqual((await tags(registry, name, `?last=${last}`)).json.tags, rest, last);
    },
    "n and last together": async (registry, name) => {
      await pushTags(registry, name);
      const answer = await tags(registry, name, "?n=2&last=Z");
      assert.deepEqual(answer.json.tags, ["_x", "a"]);
      const next = nextOf(answer);
      assert(next, "no Link");
      assert.deepEqual((await registry.request("GET", next)).json.tags, ["a-b", "a.b"]);
    },
    "n that is no number is refused": async (registry, name) => {
      await pushTags(registry, name);
      for (const n of ["-1", "x", "1.5"])
        has(await registry.request("GET", `/v2/${name}/tags/list?n=${n}`), 400);
    },
    "a manifest without a tag is in no list": async (registry, name) => {
      await registry.pushImage(name, "only");
      await registry.pushImage(name, undefined, { annotations: { tag: "none" } });
      assert.deepEqual((await tags(registry, name)).json.tags, ["only"]);
    },
    "a tag that is deleted is in no list": async (registry, name) => {
      await pushTags(registry, name);
      has(await registry.request("DELETE", `/v2/${name}/manifests/Z`), 202);
      const left = sorted.filter((tag) => tag !== "Z");
      assert.deepEqual((await tags(registry, name)).json.tags.toSorted(), left);
    },
    "the list of a repository without tags is a list": async (registry, name) => {
      const { digest } = await registry.pushImage(name, "v1");
      has(await registry.request("DELETE", `/v2/${name}/manifests/${digest}`), 202);
      assert.deepEqual((await tags(registry, name)).json.tags, []);
    },
    "a repository that is not there is unknown": async (registry, name) => {
      refused(await registry.request("GET", `/v2/${name}/tags/list`), 404, "NAME_UNKNOWN");
    },
  },
};

export const catalogue: Chapter = {
  title: "catalogue",
  scenarios: {
    "repositories come sorted, and page by page": async (registry, name) => {
      const names = ["a", "b", "c/d", "e"].map((end) => `${name}/${end}`);
      for (const each of names.toReversed()) await registry.pushImage(each, "v1");
      const path = `/v2/_catalog?n=2&last=${name}`;
      const { items } = await follow(registry, path, ({ json }) => json.repositories);
      assert.deepEqual(items, items.toSorted());
      assert.deepEqual(
        items.filter((item) => item.startsWith(`${name}/`)),
        names,
      );
    },
    "n gives so many": async (registry, name) => {
      for (const end of ["a", "b"]) await registry.pushImage(`${name}/${end}`, "v1");
      const answer = await registry.request("GET", "/v2/_catalog?n=1");
      has(answer, 200);
      assert.equal(answer.json.repositories.length, 1);
      assert(nextOf(answer), "no Link");
    },
    "after the last there is none": async (registry, name) => {
      await registry.pushImage(name, "v1");
      const answer = await registry.request("GET", "/v2/_catalog?n=5&last=zzz");
      has(answer, 200);
      assert.deepEqual(answer.json.repositories, []);
      assert.equal(nextOf(answer), undefined);
    },
    "n that is no number is refused": async (registry) => {
      for (const n of ["-1", "x"]) has(await registry.request("GET", `/v2/_catalog?n=${n}`), 400);
    },
  },
};
