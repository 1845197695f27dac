/** What a seed says of webhooks and builds, and the log of what has led to what it holds. */
import { uuidOf } from "../accounts/accounts.ts";
import { auditKept } from "./audit.ts";
import { findByPath, type RepositoryRow } from "../repositories.ts";
import type { RepositorySeed, Seed } from "../seed/schema.ts";
import { type State, written } from "../state/state.ts";

/** Entries of the log at most. */
const most = 2000;

/** To be called when repositories and tags are there. @param now milliseconds since 1970 */
export function plantEvents(state: State, seed: Seed, now: number): void {
  for (const { name, webhooks = [], build } of seed.repositories ?? []) {
    if (webhooks.length === 0 && !build) continue;
    const repository = findByPath(state, name)!;
    for (const webhook of webhooks) plantWebhook(state, repository, webhook, now);
    if (build) plantBuild(state, repository, build);
  }
  plantLog(state, written(now - auditKept));
}

function plantWebhook(
  state: State,
  { id: repository, owner }: RepositoryRow,
  { name, url }: NonNullable<RepositorySeed["webhooks"]>[number],
  now: number,
): void {
  const slug = slugOf(name);
  const creator = state.one<{ name: string }>(
    `SELECT ${person} AS name FROM accounts a WHERE number = ?`,
    owner,
  )!.name;
  state.run(
    `INSERT INTO webhooks (repository, name, slug, creator, created)
     VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    repository,
    name,
    slug,
    creator,
    written(now),
  );
  // Of one name there is one, with all the addresses.
  state.run(
    `INSERT INTO webhook_hooks (webhook, address, creator, created)
     SELECT id, ?, ?, ? FROM webhooks WHERE repository = ? AND slug = ?`,
    new URL(url).href,
    creator,
    written(now),
    repository,
    slug,
  );
}

/** The short name of a webhook; empty where there is none in its name. */
export function slugOf(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
}

function plantBuild(
  state: State,
  { id, namespace, name }: RepositoryRow,
  { source, dockerfile }: NonNullable<RepositorySeed["build"]>,
): void {
  const uuid = uuidOf("build source", `${namespace}/${name}`);
  const [owner = "", repository = ""] = source.split("/");
  state.run(
    `INSERT INTO build_sources (uuid, repository, provider, owner, name, dockerfile, state)
     VALUES (?, ?, 'Github', ?, ?, ?, 'Success')`,
    uuid,
    id,
    owner,
    repository,
    dockerfile,
  );
  for (const [type, ref, tag] of [
    ["Branch", "main", "latest"],
    ["Tag", "/^v[0-9.]+$/", "{sourceref}"],
  ] as const)
    state.run(
      "INSERT INTO build_rules (source, type, name, tag) VALUES (?, ?, ?, ?)",
      uuid,
      type,
      ref,
      tag,
    );
  state.run(
    "INSERT INTO build_triggers (uuid, source, name) VALUES (?, ?, 'default')",
    uuidOf("build trigger", `${namespace}/${name}`),
    uuid,
  );
}

/** Who acts for the account `a`: of an organization its first owner, where it has one. */
const person = `coalesce((SELECT o.name FROM members m JOIN accounts o ON o.number = m.account
  WHERE m.org = a.number AND m.role = 'owner' ORDER BY m.joined, o.number LIMIT 1), a.name)`;

function plantLog(state: State, since: string): void {
  state.run(
    `INSERT INTO audit_events (account, time, action, name, actor, data)
     SELECT account, time, action, name, actor, data FROM (
       SELECT r.owner AS account, t.pushed AS time, 'repo.tag.push' AS action,
         a.name || '/' || r.name AS name, u.name AS actor,
         json_object('tag', t.name, 'digest', t.digest) AS data
       FROM tags t JOIN repositories r ON r.id = t.repository JOIN accounts a ON a.number = r.owner
         JOIN accounts u ON u.number = t.updater
       WHERE t.pushed >= ?1
       UNION ALL
       SELECT r.owner, r.registered, 'repo.create', a.name || '/' || r.name, ${person},
         json_object('privacy', iif(r.is_private, 'private', 'public'))
       FROM repositories r JOIN accounts a ON a.number = r.owner WHERE r.registered >= ?1
       UNION ALL
       SELECT org, m.joined, 'org.member.add', a.name, a.name, json_object('role', role)
       FROM members m JOIN accounts a ON a.number = account WHERE m.joined >= ?1
       ORDER BY time DESC LIMIT ?2)
     ORDER BY time`,
    since,
    most,
  );
}
