/** A call of each operation that Docker describes, in an order in which each finds what it needs. */

/** What earlier calls gave, by operation, and with ` example` behind it what Docker's example gave; and `code`, what the authenticator of carol shows. */
type Got = Readonly<Record<string, never>>;
type Fields = Readonly<Record<string, unknown>>;

export interface Call {
  readonly id: string;
  readonly input?: Fields | ((got: Got) => Fields);
  /** What Docker's own example of the body has to name otherwise here; operations that take no body have none. */
  readonly example?: Fields | ((got: Got) => Fields);
  /** The status with which the same is refused a second time. */
  readonly again?: number;
  /** By status: what is refused so, where the usual ways do not lead there. */
  readonly refused?: Readonly<Record<number, Probe>>;
}

export interface Probe {
  /** @default the call's own */
  readonly path?: string;
  /** @default the call's own */
  readonly body?: unknown;
  /** A token instead of alice's, who may. */
  readonly as?: "dave" | "nobody";
}

const site = { namespace: "alice", repository: "site" };
const org = { org_name: "harbour" };
const team = { ...org, group_name: "pilots" };
const settings = {
  restricted_images: {
    enabled: true,
    allow_official_images: true,
    allow_verified_publishers: false,
  },
};
const token = (got: Got) => ({ uuid: got["accessTokens.create"]!["uuid"] });
const orgToken = (got: Got) => ({ ...org, access_token_id: got["orgAccessTokens.create"]!["id"] });
const invite = (got: Got) => ({ id: got["invites.list"]!["data"][0]["id"] });
const resources = [{ type: "TYPE_REPO", path: "harbour/api", scopes: ["scope-image-pull"] }];
const user = "urn:ietf:params:scim:schemas:core:2.0:User";
const scimUser = (got: Got) => ({ id: got["scim.createUser"]!["id"] });

export const calls: readonly Call[] = [
  {
    id: "auth.createToken",
    input: { identifier: "alice", secret: "alice-password" },
    example: { identifier: "alice", secret: "alice-password" },
    refused: { 401: { body: { identifier: "alice", secret: "wrong" } } },
  },
  {
    id: "auth.login",
    input: { username: "alice", password: "alice-password" },
    example: { username: "alice", password: "alice-password" },
    refused: { 401: { body: { username: "carol", password: "carol-password" } } },
  },
  {
    id: "auth.loginTwoFactor",
    input: (got) => ({ login_2fa_token: got["half"], code: got["code"] }),
    example: (got) => ({ login_2fa_token: got["half"], code: got["code"] }),
    refused: { 401: { body: { login_2fa_token: "none", code: "123456" } } },
  },

  {
    id: "accessTokens.create",
    input: { token_label: "one", scopes: ["repo:read"], expires_at: "2027-01-01T00:00:00Z" },
    example: { expires_at: "2027-10-28T18:30:19.520861Z" },
  },
  { id: "accessTokens.list", input: { page: 1, page_size: 10 } },
  { id: "accessTokens.get", input: token },
  {
    id: "accessTokens.update",
    input: (got) => ({ ...token(got), token_label: "two", is_active: true }),
    example: {},
  },
  { id: "accessTokens.delete", input: token },

  { id: "orgSettings.get", input: org },
  { id: "orgSettings.update", input: { ...org, ...settings }, example: {} },
  {
    id: "orgAccessTokens.create",
    input: { ...org, label: "CI", description: "For machines", resources, expires_at: null },
    example: { resources, expires_at: "2027-04-20T00:54:18Z" },
  },
  { id: "orgAccessTokens.list", input: { ...org, page: 1, page_size: 10 } },
  { id: "orgAccessTokens.get", input: orgToken },
  {
    id: "orgAccessTokens.update",
    input: (got) => ({ ...orgToken(got), label: "CI 2", resources, is_active: true }),
    example: { resources },
  },
  { id: "orgAccessTokens.delete", input: orgToken },

  {
    id: "repositories.create",
    input: { namespace: "harbour", name: "crane", description: "It lifts", is_private: true },
    example: { namespace: "harbour" },
  },
  { id: "repositories.list", input: { namespace: "alice", page: 1, name: "i", ordering: "name" } },
  { id: "repositories.get", input: site },
  { id: "repositories.check", input: site },
  { id: "tags.list", input: { ...site, page: 1, page_size: 10 } },
  { id: "tags.checkAny", input: site },
  { id: "tags.get", input: { ...site, tag: "latest" } },
  { id: "tags.check", input: { ...site, tag: "latest" } },
  { id: "immutableTags.verify", input: { ...site, regex: "l.*" }, example: {} },
  {
    id: "immutableTags.update",
    input: { ...site, immutable_tags: true, immutable_tags_rules: ["v.*"] },
    example: {},
  },

  { id: "groups.create", input: { ...org, name: "pilots", description: "They" }, example: {} },
  { id: "groups.list", input: { ...org, page: 1, page_size: 10, username: "bob", search: "dev" } },
  { id: "groups.get", input: team },
  {
    id: "groups.update",
    input: { ...team, description: "They steer" },
    example: { name: "pilots" },
  },
  {
    id: "groups.replace",
    input: { ...team, name: "pilots", description: "They steer well" },
    example: { name: "pilots" },
  },
  { id: "groups.addMember", input: { ...team, member: "bob" }, example: { member: "bob" } },
  { id: "groups.listMembers", input: { ...team, page: 1, page_size: 10, search: "bob" } },
  {
    id: "repositoryGroups.assign",
    input: (got) => ({
      namespace: "harbour",
      repository: "api",
      group_id: got["groups.create"]!["id"],
      permission: "write",
    }),
    example: (got) => ({ group_id: got["groups.create example"]!["id"] }),
  },
  { id: "groups.deleteMember", input: { ...team, username: "bob" } },
  { id: "groups.delete", input: team },

  {
    id: "invites.create",
    input: { org: "harbour", invitees: ["dave"], team: "developers", role: "member" },
    example: { org: "harbour", team: "developers" },
  },
  { id: "invites.list", input: org },
  { id: "invites.resend", input: invite },
  { id: "invites.delete", input: invite },
  { id: "orgMembers.list", input: { ...org, page: 1, page_size: 10, type: "all", role: "owner" } },
  { id: "orgMembers.export", input: org },
  {
    id: "orgMembers.update",
    input: { ...org, username: "bob", role: "editor" },
    example: { role: "editor" },
  },
  {
    id: "orgMembers.delete",
    input: { ...org, username: "bob" },
    refused: { 400: { path: "/v2/orgs/harbour/members/alice" } },
  },
  { id: "auditLogs.listActions", input: { account: "harbour" } },
  {
    id: "auditLogs.list",
    input: {
      account: "harbour",
      action: "repo.create",
      name: "harbour/crane",
      actor: "alice",
      from: "2026-01-01T00:00:00Z",
      page: 1,
      page_size: 25,
    },
  },

  { id: "scim.getServiceProviderConfig" },
  { id: "scim.listResourceTypes" },
  { id: "scim.getResourceType", input: { name: "User" } },
  { id: "scim.listSchemas" },
  { id: "scim.getSchema", input: { id: user } },
  {
    id: "scim.createUser",
    input: {
      schemas: [user],
      userName: "erin@example.com",
      name: { givenName: "Erin", familyName: "E" },
    },
    example: {},
    again: 409,
  },
  {
    id: "scim.listUsers",
    input: { startIndex: 1, count: 10, sortOrder: "ascending" },
    refused: { 400: { path: "/v2/scim/2.0/Users?filter=nonsense" } },
  },
  { id: "scim.getUser", input: scimUser },
  {
    id: "scim.updateUser",
    input: (got) => ({ ...scimUser(got), schemas: [user], enabled: true }),
    example: {},
  },
];
