/** What a seed says of somebody whom it does not have, and says twice. */
import { nearest } from "../../config/nearest.ts";
import { isError } from "../../errors.ts";
import { type Complaint, fieldName } from "../../sync/complaint.ts";
import type { Path } from "../../sync/document.ts";
import { allCategories } from "../hub/behaviours/categories.ts";
import { splitPath } from "../repositories.ts";
import { faultOf } from "../tagRules.ts";
import { localPlace } from "./fetch.ts";
import { ownImage } from "./hello.ts";
import type { OrganizationSeed, RepositorySeed, Seed } from "./schema.ts";

/** The first contradiction, where there is one. */
export function contradictionIn(seed: Seed): Complaint | undefined {
  for (const complaint of contradictions(seed)) return complaint;
  return undefined;
}

function* contradictions(seed: Seed): Generator<Complaint> {
  const { accounts = [], organizations = [], repositories = [] } = seed;
  const people = accounts.map(({ name }) => name);
  const namespaces = [...people, ...organizations.map(({ name }) => name)];
  yield* twice(people, "accounts");
  for (const [index, { name }] of organizations.entries())
    if (namespaces.indexOf(name) !== people.length + index)
      yield { path: ["organizations", index, "name"], message: `'${name}' is there twice` };
  const tokens = [
    ...accounts.map(({ tokens }, index) => ({ tokens, path: ["accounts", index] })),
    ...organizations.map(({ tokens }, index) => ({ tokens, path: ["organizations", index] })),
  ].flatMap(({ tokens = [], path }) =>
    tokens.map(({ token }, index) => ({ token, path: [...path, "tokens", index] })),
  );
  for (const { token, path } of tokens)
    if (tokens.find((one) => one.token === token)?.path !== path)
      yield { path, message: `${fieldName(path)}: another token has the same secret` };
  for (const [index, organization] of organizations.entries())
    yield* inOrganization(organization, ["organizations", index], people);
  yield* twice(
    repositories.map(({ name }) => name),
    "repositories",
  );
  // Docker's own are there without being said.
  const owners = [...namespaces, "library", "ratelimitpreview"];
  for (const [index, repository] of repositories.entries())
    yield* inRepository(repository, ["repositories", index], { people, owners, organizations });
}

function* inOrganization(
  { members = {}, teams = [] }: OrganizationSeed,
  path: Path,
  people: readonly string[],
): Generator<Complaint> {
  for (const name of Object.keys(members))
    yield* unknown("account", name, [...path, "members", name], people);
  for (const [index, team] of teams.entries())
    for (const [place, name] of (team.members ?? []).entries()) {
      const at = [...path, "teams", index, "members", place];
      yield* unknown("account", name, at, people);
      if (!(name in members))
        yield { path: at, message: `${fieldName(at)}: '${name}' is no member of the organization` };
    }
}

interface Known {
  readonly people: readonly string[];
  readonly owners: readonly string[];
  readonly organizations: readonly OrganizationSeed[];
}

function* inRepository(
  repository: RepositorySeed,
  path: Path,
  { people, owners, organizations }: Known,
): Generator<Complaint> {
  const [owner] = splitPath(repository.name);
  yield* unknown("account or organization", owner, [...path, "name"], owners);
  const organization = organizations.find(({ name }) => name === owner);
  const teams = ["owners", ...(organization?.teams ?? []).map(({ name }) => name)];
  for (const team of Object.keys(repository.permissions ?? {}))
    yield* unknown("team", team, [...path, "permissions", team], organization ? teams : []);
  for (const field of ["collaborators", "stars"] as const)
    for (const [index, name] of (repository[field] ?? []).entries())
      yield* unknown("account", name, [...path, field, index], people);
  for (const [index, { by }] of (repository.comments ?? []).entries())
    yield* unknown("account", by, [...path, "comments", index, "by"], people);
  const slugs = allCategories.map(({ slug }) => slug);
  for (const [index, slug] of (repository.categories ?? []).entries())
    yield* unknown("category", slug, [...path, "categories", index], slugs);
  const { immutable_tags: rules } = repository;
  const fault = Array.isArray(rules) ? faultOf(rules, []) : undefined;
  if (fault !== undefined)
    yield { path: [...path, "immutable_tags"], message: `${fieldName(path)}: ${fault}` };
  yield* place(repository.image, [...path, "image"]);
  const names = (repository.tags ?? []).map((tag) => (typeof tag === "string" ? tag : tag.name));
  for (const [index, tag] of (repository.tags ?? []).entries()) {
    const at = [...path, "tags", index];
    if (names.indexOf(names[index]!) !== index)
      yield { path: at, message: `${fieldName(at)}: '${names[index]}' is there twice` };
    if (typeof tag === "string") continue;
    yield* place(tag.image, [...at, "image"]);
    if (tag.by !== undefined) yield* unknown("account", tag.by, [...at, "by"], owners);
  }
}

function* twice(names: readonly string[], field: string): Generator<Complaint> {
  for (const [index, name] of names.entries())
    if (names.indexOf(name) !== index)
      yield { path: [field, index, "name"], message: `${field}: '${name}' is there twice` };
}

function* unknown(
  what: string,
  name: string,
  path: Path,
  known: readonly string[],
): Generator<Complaint> {
  if (known.includes(name)) return;
  const near = nearest(name, known);
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
