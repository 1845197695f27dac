/** Search over what is public. */
import type * as declared from "../../../hub/operations/search.ts";
import { type RepositoryRow, selectRepositories } from "../../repositories.ts";
import { summaryOf } from "../../summaries.ts";
import { type Behaviours, type Context, Reply } from "../context.ts";
import { containing, pageOfList } from "../pages.ts";

export const search: Behaviours<typeof declared> = {
  query(context, input) {
    const wanted = (list: readonly string[] | undefined, values: readonly string[]) =>
      !list?.length || values.some((value) => list.includes(value));
    const hits = matching(context, input.query)
      .map((row) => hitOf(context, row))
      .filter(
        (hit) =>
          wanted(input.badges, [hit.badge]) &&
          (input.type === undefined || input.type === hit.type) &&
          wanted(
            input.categories,
            hit.categories.map(({ slug }) => slug),
          ) &&
          wanted(
            input.architectures,
            hit.architectures.map(({ name }) => name),
          ) &&
          wanted(
            input.operating_systems,
            hit.operating_systems.map(({ name }) => name),
          ) &&
          input.extension_reviewed !== true,
      );
    if (input.sort) {
      const key = (hit: (typeof hits)[number]) =>
        input.sort === "pull_count" ? Number(hit.pull_count) : Date.parse(hit.updated_at);
      hits.sort((a, b) => (input.order === "asc" ? key(a) - key(b) : key(b) - key(a)));
    }
    return slice(hits, input);
  },

  catalogV3(context, input) {
    const hits = matching(context, input.query)
      .map((row) => hitOf(context, row))
      .filter(({ badge }) => !input.badges?.length || input.badges.includes(badge));
    return slice(hits, input);
  },

  repositoriesV2(context, { query, ...paging }) {
    const rows = matching(context, query).map((row) => ({
      repo_name: row.namespace === "library" ? row.name : `${row.namespace}/${row.name}`,
      short_description: row.description,
      star_count: row.stars,
      pull_count: row.pulls,
      repo_owner: "",
      is_automated: false,
      is_official: row.namespace === "library",
    }));
    return pageOfList(context, paging, rows);
  },

  // As it has been since December 2024.
  productsV1: () => new Reply(200, ""),
};

function slice<Item>(
  hits: readonly Item[],
  { from = 0, size = 25 }: { from?: number | undefined; size?: number | undefined },
) {
  return { total: hits.length, results: hits.slice(from, from + size) };
}

interface Hit extends RepositoryRow {
  readonly badge: string;
  /** Id of the account. */
  readonly publisher: string;
}

/** Words of a question that count. */
const wordLimit = 20;

/** Public repositories whose name or line contains every word; official ones first, then by pulls. */
function matching({ state }: Context, query = ""): Hit[] {
  const words = query
    .split(/[\s/]+/)
    .filter(Boolean)
    .slice(0, wordLimit);
  const conditions = words.map(
    (_, index) =>
      `AND (a.name || '/' || r.name || ' ' || r.description) LIKE ?${index + 1} ESCAPE '\\'`,
  );
  return state.all<Hit>(
    `${selectRepositories.replace("AS namespace", "AS namespace, a.badge, a.id AS publisher")}
     WHERE r.is_private = 0 AND r.status = 1 ${conditions.join(" ")}
     ORDER BY a.badge = 'official' DESC, r.pulls DESC, r.id`,
    ...words.map(containing),
  );
}

function hitOf({ state }: Context, row: Hit) {
  const { systems, architectures } = summaryOf(state, row.id);
  const labelled = (names: readonly string[]) => names.map((name) => ({ name, label: name }));
  return {
    id: `${row.namespace}/${row.name}`,
    name: row.namespace === "library" ? row.name : `${row.namespace}/${row.name}`,
    slug: row.namespace === "library" ? row.name : `${row.namespace}/${row.name}`,
    type: "image",
    publisher: { id: row.publisher, name: row.namespace },
    created_at: row.registered,
    updated_at: row.updated ?? row.registered,
    short_description: row.description,
    badge: row.badge,
    star_count: row.stars,
    pull_count: String(row.pulls),
    operating_systems: labelled(systems),
    architectures: labelled(architectures),
    logo_url: { large: "", small: "" },
    extension_reviewed: false,
    categories: JSON.parse(row.categories) as { name: string; slug: string }[],
    archived: false,
  };
}
