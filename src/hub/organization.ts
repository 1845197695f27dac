/** An organization as one value: what there is to keep of it, or to compare. */
import { isError } from "../errors.ts";
import type { Hub } from "./client/hub.ts";

export interface ExportOptions {
  readonly signal?: AbortSignal;
  /** Whether what teams may do is asked for, repository by repository. @default true */
  readonly permissions?: boolean;
}

/** What {@link exportOrganization} gives. Entities are as Docker Hub sends them. */
export interface ExportedOrganization {
  readonly organization: string;
  /** ISO 8601. */
  readonly exportedAt: string;
  readonly about?: unknown;
  readonly settings?: unknown;
  readonly registryAccess?: unknown;
  readonly members?: readonly unknown[];
  readonly teams?: readonly unknown[];
  readonly repositories?: readonly unknown[];
  readonly invitations?: readonly unknown[];
  /** Without secrets: Docker Hub tells them once, at creation. */
  readonly accessTokens?: readonly unknown[];
  /** What could not be had, and why. */
  readonly missing: readonly { readonly part: string; readonly reason: string }[];
}

/** Refusals that concern one part: the rest is worth having. */
const partial = [
  "UNAUTHORIZED",
  "FORBIDDEN",
  "PLAN_INSUFFICIENT",
  "NOT_FOUND",
  "UNSUPPORTED",
  "RETIRED",
  "REQUEST_INVALID",
  "RESPONSE_INVALID",
  "SERVER_ERROR",
] as const;

/**
 * Reads everything of an organization that the account may see.
 * @throws WharfError NOT_FOUND where there is no such organization; UNAUTHORIZED
 */
export async function exportOrganization(
  hub: Hub,
  org_name: string,
  { signal, permissions = true }: ExportOptions = {},
): Promise<ExportedOrganization> {
  const options = signal ? { signal } : {};
  const missing: { part: string; reason: string }[] = [];
  const attempt = async <Part>(part: string, read: () => Promise<Part>) => {
    try {
      return { [part]: await read() };
    } catch (error) {
      if (!isError(error, ...partial)) throw error;
      missing.push({ part, reason: error.message });
      return {};
    }
  };

  const about = await hub.orgs.get({ org_name }, options);
  const parts = {
    ...(await attempt("settings", () => hub.orgSettings.get({ org_name }, options))),
    ...(await attempt("registryAccess", () => hub.registryAccess.get({ org_name }, options))),
    ...(await attempt("members", () => all(hub.orgMembers.list({ org_name }, options)))),
    ...(await attempt(
      "invitations",
      async () => (await hub.invites.list({ org_name }, options)).data,
    )),
    ...(await attempt("accessTokens", () => all(hub.orgAccessTokens.list({ org_name }, options)))),
    ...(await attempt("teams", () => teams(hub, org_name, options))),
  };
  const listed = await attempt("repositories", () =>
    all(hub.repositories.list({ namespace: org_name }, options)),
  );
  const repositories = listed["repositories"];
  const groups = parts["teams"] as readonly Team[] | undefined;
  if (repositories && groups && permissions) {
    const allowed = await attempt("permissions", async () => {
      const found = [];
      // One repository after the other: a large organization has thousands.
      for (const repository of repositories)
        found.push({
          ...repository,
          teams: await permissionsOf(hub, org_name, repository.name, groups, options),
        });
      return found;
    });
    if (allowed["permissions"]) listed["repositories"] = allowed["permissions"];
  }
  return {
    organization: org_name,
    exportedAt: new Date().toISOString(),
    about,
    ...parts,
    ...listed,
    missing,
  };
}

interface Team {
  readonly id?: number | undefined;
  readonly name: string;
}

async function teams(hub: Hub, org_name: string, options: object) {
  const found = [];
  for await (const group of hub.groups.list({ org_name }, options)) {
    const members = hub.groups.listMembers({ org_name, group_name: group.name }, options);
    found.push({ ...group, members: (await all(members)).map(({ username }) => username) });
  }
  return found;
}

/** A team that is not let in answers 404. */
async function permissionsOf(
  hub: Hub,
  namespace: string,
  repository: string,
  groups: readonly Team[],
  options: object,
) {
  const found = [];
  for (const { id, name } of groups) {
    if (id === undefined) continue;
    try {
      const one = await hub.repositoryGroups.get({ namespace, repository, group_id: id }, options);
      found.push({ team: name, permission: one.permission });
    } catch (error) {
      if (!isError(error, "NOT_FOUND")) throw error;
    }
  }
  return found;
}

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}
