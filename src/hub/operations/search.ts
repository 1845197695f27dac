/** Search. Not in Docker's description; `query` is what Docker's own tools and staff use. */
import * as z from "zod";
import { named, operation, page, paged } from "../../operation.ts";
import { paging } from "../parameters.ts";

const list = (about: string) => z.array(z.string()).optional().describe(about);
const from = z.int().min(0).optional().describe("How many to leave out at the beginning");
const size = z.int().min(1).max(100).optional().describe("How many, at most 100");

const labelled = z.array(z.looseObject({ name: z.string(), label: z.string().optional() }));
const found = z.looseObject({
  id: z.string().optional(),
  name: z.string().optional(),
  slug: z.string().optional(),
  type: z.string().nullish(),
  publisher: z.looseObject({ id: z.string().nullish(), name: z.string().nullish() }).nullish(),
  created_at: z.string().nullish(),
  updated_at: z.string().nullish(),
  short_description: z.string().nullish(),
  /** official, verified_publisher, open_source or none. */
  badge: z.string().nullish(),
  star_count: z.number().nullish(),
  /** A text such as 1B+, or a number. */
  pull_count: z.union([z.string(), z.number()]).nullish(),
  operating_systems: labelled.nullish(),
  architectures: labelled.nullish(),
  logo_url: z.looseObject({ large: z.string().nullish(), small: z.string().nullish() }).nullish(),
  extension_reviewed: z.boolean().nullish(),
  categories: z.array(z.looseObject({ slug: z.string(), name: z.string().optional() })).nullish(),
  archived: z.boolean().nullish(),
});
/** Something that was found. */
export interface SearchResult extends z.infer<typeof found> {}
const SearchResult = named<SearchResult>(found);

/** What was found, and how much there is. */
export interface SearchResults {
  readonly total: number;
  readonly results: SearchResult[];
}
const SearchResults = named<SearchResults>(
  z.looseObject({ total: z.int(), results: z.array(SearchResult) }),
);

/** Finds images, extensions and plugins. */
export const query = operation({
  summary: "Finds images, extensions and plugins.",
  http: "GET /api/search/v4?custom_boosted_results=true",
  auth: "none",
  effect: "read",
  status: "undocumented",
  input: z.strictObject({
    query: z.string().optional().describe("What is looked for"),
    badges: list("Only official, verified_publisher, open_source or none"),
    type: z.string().optional().describe("Only image, plugin or extension"),
    categories: list("Only these categories, by slug"),
    architectures: list("Only these processors: amd64, arm64…"),
    operating_systems: list("Only these operating systems: linux, windows"),
    images: list("Only these kinds of images"),
    extension_reviewed: z.boolean().optional().describe("Only extensions that were reviewed"),
    from,
    size,
    sort: z.enum(["pull_count", "updated_at"]).optional().describe("What they are sorted by"),
    order: z.enum(["asc", "desc"]).optional().describe("Which way"),
  }),
  output: SearchResults,
  paging: { style: "from", items: "results", size: { preset: 25, largest: 100 } },
});

/** Finds repositories in the catalogue, the older way. */
export const catalogV3 = operation({
  summary: "Finds repositories in the catalogue, the older way.",
  http: "GET /api/search/v3/catalog/search",
  auth: "none",
  effect: "read",
  status: "legacy",
  replacedBy: "search.query",
  input: z.strictObject({
    query: z.string().optional().describe("What is looked for"),
    from,
    size,
    badges: list("Only with these badges"),
  }),
  output: SearchResults,
  paging: { style: "from", items: "results", size: { preset: 25, largest: 100 } },
});

const match = z.looseObject({ repo_name: z.string() });
/** A repository whose name or description matches. */
export interface RepositoryMatch extends z.infer<typeof match> {}

/** Finds repositories, the oldest way that still answers. */
export const repositoriesV2 = operation({
  summary: "Finds repositories, the oldest way that still answers.",
  description: "Of what it answers only repo_name is certain.",
  http: "GET /v2/search/repositories/",
  auth: "none",
  effect: "read",
  status: "legacy",
  replacedBy: "search.query",
  input: z.strictObject({
    query: z.string().optional().describe("What is looked for"),
    ...paging,
  }),
  output: page<RepositoryMatch>(match),
  paging: paged,
});

/** Found products of the former store. */
export const productsV1 = operation({
  summary: "Found products of the former store.",
  description: "Since December 2024 it answers every question with nothing.",
  http: "GET /api/content/v1/products/search",
  auth: "none",
  effect: "read",
  status: "retired",
  retired: {
    on: "2024-12",
    use: "search.query",
    note: "It answers with nothing, whatever is asked.",
  },
  places: { search_version: { header: "Search-Version" } },
  input: z.strictObject({
    q: z.string().optional().describe("What is looked for"),
    type: z.string().optional().describe("Which kind: image, plugin"),
    source: z.string().optional().describe("Where from: community, verified, official"),
    ...paging,
    search_version: z.string().optional().describe("Version of the answer: v3"),
  }),
  output: z.unknown(),
});
