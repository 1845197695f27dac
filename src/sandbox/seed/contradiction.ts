/** What a seed says of somebody whom it does not have, and says twice. */
import { nearest } from "../../config/nearest.ts";
import { isError } from "../../errors.ts";
import { type Complaint, fieldName } from "../../sync/complaint.ts";
import type { Path } from "../../sync/document.ts";
import { allCategories } from "../hub/behaviours/categories.ts";
import { splitPath } from "../repositories.ts";
import { faultOf } from "../tagRules.ts";
import { localPlace } from "./fetch.ts";
import { ownImage } from "./own.ts";
import type { OrganizationSeed, RepositorySeed, Seed } from "./schema.ts";

const slugs: ReadonlySet<string> = new Set(allCategories.map(({ slug }) => slug));

/** All contradictions, one after the other: a seed may have very many. */
export function* contradictionsIn(seed: Seed): Generator<Complaint> {
  const { accounts = [], organizations = [], repositories = [] } = seed;
  const people = accounts.map(({ name }) => name);
  const namespaces = new Set(people);
  yield* twice(people, "accounts");
  for (const [index, { name }] of organizations.entries())
    if (namespaces.has(name))
      yield { path: ["organizations", index, "name"], message: `'${name}' is there twice` };
    else namespaces.add(name);
  const tokens = [
    ...accounts.map(({ tokens }, index) => ({ tokens, path: ["accounts", index] })),
    ...organizations.map(({ tokens }, index) => ({ tokens, path: ["organizations", index] })),
  ].flatMap(({ tokens = [], path }) =>
    tokens.map(({ token }, index) => ({ token, path: [...path, "tokens", index] })),
  );
  const secrets = new Set<string>();
  for (const { token, path } of tokens)
    if (secrets.has(token))
      yield { path, message: `${fieldName(path)}: another token has the same secret` };
    else secrets.add(token);
  const accountNames = new Set(people);
  for (const [index, organization] of organizations.entries())
    yield* inOrganization(organization, ["organizations", index], accountNames);
  yield* twice(
    repositories.map(({ name }) => name),
    "repositories",
  );
  // Docker's own are there without being said.
  const owners = new Set([...namespaces, "library", "ratelimitpreview"]);
  const byName = new Map(organizations.map((organization) => [organization.name, organization]));
  const known = { people: accountNames, owners, organizations: byName };
  for (const [index, repository] of repositories.entries())
    yield* inRepository(repository, ["repositories", index], known);
}

function* inOrganization(
  { members = {}, teams = [] }: OrganizationSeed,
  path: Path,
  people: ReadonlySet<string>,
): Generator<Complaint> {
  for (const name of Object.keys(members))
    yield* unknown("account", name, [...path, "members", name], people);
  for (const [index, team] of teams.entries())
    for (const [place, name] of (team.members ?? []).entries()) {
      const at = [...path, "teams", index, "members", place];
      yield* unknown("account", name, at, people);
      if (!Object.hasOwn(members, name))
        yield { path: at, message: `${fieldName(at)}: '${name}' is no member of the organization` };
    }
}

interface Known {
  readonly people: ReadonlySet<string>;
  readonly owners: ReadonlySet<string>;
  readonly organizations: ReadonlyMap<string, OrganizationSeed>;
}

function* inRepository(
  repository: RepositorySeed,
  path: Path,
  { people, owners, organizations }: Known,
): Generator<Complaint> {
  const [owner] = splitPath(repository.name);
  yield* unknown("account or organization", owner, [...path, "name"], owners);
  const organization = organizations.get(owner);
  const teams = organization
    ? ["owners", ...(organization.teams ?? []).map(({ name }) => name)]
    : [];
  // Whose teams these are is not known where the owner is not.
  for (const team of owners.has(owner) ? Object.keys(repository.permissions ?? {}) : [])
    yield* unknown("team", team, [...path, "permissions", team], new Set(teams));
  for (const field of ["collaborators", "stars"] as const)
    for (const [index, name] of (repository[field] ?? []).entries())
      yield* unknown("account", name, [...path, field, index], people);
  for (const [index, { by }] of (repository.comments ?? []).entries())
    yield* unknown("account", by, [...path, "comments", index, "by"], people);
  for (const [index, slug] of (repository.categories ?? []).entries())
    yield* unknown("category", slug, [...path, "categories", index], slugs);
  const { immutable_tags: rules } = repository;
  const rulesPath = [...path, "immutable_tags"];
  const fault = Array.isArray(rules) ? faultOf(rules, []) : undefined;
  if (fault !== undefined) yield { path: rulesPath, message: `${fieldName(rulesPath)}: ${fault}` };
  yield* place(repository.image, [...path, "image"]);
  const names = new Set<string>();
  for (const [index, tag] of (repository.tags ?? []).entries()) {
    const at = [...path, "tags", index];
    const name = typeof tag === "string" ? tag : tag.name;
    if (names.has(name)) yield { path: at, message: `${fieldName(at)}: '${name}' is there twice` };
    names.add(name);
    if (typeof tag === "string") continue;
    yield* place(tag.image, [...at, "image"]);
    if (tag.by !== undefined) yield* unknown("account", tag.by, [...at, "by"], owners);
  }
}

function* twice(names: readonly string[], field: string): Generator<Complaint> {
  const seen = new Set<string>();
  for (const [index, name] of names.entries())
    if (seen.has(name))
      yield { path: [field, index, "name"], message: `${field}: '${name}' is there twice` };
    else seen.add(name);
}

function* unknown(
  what: string,
  name: string,
  path: Path,
  known: ReadonlySet<string>,
): Generator<Complaint> {
  if (known.has(name)) return;
  const near = nearest(name, [...known]);
  yield {
    path,
    message: `${fieldName(path)}: the seed has no ${what} '${name}'`,
    ...(near !== undefined && { hint: `Did you mean '${near}'?` }),
  };
}

function* place(location: string | undefined, path: Path): Generator<Complaint> {
  if (location === undefined || ownImage.test(location)) return;
  try {
    localPlace(location);
  } catch (error) {
    if (!isError(error)) throw error;
    const { message, details } = error;
    yield {
      path,
      message: `${fieldName(path)}: ${message}`,
      ...(details.hint !== undefined && { hint: details.hint }),
    };
  }
}
