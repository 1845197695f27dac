/** Repositories of a seed: tags and manifests, who may do what with them, and what people left there. */
import { findAccount } from "../accounts/accounts.ts";
import { allCategories } from "../hub/behaviours/categories.ts";
import { splitPath } from "../repositories.ts";
import { type State, written } from "../state/state.ts";
import { leaveWaiting } from "../state/stored.ts";
import type { Dock, SeedImage } from "./images.ts";
import { momentOf } from "./moment.ts";
import { numberOf, ownerAmong } from "./people.ts";
import { notePulled } from "./pulls.ts";
import type { RepositorySeed, Seed } from "./schema.ts";
import { tagsOf } from "./tags.ts";

export function plantRepositories(state: State, seed: Seed, dock: Dock, now: number): void {
  const numbers = new Map<string, number>();
  const numberFor = (name: string) => {
    let number = numbers.get(name);
    if (number === undefined) numbers.set(name, (number = numberOf(state, name)));
    return number;
  };
  const owners = new Map(
    (seed.organizations ?? []).map(({ name, members }) => [name, ownerAmong(members) ?? name]),
  );
  for (const repository of seed.repositories ?? []) {
    const id = plantRepository(state, repository, numberFor, now);
    const [namespace] = splitPath(repository.name);
    const pusher = owners.get(namespace) ?? namespace;
    plantContent(state, id, repository, { dock, numberFor, pusher, now });
    plantPeople(state, id, repository, numberFor, now);
  }
}

type NumberFor = (account: string) => number;

function plantRepository(
  state: State,
  repository: RepositorySeed,
  numberFor: NumberFor,
  now: number,
): number {
  const [owner, name] = splitPath(repository.name);
  const { immutable_tags: immutable = false, categories = [] } = repository;
  const created = createdOf(state, repository, now);
  const { id } = state.run(
    `INSERT INTO repositories (owner, name, description, full_description, is_private, pulls, registered, modified, immutable, rules, categories)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8, ?9, ?10)`,
    numberFor(owner),
    name,
    repository.description ?? "",
    repository.full_description ?? "",
    repository.private ? 1 : 0,
    repository.pulls ?? 0,
    written(created),
    immutable === false ? 0 : 1,
    JSON.stringify(Array.isArray(immutable) ? immutable : []),
    JSON.stringify(allCategories.filter(({ slug }) => categories.includes(slug))),
  );
  return id;
}

/** Where the seed does not say it: a year ago, if its namespace was there; in any case before what was pushed and said. */
function createdOf(state: State, repository: RepositorySeed, now: number): number {
  if (repository.created !== undefined) return momentOf(repository.created, now);
  const [namespace] = splitPath(repository.name);
  const joined = Date.parse(findAccount(state, namespace)!.joined);
  const held = [
    ...tagsOf(repository).map(({ pushed }) => pushed),
    ...(repository.comments ?? []).map(({ at }) => at),
  ];
  const preset = Math.max(momentOf("1y", now), joined);
  return held.reduce((first, moment) => Math.min(first, momentOf(moment, now)), preset);
}

interface Surroundings {
  readonly dock: Dock;
  readonly numberFor: NumberFor;
  /** Who pushed what the seed names nobody for. */
  readonly pusher: string;
  readonly now: number;
}

function plantContent(
  state: State,
  id: number,
  repository: RepositorySeed,
  { dock, numberFor, pusher: preset, now }: Surroundings,
): void {
  const tags = tagsOf(repository);
  if (tags.length === 0) return;
  const pushes = new Map<SeedImage, number>();
  let latest = 0;
  const placed: [string, string][] = [];
  for (const tag of tags) {
    const image = dock.get(tag.image);
    const pushed = momentOf(tag.pushed, now, now);
    const pusher = numberFor(tag.by ?? preset);
    state.run(
      `INSERT INTO tags (repository, name, digest, creator, updater, pushed, pulled) VALUES (?1, ?2, ?3, ?4, ?4, ?5, ?6)`,
      id,
      tag.name,
      image.root,
      pusher,
      written(pushed),
      tag.pulled === undefined ? null : written(momentOf(tag.pulled, now)),
    );
    placed.push([tag.name, image.root]);
    pushes.set(image, Math.max(pushes.get(image) ?? 0, pushed));
    latest = Math.max(latest, pushed);
  }
  for (const [image, pushed] of pushes) plantManifests(state, id, image, written(pushed));
  for (const { image, pulled } of tags)
    if (pulled !== undefined)
      notePulled(state, id, dock.get(image).root, written(momentOf(pulled, now)));
  const roots = new Set([...pushes.keys()].map(({ root }) => root));
  leaveWaiting(state, repository.name, [...roots], placed);
  state.run("UPDATE repositories SET updated = ? WHERE id = ?", written(latest), id);
}

function plantManifests(state: State, id: number, { rows }: SeedImage, pushed: string): void {
  for (const { descriptor, contentType, images, blobs } of rows)
    state.run(
      `INSERT OR IGNORE INTO manifests (repository, digest, media_type, content_type, images, blobs, pushed) VALUES (?, ?, ?, ?, ?, ?, ?)`,
      id,
      descriptor.digest,
      descriptor.mediaType,
      contentType,
      images,
      blobs,
      pushed,
    );
}

function plantPeople(
  state: State,
  id: number,
  repository: RepositorySeed,
  numberFor: NumberFor,
  now: number,
): void {
  const { collaborators = [], permissions = {}, comments = [], stars = [] } = repository;
  const owner = numberFor(splitPath(repository.name)[0]);
  for (const name of collaborators)
    state.run("INSERT OR IGNORE INTO collaborators VALUES (?, ?)", id, numberFor(name));
  for (const [team, permission] of Object.entries(permissions))
    state.run(
      "INSERT INTO team_permissions SELECT ?, id, ? FROM teams WHERE org = ? AND name = ?",
      id,
      permission,
      owner,
      team,
    );
  for (const { by, text, at } of comments)
    state.run(
      "INSERT INTO comments (repository, account, comment, written) VALUES (?, ?, ?, ?)",
      id,
      numberFor(by),
      text,
      written(momentOf(at, now)),
    );
  // Nobody gives one before both of them are there.
  for (const [index, name] of stars.entries())
    state.run(
      `INSERT OR IGNORE INTO stars SELECT r.id, a.number, max(?, r.registered, a.joined)
       FROM repositories r, accounts a WHERE r.id = ? AND a.number = ?`,
      written(now - (index + 1) * 9 * 86_400_000),
      id,
      numberFor(name),
    );
}
