/**
 * The log of what was done in an account: who, what, to whom, when. The actions are those that Docker's list names; what it has
 * no name for, such as a star, is not logged. Source: Docker Hub API, "audit-logs".
 */
import { type State, written } from "../state/state.ts";

type Data = Readonly<Record<string, string>>;

/** What is logged, and what an entry then says. */
const sayings = {
  "org.create": (name) => `created the organization ${name}`,
  "org.member.add": (name, { role }) => `added the member ${name} as ${role}`,
  "org.member.remove": (name) => `removed the member ${name}`,
  "org.member.role.change": (name, { from, to }) =>
    `changed the role of ${name} from ${from} to ${to}`,
  "org.member.invite.send": (name, { role }) => `invited ${name} as ${role}`,
  "org.team.create": (name, { team }) => `created the team ${team} of ${name}`,
  "org.team.update": (name, { team }) => `changed the team ${team} of ${name}`,
  "org.team.delete": (name, { team }) => `deleted the team ${team} of ${name}`,
  "org.team.member.add": (name, { team }) => `added ${name} to the team ${team}`,
  "org.team.member.remove": (name, { team }) => `removed ${name} from the team ${team}`,
  "org.settings.update": (name, { setting }) => `changed ${setting} of ${name}`,
  "org.registry_access.enabled": (name) => `enabled registry access management of ${name}`,
  "org.registry_access.disabled": (name) => `disabled registry access management of ${name}`,
  "org.registry_access.registry_added": (_, { registry }) => `added the registry ${registry}`,
  "org.registry_access.registry_updated": (_, { registry }) => `changed the registry ${registry}`,
  "org.registry_access.registry_removed": (_, { registry }) => `removed the registry ${registry}`,
  "org.access_token.create": (_, { label }) => `created the access token ${label}`,
  "org.access_token.update": (_, { label }) => `changed the access token ${label}`,
  "org.access_token.delete": (_, { label }) => `deleted the access token ${label}`,
  "enterprise.sso.connection.scim_token_refresh": (name) => `made a new SCIM token for ${name}`,
  "repo.create": (name, { privacy }) => `created the ${privacy} repository ${name}`,
  "repo.update": (name, { fields }) => `changed ${fields} of the repository ${name}`,
  "repo.delete": (name) => `deleted the repository ${name}`,
  "repo.change_privacy": (name, { privacy }) => `made the repository ${name} ${privacy}`,
  "repo.category.updated": (name, { categories }) =>
    `set the categories of ${name} to ${categories || "none"}`,
  "repo.immutable.tags.updated": (name, { enabled, rules }) =>
    enabled === "true"
      ? `made tags of ${name} immutable: ${rules || "all"}`
      : `made no tag of ${name} immutable`,
  "repo.tag.push": (name, { tag, digest }) =>
    `pushed the tag ${tag} with the digest ${digest} to the repository ${name}`,
  "repo.tag.delete": (name, { tag }) => `deleted the tag ${tag} of the repository ${name}`,
} satisfies Record<string, (name: string, data: Data) => string>;

export type AuditAction = keyof typeof sayings;

/** What it happened to. */
export interface Subject {
  /** Number of the account in whose log it stands. */
  readonly account: number;
  /** A repository with its namespace, a user, or the organization itself. */
  readonly name: string;
}

/** Who did it, where and when: the context of a behaviour is one. */
export interface Occasion {
  readonly state: State;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly identity: { readonly account: { readonly name: string } } | undefined;
}

/**
 * Milliseconds for which the log is told: a year, so that what reads it has something to read. Docker keeps three months.
 */
export const auditKept = 366 * 24 * 3600_000;

/** Entries that are kept of all accounts together; the oldest go. */
const most = 20_000;

/**
 * Notes in the log what was done. To be called within the transaction that does it.
 *
 * @example
 * record(context, "repo.tag.delete", repositorySubject(row), { tag: "v1" });
 */
export function record(
  { state, now, identity }: Occasion,
  action: AuditAction,
  { account, name }: Subject,
  data: Data = {},
): void {
  const { id } = state.run(
    "INSERT INTO audit_events (account, time, action, name, actor, data) VALUES (?, ?, ?, ?, ?, ?)",
    account,
    written(now),
    action,
    name,
    identity?.account.name ?? "",
    JSON.stringify(data),
  );
  state.run("DELETE FROM audit_events WHERE id <= ?", id - most);
}

/** A repository as what an event happened to. */
export function repositorySubject(row: {
  owner: number;
  namespace: string;
  name: string;
}): Subject {
  return { account: row.owner, name: `${row.namespace}/${row.name}` };
}

/** An organization as what an event happened to, or somebody in it. */
export function orgSubject(
  org: { number: number; name: string },
  name: string = org.name,
): Subject {
  return { account: org.number, name };
}

/** In words for people. */
export function sayingOf(action: string, name: string, data: Data): string {
  const say: ((name: string, data: Data) => string) | undefined = sayings[action as AuditAction];
  return say ? say(name, data) : action;
}
