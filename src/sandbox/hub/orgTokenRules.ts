/**
 * What a session that an organization's access token has opened may ask for: some operations, each with a scope.
 * Source: Docker's docs, "Access token reference".
 */
import type * as catalogue from "../../hub/catalogue.ts";
import {
  allowOrganization,
  allowRepository,
  type OrganizationScope,
  type RepositoryScope,
} from "../accounts/scopes.ts";
import type { Identity } from "../accounts/accounts.ts";
import { levelOf } from "../accounts/permissions.ts";
import { placeOf } from "../accounts/orgTokens.ts";
import { findRepository } from "../repositories.ts";
import type { State } from "../state/state.ts";
import { forbidden } from "./refusal.ts";
import type { Route } from "./router.ts";

type Catalogue = typeof catalogue;
type OperationId = {
  [Area in keyof Catalogue]: `${Area}.${Extract<keyof Catalogue[Area], string>}`;
}[keyof Catalogue];
type Scopes<Scope> = { readonly [Id in OperationId]?: Scope };

/** Scopes on the repository that the input names. */
const onRepository: Scopes<RepositoryScope> = {
  "comments.list": "repository-read",
  "dockerfile.get": "repository-read",
  "immutableTags.update": "repository-settings-admin",
  "immutableTags.verify": "repository-settings-admin",
  "manifests.list": "tag-read",
  "repositories.check": "repository-read",
  "repositories.delete": "repository-admin",
  "repositories.deleteLogo": "repository-edit",
  "repositories.get": "repository-read",
  "repositories.setCategories": "repository-edit",
  "repositories.setPrivacy": "repository-edit",
  "repositories.update": "repository-edit",
  "repositories.uploadLogo": "repository-edit",
  "repositoryGroups.assign": "repo-group-edit",
  "repositoryGroups.delete": "repo-group-admin",
  "repositoryGroups.get": "repo-group-read",
  "repositoryGroups.update": "repo-group-edit",
  "stars.add": "repository-edit",
  "stars.count": "repository-read",
  "stars.delete": "repository-edit",
  "tags.check": "tag-read",
  "tags.checkAny": "tag-read",
  "tags.delete": "tag-admin",
  "tags.get": "tag-read",
  "tags.list": "tag-read",
  "webhookPipelines.create": "webhook-edit",
  "webhookPipelines.delete": "webhook-admin",
  "webhooks.create": "webhook-edit",
  "webhooks.createHook": "webhook-edit",
  "webhooks.delete": "webhook-admin",
  "webhooks.list": "webhook-read",
};

/** Scopes on the organization; that it is the caller's is seen by the behaviours. */
const onOrganization: Scopes<OrganizationScope> = {
  "auditLogs.list": "activity-read",
  "auditLogs.listActions": "activity-read",
  "groups.addMember": "group-edit",
  "groups.create": "group-edit",
  "groups.delete": "group-edit",
  "groups.deleteMember": "group-edit",
  "groups.get": "group-read",
  "groups.list": "group-read",
  "groups.listMembers": "group-read",
  "groups.replace": "group-edit",
  "groups.update": "group-edit",
  "invites.create": "invite-edit",
  "invites.delete": "invite-edit",
  "invites.list": "invite-read",
  "invites.resend": "invite-edit",
  "orgMembers.delete": "member-edit",
  "orgMembers.export": "member-read",
  "orgMembers.list": "member-read",
  "orgMembers.update": "member-edit",
  "registryAccess.get": "ram-read",
  "registryAccess.update": "ram-write",
  "repositories.create": "repository-create",
};

/** What every token may; lists leave out what it does not see. */
const open: readonly OperationId[] = ["auth.logout", "repositories.list", "stars.list"];

/** Operations that a token may be used for, with the right scope; all others are closed to it. */
export const openOperations: ReadonlySet<string> = new Set([
  ...Object.keys(onRepository),
  ...Object.keys(onOrganization),
  ...open,
]);

/** @throws HubRefusal 403 for what no such token may do, and for what this one may not */
export function admitOrgToken(
  state: State,
  identity: Identity,
  { id, operation }: Route,
  input: Readonly<Record<string, unknown>>,
): void {
  const { account, orgToken } = identity;
  if (!orgToken || operation.auth === "none") return;
  if (!openOperations.has(id))
    throw forbidden("token issued from organization access token is not allowed");
  const org = onOrganization[id as OperationId];
  if (org !== undefined) {
    if (!allowOrganization(orgToken.resources, org)) throw forbidden(tooLittle);
    return;
  }
  const scope = onRepository[id as OperationId];
  if (scope === undefined) return;
  const row = findRepository(state, String(input["namespace"]), String(input["repository"]));
  // What is not there, or must not be known of, is told by the behaviour.
  if (!row || levelOf(state, identity, row) === "none") return;
  if (operation.auth === "optional" && row.is_private === 0) return;
  const own = row.owner === account.number || operation.effect === "read";
  if (!own || !allowRepository(orgToken.resources, placeOf(row), scope)) throw forbidden(tooLittle);
}

const tooLittle = "access to the resource is forbidden with organization access token";
