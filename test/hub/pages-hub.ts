/** The Docker Hub that the examples of docs/hub.md talk to: an organization acme with one repository. */
import { allFixtures } from "./fixtures/index.ts";
import { startScriptedHub } from "./scripted-hub.ts";

const sample = (area: string, verb: string) =>
  allFixtures[area]?.[verb]?.answer.body as { results: Record<string, unknown>[] };

const [tag] = sample("tags", "list").results;
const [found] = sample("search", "query").results;

const tagOf = (name: string, letter: string, pushed: string) => ({
  ...tag,
  name,
  digest: `sha256:${letter.repeat(64)}`,
  tag_last_pushed: pushed,
});
const tags = [
  tagOf("1.27", "a", "2026-01-04T12:00:00Z"),
  tagOf("1.26", "b", "2025-06-01T12:00:00Z"),
  tagOf("pr-7", "c", "2024-03-01T12:00:00Z"),
];
const results = [
  found,
  {
    ...found,
    name: "acme/nginx",
    slug: "acme/nginx",
    short_description: "Ours",
    badge: "none",
    star_count: 12,
  },
];

export const startPagesHub = () =>
  startScriptedHub({
    "search.query": () => ({ body: { total: results.length, results } }),
    "tags.list": () => ({
      body: { count: tags.length, next: null, previous: null, results: tags },
      headers: {
        "x-ratelimit-limit": "180",
        "x-ratelimit-remaining": "179",
        "x-ratelimit-reset": "4000000000",
      },
    }),
    "tags.get": ({ url = "" }) => {
      const one = tags.find(({ name }) => url.endsWith(`/${name}`));
      return one ? { body: one } : { status: 404, body: { message: "tag not found" } };
    },
  });
