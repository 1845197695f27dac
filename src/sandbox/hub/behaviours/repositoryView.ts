/** A repository as Hub tells of it. */
import { atLeast, levelOf, roleOf } from "../../accounts/permissions.ts";
import type { RepositoryRow } from "../../repositories.ts";
import type { State } from "../../state/state.ts";
import { summaryOf } from "../../summaries.ts";
import type { Context } from "../context.ts";

/** As a list has it. */
export function entryOf({ state, identity }: Context, row: RepositoryRow) {
  const { mediaTypes, contentTypes, size } = summaryOf(state, row.id);
  return {
    name: row.name,
    namespace: row.namespace,
    repository_type: "image",
    status: row.status,
    status_description: row.status === 1 ? "active" : "inactive",
    description: row.description,
    is_private: row.is_private === 1,
    star_count: row.stars,
    pull_count: row.pulls,
    last_updated: row.updated,
    last_modified: row.modified,
    date_registered: row.registered,
    affiliation: affiliationOf(state, identity?.account.number, row),
    media_types: [...mediaTypes],
    content_types: [...contentTypes],
    categories: JSON.parse(row.categories) as { name: string; slug: string }[],
    storage_size: size,
  };
}

/** By itself. */
export function repositoryOf(context: Context, row: RepositoryRow) {
  const { state, identity } = context;
  const level = levelOf(state, identity, row);
  return {
    ...entryOf(context, row),
    // By itself it is never without a date, in a list it may be.
    last_updated: row.updated ?? row.registered,
    user: row.namespace,
    hub_user: row.namespace,
    full_description: row.full_description,
    is_automated:
      state.one("SELECT 1 FROM build_sources WHERE repository = ?", row.id) !== undefined,
    collaborator_count: state.count(
      "SELECT count(*) AS count FROM collaborators WHERE repository = ?",
      row.id,
    ),
    has_starred:
      identity !== undefined &&
      state.one(
        "SELECT 1 FROM stars WHERE repository = ? AND account = ?",
        row.id,
        identity.account.number,
      ) !== undefined,
    permissions: {
      read: atLeast(level, "read"),
      write: atLeast(level, "write"),
      admin: atLeast(level, "admin"),
    },
    immutable_tags_settings: {
      enabled: row.immutable === 1,
      rules: JSON.parse(row.rules) as string[],
    },
    source: null,
  };
}

/** What the older addresses tell besides. */
export function olderOf({ state, identity }: Context, row: RepositoryRow) {
  const can_edit = atLeast(levelOf(state, identity, row), "admin");
  return { user: row.namespace, can_edit, is_migrated: false };
}

function affiliationOf(state: State, account: number | undefined, row: RepositoryRow): string {
  if (account === undefined) return "";
  if (account === row.owner) return "owner";
  const role = roleOf(state, { number: row.owner }, { number: account });
  if (role !== undefined) return role;
  const found = state.one(
    "SELECT 1 FROM collaborators WHERE repository = ? AND account = ?",
    row.id,
    account,
  );
  return found ? "collaborator" : "";
}
