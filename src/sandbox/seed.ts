/** What a fresh sandbox holds: people, an organization with teams, and repositories of every kind, each with an image that runs. */
import { seed as seedImage, seedImage as original } from "../distribution/seed.ts";
import type { Digest } from "../reference/descriptor.ts";
import { parseManifest } from "../reference/manifest.ts";
import { createMemoryCollection } from "../store/memory.ts";
import { bytesSource } from "../store/sources.ts";
import type { Repository } from "../store/store.ts";
import {
  type Account,
  createAccount,
  findAccount,
  idOf,
  type NewAccount,
} from "./accounts/accounts.ts";
import type { Content } from "./registry/content.ts";
import { createRepository, findByPath } from "./repositories.ts";
import { type State, written } from "./state/state.ts";

/** Somebody who can sign in. */
export interface SeedAccount {
  readonly name: string;
  readonly password: string;
  /** Secret of the second factor, base 32, as an authenticator takes it. */
  readonly totp?: string;
  /** Who that is, in words for people. */
  readonly about: string;
}

export const seedAccounts: readonly SeedAccount[] = [
  { name: "alice", password: "alice-password", about: "owns the organization harbour" },
  { name: "bob", password: "bob-password", about: "member of harbour, in the team developers" },
  {
    name: "carol",
    password: "carol-password",
    totp: "JBSWY3DPEHPK3PXP",
    about: "signs in with a second factor",
  },
  { name: "dave", password: "dave-password", about: "a stranger to harbour" },
];

const organizations: readonly NewAccount[] = [
  { name: "library", fullName: "Docker Official Images", badge: "official", plan: "team" },
  { name: "ratelimitpreview", fullName: "Pull limit preview", plan: "team" },
  {
    name: "harbour",
    fullName: "The Harbour Company",
    badge: "verified_publisher",
    company: "Harbour",
    plan: "team",
  },
];

const repositories = [
  { path: "library/hello", description: "Says hello from the wharf", tags: ["latest", "1.0", "1"] },
  { path: "library/wharf", description: "What a wharf needs", tags: ["latest"] },
  { path: "ratelimitpreview/test", description: "Tells how many pulls are left", tags: ["latest"] },
  { path: "harbour/api", description: "The API of the harbour", tags: ["latest", "v1.2.0"] },
  { path: "harbour/ledger", description: "Private books", tags: ["latest"], isPrivate: true },
  { path: "alice/site", description: "A page", tags: ["latest"] },
  { path: "alice/notes", description: "Private notes", tags: ["latest"], isPrivate: true },
];

/** Fills an empty sandbox. @param now milliseconds since 1970 */
export async function seed(state: State, content: Content, now: number): Promise<void> {
  state.transaction(() => {
    for (const account of seedAccounts)
      createAccount(state, { ...account, fullName: capitalized(account.name) }, now);
    for (const organization of organizations)
      createAccount(state, { ...organization, type: "Organization" }, now);
    populate(state, now);
    for (const { path, description, isPrivate = false } of repositories) {
      const [owner = "", name = ""] = path.split("/");
      createRepository(
        state,
        account(state, owner),
        { name, description, is_private: isPrivate },
        now,
      );
    }
    comment(state, "library/hello", "dave", "It said hello.", now);
    comment(state, "library/hello", "bob", "To me, too.", now);
    grant(state, "harbour/api", "developers", "write");
    grant(state, "harbour/ledger", "bookkeepers", "admin");
  });
  const memory = createMemoryCollection();
  await seedImage(memory);
  const source = memory.repository(original.repository);
  for (const { path, tags } of repositories) await place(source, content, path, tags);
  await content.settled();
}

function populate(state: State, now: number): void {
  const harbour = account(state, "harbour");
  const members = { alice: "owner", bob: "member" };
  for (const [name, role] of Object.entries(members))
    state.run(
      "INSERT INTO members VALUES (?, ?, ?, ?)",
      harbour.number,
      account(state, name).number,
      role,
      written(now),
    );
  const teams = { owners: ["alice"], developers: ["bob"], bookkeepers: ["alice"] };
  for (const [name, people] of Object.entries(teams)) {
    const { id } = state.run(
      "INSERT INTO teams (uuid, org, name, description) VALUES (?, ?, ?, ?)",
      uuid(`harbour/${name}`),
      harbour.number,
      name,
      `The ${name} of the harbour`,
    );
    for (const person of people)
      state.run("INSERT INTO team_members VALUES (?, ?)", id, account(state, person).number);
  }
}

function grant(state: State, path: string, team: string, permission: string): void {
  state.run(
    "INSERT INTO team_permissions SELECT ?, id, ? FROM teams WHERE name = ?",
    findByPath(state, path)!.id,
    permission,
    team,
  );
}

function comment(state: State, path: string, name: string, text: string, now: number): void {
  state.run(
    "INSERT INTO comments (repository, account, comment, written) VALUES (?, ?, ?, ?)",
    findByPath(state, path)!.id,
    account(state, name).number,
    text,
    written(now),
  );
}

function account(state: State, name: string): Account {
  return findAccount(state, name)!;
}

/** Pushes an index with all that it lists, in the order in which a client would. */
async function place(
  source: Repository,
  content: Content,
  repository: string,
  tags: readonly string[],
): Promise<void> {
  const target = content.collection.repository(repository);
  const push = async (digest: Digest, tag?: string) => {
    const manifest = await source.fetchManifest(digest);
    const parsed = parseManifest(manifest.bytes, manifest.descriptor.mediaType);
    if (parsed.kind === "index") for (const child of parsed.manifests) await push(child.digest);
    if (parsed.kind === "image")
      for (const blob of [parsed.config, ...parsed.layers]) {
        const chunks: Uint8Array[] = [];
        for await (const chunk of await source.fetchBlob(blob)) chunks.push(chunk);
        await target.pushBlob(blob, bytesSource(Buffer.concat(chunks)));
      }
    await target.pushManifest(manifest, tag === undefined ? {} : { tag });
    content.note({
      action: "push",
      kind: "manifest",
      repository,
      digest,
      mediaType: manifest.descriptor.mediaType,
      ...(tag !== undefined && { tag }),
    });
    // An index is described by the images that it lists.
    if (parsed.kind === "image") await content.settled();
  };
  const { digest } = await source.resolve(original.tag);
  for (const tag of tags) await push(digest, tag);
}

function uuid(team: string): string {
  return idOf("team", team).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

function capitalized(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
