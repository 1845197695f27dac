/**
 * `import … from "wharfinger/hub"`: Docker Hub.
 * Every name here is a promise; what is not here may change with any release.
 */

// The client
export { createHub, type Hub, type HubCalls, type HubOptions } from "../hub/client/hub.ts";
export type { Call, CallOptions, ListCall, ListOptions, WithResponse } from "../hub/client/call.ts";
export {
  findHubCredentials,
  type FindHubCredentialsOptions,
  type HubCredentials,
} from "../hub/client/credentials.ts";
export type { RateLimit } from "../hub/client/rateLimit.ts";

// Errors
export { errorTable, isError, WharfError } from "../errors.ts";
export type { ErrorCode, ErrorDetails } from "../errors.ts";

// The catalogue
/** Every area of Docker Hub's API, for whoever derives something from it. */
export * as catalogue from "../hub/catalogue.ts";
export { effectOf, entries } from "../operation.ts";
export type {
  AnyOperation,
  Authorization,
  Catalogue,
  CatalogueEntry,
  Effect,
  Operation,
  Page,
  Paging,
  Status,
} from "../operation.ts";
export {
  jsonSchema,
  openApi,
  type OpenApiDocument,
  type OpenApiOptions,
} from "../openapi/openapi.ts";

// What is returned
export type { AccessToken } from "../hub/schemas/accessToken.ts";
export type { GroupMember, OrgMember } from "../hub/schemas/account.ts";
export type { Category, Repository, RepositoryEntry } from "../hub/schemas/repository.ts";
export type { Tag, TagImage } from "../hub/schemas/tag.ts";
export type { AuditActions, AuditEvent, AuditLogs } from "../hub/operations/auditLogs.ts";
export type { Group } from "../hub/operations/groups.ts";
export type { Invite, InviteOutcome, Invites } from "../hub/operations/invites.ts";
export type { Org } from "../hub/operations/orgs.ts";
export type { OrgAccessToken, OrgAccessTokens } from "../hub/operations/orgAccessTokens.ts";
export type { OrgSettings } from "../hub/operations/orgSettings.ts";
export type { RegistryAccess } from "../hub/operations/registryAccess.ts";
export type { RepositoryGroup } from "../hub/operations/repositoryGroups.ts";
export type { ListedScimUser, ScimList, ScimUser } from "../hub/operations/scim.ts";
export type { SearchResult, SearchResults } from "../hub/operations/search.ts";
export type { RegistrySettings, User } from "../hub/operations/users.ts";
export type { Webhook, WebhookHook } from "../hub/operations/webhooks.ts";
