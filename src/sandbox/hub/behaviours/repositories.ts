/** Repositories: made, described, shown, hidden and deleted; also by the addresses that came before. */
import type * as declared from "../../../hub/operations/repositories.ts";
import { type Account, findAccount, nameOf } from "../../accounts/accounts.ts";
import { isListed, levelOf, mayCreate } from "../../accounts/permissions.ts";
import { hasPrivateLeft } from "../../accounts/plans.ts";
import { record, repositorySubject } from "../../events/audit.ts";
import {
  createRepository,
  findRepository,
  type NewRepository,
  type RepositoryRow,
  selectRepositories,
} from "../../repositories.ts";
import { written } from "../../state/state.ts";
import { summaryOf } from "../../summaries.ts";
import { type Behaviours, type Context, Later, Reply, signedIn } from "../context.ts";
import { containing, type PageInput, pageOfList } from "../pages.ts";
import {
  badRequest,
  conflict,
  forbidden,
  HubRefusal,
  invalidFields,
  notFound,
} from "../refusal.ts";
import { allCategories } from "./categories.ts";
import { accountNamed, type RepositoryInput, repositoryFor } from "./found.ts";
import { checkRules, recordImmutability } from "./immutableTags.ts";
import { logos } from "./logos.ts";
import { entryOf, olderOf, repositoryOf } from "./repositoryView.ts";

export const repositories: Behaviours<typeof declared> = {
  list,
  create: (context, { namespace, ...input }) => create(context, namespace, input),
  get: show,
  check: isThere,
  update,
  delete: remove,

  setPrivacy(context, { is_private, ...input }) {
    const row = repositoryFor(context, input, "admin");
    if (is_private && row.is_private === 0)
      checkPlan(context, accountNamed(context, row.namespace));
    change(context, row.id, "is_private = ?", is_private ? 1 : 0);
    record(context, "repo.change_privacy", repositorySubject(row), privacyOf(is_private));
  },

  setCategories(context, { categories, ...input }) {
    const row = repositoryFor(context, input, "admin");
    const known = categories.map(({ slug }) => {
      const category = allCategories.find((candidate) => candidate.slug === slug);
      if (!category) throw badRequest(`there is no category ${slug}`);
      return category;
    });
    change(context, row.id, "categories = ?", JSON.stringify(known));
    const slugs = known.map(({ slug }) => slug).join(",");
    record(context, "repo.category.updated", repositorySubject(row), { categories: slugs });
  },

  ...logos,

  listLegacy(context, input) {
    const { rows, ...found } = pageFor(context, input);
    const results = rows.map((row) => ({ ...entryOf(context, row), ...olderOf(context, row) }));
    return { ...found, results };
  },
  listForUserLegacy: (context, { username }) => {
    const rows = visible(context, username, {});
    return rows.map(({ namespace, name }) => ({ namespace, name }));
  },
  createLegacy: (context, { namespace, ...input }) => create(context, namespace, input),
  createInNamespaceLegacy: (context, { namespace, name, ...input }) => {
    if (name === undefined)
      throw invalidFields({ area: "repositories", isRead: false }, { name: ["is required"] });
    return create(context, namespace, { name, ...input });
  },
  getLegacy(context, input) {
    const row = repositoryFor(context, input, "read");
    return { ...repositoryOf(context, row), ...olderOf(context, row) };
  },
  checkLegacy: isThere,

  updateLegacy(context, { immutable_tags, immutable_tags_rules, ...input }) {
    const answer = update(context, input);
    if (immutable_tags === undefined && immutable_tags_rules === undefined) return answer;
    const row = repositoryFor(context, input, "admin");
    if (immutable_tags !== undefined)
      change(context, row.id, "immutable = ?", immutable_tags ? 1 : 0);
    if (immutable_tags_rules !== undefined) {
      const rules = immutable_tags_rules.split(",").filter(Boolean);
      checkRules(context, row.id, rules);
      change(context, row.id, "rules = ?", JSON.stringify(rules));
    }
    recordImmutability(context, input);
    return show(context, input);
  },
};

interface Filter {
  readonly name?: string | undefined;
  readonly ordering?: string | undefined;
}

type ListInput = PageInput &
  Filter & {
    namespace: string;
    media_types?: string[] | undefined;
    content_types?: string[] | undefined;
  };

function list(context: Context, input: ListInput) {
  const { rows, ...found } = pageFor(context, input);
  return { ...found, results: rows.map((row) => entryOf(context, row)) };
}

function pageFor(context: Context, input: ListInput) {
  const { media_types = [], content_types = [] } = input;
  const wanted = (list: readonly string[], values: readonly string[]) =>
    list.length === 0 || values.some((value) => list.includes(value));
  const isAsked = media_types.length + content_types.length > 0;
  const fitting = visible(context, input.namespace, input).filter(({ id }) => {
    if (!isAsked) return true;
    const { mediaTypes, contentTypes } = summaryOf(context.state, id);
    return wanted(media_types, mediaTypes) && wanted(content_types, contentTypes);
  });
  const { results: rows, ...found } = pageOfList(context, input, fitting);
  return { ...found, rows };
}

/** What each word of `ordering` sorts by. */
const columns = new Map([
  ["name", "r.name"],
  ["last_updated", "r.updated"],
  ["pull_count", "r.pulls"],
]);

/** The repositories of a namespace that whoever asks may see. */
function visible(context: Context, namespace: string, { name, ordering }: Filter): RepositoryRow[] {
  const { state, identity } = context;
  if (!findAccount(state, namespace)) throw notFound();
  const column = columns.get(ordering?.replace(/^-/, "") ?? "last_updated");
  if (column === undefined)
    throw invalidFields(
      { area: "repositories", isRead: true },
      { ordering: [`${ordering} is not a valid choice`] },
    );
  const descending = ordering === undefined || ordering.startsWith("-");
  return state
    .all<RepositoryRow>(
      `${selectRepositories} WHERE a.name = ? AND r.name LIKE ? ESCAPE '\\'
       ORDER BY ${column} ${descending ? "DESC" : "ASC"}, r.id`,
      nameOf(namespace),
      containing(name),
    )
    .filter((row) => isListed(state, identity, row));
}

function show(context: Context, input: RepositoryInput) {
  return repositoryOf(context, repositoryFor(context, input, "read"));
}

function isThere({ state, identity }: Context, { namespace, repository }: RepositoryInput) {
  const row = findRepository(state, namespace, repository);
  return row !== undefined && levelOf(state, identity, row) !== "none";
}

function create(context: Context, namespace: string, input: NewRepository) {
  const { state, identity, now } = context;
  signedIn(context);
  const owner = findAccount(state, namespace);
  if (!owner) throw notFound(`namespace ${namespace} not found`);
  if (!mayCreate(state, identity, owner)) throw forbidden("access to the resource is forbidden");
  if (!/^[a-z0-9]+(?:[._-][a-z0-9]+)*$/.test(input.name))
    throw invalidFields({ area: "repositories", isRead: false }, { name: ["is no valid name"] });
  if (findRepository(state, namespace, input.name))
    throw conflict(`repository ${nameOf(namespace)}/${input.name} already exists`);
  checkPage(input.full_description);
  if (input.is_private) checkPlan(context, owner);
  const row = createRepository(state, owner, input, now);
  record(context, "repo.create", repositorySubject(row), privacyOf(row.is_private === 1));
  return new Reply(201, repositoryOf(context, row));
}

/** @throws HubRefusal 402 where the plan has no private repository left */
function checkPlan({ state }: Context, owner: Account): void {
  if (!hasPrivateLeft(state, owner))
    throw new HubRefusal(402, { message: "No more private repositories available", errinfo: {} });
}

/** @throws HubRefusal 400: bytes count, of which a character may have several */
function checkPage(full_description = ""): void {
  if (Buffer.byteLength(full_description) > 25_000)
    throw invalidFields(
      { area: "repositories", isRead: false },
      { full_description: ["has more than 25000 bytes"] },
    );
}

function update(
  context: Context,
  input: RepositoryInput & {
    description?: string | undefined;
    full_description?: string | undefined;
    status?: number | undefined;
  },
) {
  const row = repositoryFor(context, input, "admin");
  checkPage(input.full_description);
  const status = input.status ?? row.status;
  if (status !== row.status && status === 1 && row.updated === null)
    throw badRequest("a repository without images cannot be made active");
  change(
    context,
    row.id,
    "description = ?, full_description = ?, status = ?",
    input.description ?? row.description,
    input.full_description ?? row.full_description,
    status,
  );
  const fields = (["description", "full_description", "status"] as const).filter(
    (field) => input[field] !== undefined,
  );
  if (fields.length > 0)
    record(context, "repo.update", repositorySubject(row), { fields: fields.join(",") });
  return show(context, input);
}

function privacyOf(isPrivate: boolean) {
  return { privacy: isPrivate ? "private" : "public" };
}

function remove(context: Context, input: RepositoryInput) {
  const { state, content } = context;
  const row = repositoryFor(context, input, "admin");
  const path = `${row.namespace}/${row.name}`;
  record(context, "repo.delete", repositorySubject(row));
  content.forget(path);
  state.run("DELETE FROM repositories WHERE id = ?", row.id);
  return new Later(async () => {
    await content.forgotten(path);
    return new Reply(202, undefined) as never;
  });
}

/** @param columns `name = ?` each */
function change(
  { state, now }: Context,
  id: number,
  columns: string,
  ...values: (string | number)[]
): void {
  state.run(
    `UPDATE repositories SET ${columns}, modified = ? WHERE id = ?`,
    ...values,
    written(now),
    id,
  );
}
