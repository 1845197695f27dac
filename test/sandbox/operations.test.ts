/** Which operations the sandbox answers; that each answer is what the catalogue declares. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { entries } from "../../src/operation.ts";
import { catalogue } from "../../src/entrance/hub.ts";
import { missingBehaviours } from "../../src/sandbox/hub/hub.ts";
import { stage } from "./stage.ts";

/** Only shrinks. */
const missing: string[] = [];

test("the operations that nothing stands behind yet are these", () => {
  assert.deepEqual(missingBehaviours().toSorted(), missing.toSorted());
});

/** Operations that call each other's results come in order; what a step needs of an earlier one it takes from `got`. */
type Inputs = (got: Record<string, never>) => Record<string, unknown>;

const repository = { namespace: "alice", repository: "shelf" };
const tagged = { namespace: "alice", repository: "site", tag: "latest" };
const team = { org_name: "harbour", group_name: "pilots" };
/** Of harbour/api; in the real Hub it stands on a page. */
const trigger = "3470443d-aacb-5e17-a701-d8f608b99509";
const api = { namespace: "harbour", repository: "api" };
const harbour = { namespace: "harbour" };
const april = { ...harbour, year: 2026, timespantype: "months", timespan: 4 };

const userSchema = "urn:ietf:params:scim:schemas:core:2.0:User";
const robot: Inputs = (got) => ({
  org_name: "harbour",
  access_token_id: got["orgAccessTokens.create"]!["id"],
});

const steps: readonly (readonly [id: string, input?: Record<string, unknown> | Inputs])[] = [
  ["users.getCurrent"],
  ["users.get", { username: "bob" }],
  ["users.getRegistrySettings", { username: "alice" }],
  ["plans.get", (got) => ({ account_id: got["users.getCurrent"]!["id"] })],
  ["accessTokens.create", { token_label: "one", scopes: ["repo:read"] }],
  ["accessTokens.list"],
  ["accessTokens.get", (got) => ({ uuid: got["accessTokens.create"]!["uuid"] })],
  [
    "accessTokens.update",
    (got) => ({ uuid: got["accessTokens.create"]!["uuid"], is_active: false }),
  ],
  ["accessTokens.delete", (got) => ({ uuid: got["accessTokens.create"]!["uuid"] })],
  ["accessTokens.createLegacy", { token_label: "two" }],
  ["accessTokens.listLegacy"],
  ["accessTokens.getLegacy", (got) => ({ uuid: got["accessTokens.createLegacy"]!["uuid"] })],
  [
    "accessTokens.updateLegacy",
    (got) => ({ uuid: got["accessTokens.createLegacy"]!["uuid"], token_label: "three" }),
  ],
  ["accessTokens.deleteLegacy", (got) => ({ uuid: got["accessTokens.createLegacy"]!["uuid"] })],
  ["repositories.create", { namespace: "alice", name: "shelf" }],
  ["repositories.createLegacy", { namespace: "alice", name: "shelf-2" }],
  ["repositories.createInNamespaceLegacy", { namespace: "alice", name: "shelf-3" }],
  ["repositories.list", { namespace: "alice" }],
  ["repositories.listLegacy", { namespace: "alice" }],
  ["repositories.listForUserLegacy", { username: "alice" }],
  ["repositories.get", repository],
  ["repositories.getLegacy", repository],
  ["repositories.check", repository],
  ["repositories.checkLegacy", repository],
  ["repositories.update", { ...repository, description: "Of books" }],
  [
    "repositories.updateLegacy",
    { ...repository, immutable_tags: true, immutable_tags_rules: "v.*,w" },
  ],
  ["repositories.setPrivacy", { ...repository, is_private: true }],
  ["categories.list"],
  ["repositories.setCategories", { ...repository, categories: [{ slug: "gaming", name: "" }] }],
  ["tags.list", { namespace: "alice", repository: "site", architecture: "arm64" }],
  ["tags.listLegacy", { namespace: "alice", repository: "site", ordering: "name" }],
  ["tags.get", tagged],
  ["tags.getLegacy", tagged],
  ["tags.check", tagged],
  ["tags.checkLegacy", tagged],
  ["tags.checkAny", { namespace: "alice", repository: "site" }],
  ["immutableTags.verify", { ...repository, regex: "v.*" }],
  ["immutableTags.update", { ...repository, immutable_tags: false, immutable_tags_rules: [] }],
  ["manifests.list", { namespace: "alice", repository: "site" }],
  ["comments.list", { namespace: "library", repository: "hello" }],
  ["stars.add", repository],
  ["stars.list", { username: "alice" }],
  ["stars.count", { namespace: "alice", repository: "site" }],
  ["stars.delete", repository],
  ["collaborators.add", { ...repository, user: "bob" }],
  ["collaborators.list", repository],
  ["collaborators.delete", { ...repository, username: "bob" }],
  ["search.query", { query: "hello", architectures: ["arm64"], sort: "updated_at" }],
  ["search.catalogV3", { query: "hello" }],
  ["search.repositoriesV2", { query: "hello" }],
  ["orgs.list"],
  ["orgs.get", { org_name: "harbour" }],
  ["orgMembers.list", { org_name: "harbour" }],
  ["orgMembers.export", { org_name: "harbour" }],
  ["orgMembers.update", { org_name: "harbour", username: "bob", role: "editor" }],
  [
    "orgSettings.update",
    {
      org_name: "harbour",
      restricted_images: {
        enabled: true,
        allow_official_images: true,
        allow_verified_publishers: false,
      },
    },
  ],
  ["orgSettings.get", { org_name: "harbour" }],
  [
    "registryAccess.update",
    {
      org_name: "harbour",
      enabled: true,
      standard_registries: [{ id: "DockerHub", allowed: true }],
      custom_registries: [],
    },
  ],
  ["registryAccess.get", { org_name: "harbour" }],
  ["repositories.uploadLogo", { ...api, image: Buffer.from("89504e470d0a1a0a00", "hex") }],
  ["repositories.getLogo", api],
  ["repositories.deleteLogo", api],
  ["groups.create", { org_name: "harbour", name: "pilots" }],
  ["groups.list", { org_name: "harbour" }],
  ["groups.get", team],
  ["groups.update", { ...team, description: "They steer" }],
  ["groups.replace", { ...team, name: "pilots" }],
  ["groups.addMember", { ...team, member: "bob" }],
  ["groups.listMembers", team],
  [
    "repositoryGroups.assign",
    (got) => ({ ...api, group_id: got["groups.create"]!["id"], permission: "read" }),
  ],
  [
    "repositoryGroups.update",
    (got) => ({ ...api, group_id: got["groups.create"]!["id"], permission: "admin" }),
  ],
  ["repositoryGroups.get", (got) => ({ ...api, group_id: got["groups.create"]!["id"] })],
  ["repositoryGroups.delete", (got) => ({ ...api, group_id: got["groups.create"]!["id"] })],
  ["groups.deleteMember", { ...team, username: "bob" }],
  ["groups.delete", team],
  ["invites.create", { org: "harbour", invitees: ["dave"] }],
  ["invites.list", { org_name: "harbour" }],
  ["invites.resend", (got) => ({ id: got["invites.list"]!["data"][0]["id"] })],
  ["invites.delete", (got) => ({ id: got["invites.list"]!["data"][0]["id"] })],
  ["webhooks.create", { ...api, name: "one" }],
  [
    "webhooks.createHook",
    (got) => ({
      ...api,
      webhook_id: got["webhooks.create"]!["id"],
      hook_url: "http://127.0.0.1:9/",
    }),
  ],
  ["webhooks.list", api],
  ["webhooks.delete", (got) => ({ ...api, webhook_id: got["webhooks.create"]!["id"] })],
  ["webhookPipelines.create", { ...api, name: "two" }],
  ["webhookPipelines.delete", { ...api, slug: "two" }],
  ["dockerfile.get", api],
  ["builds.listSources", api],
  [
    "builds.callTrigger",
    (got) => ({
      source_uuid: got["builds.listSources"]!["objects"][0]["uuid"],
      trigger_uuid: trigger,
    }),
  ],
  ["auditLogs.list", { account: "harbour" }],
  ["auditLogs.listActions", { account: "alice" }],
  ["orgMembers.delete", { org_name: "harbour", username: "bob" }],
  ["scim.getServiceProviderConfig"],
  ["scim.listResourceTypes"],
  ["scim.getResourceType", { name: "User" }],
  ["scim.listSchemas"],
  ["scim.getSchema", { id: userSchema }],
  ["scim.createUser", { schemas: [userSchema], userName: "erin@example.com" }],
  ["scim.listUsers", { filter: 'displayName eq "erin"' }],
  ["scim.getUser", (got) => ({ id: got["scim.createUser"]!["id"] })],
  ["scim.updateUser", (got) => ({ id: got["scim.createUser"]!["id"], schemas: [userSchema] })],
  ["orgAccessTokens.create", { org_name: "harbour", label: "robot" }],
  ["orgAccessTokens.list", { org_name: "harbour" }],
  ["orgAccessTokens.get", robot],
  ["orgAccessTokens.update", (got) => ({ ...robot(got), label: "cart" })],
  ["orgAccessTokens.delete", robot],
  ["analytics.listNamespaces"],
  ["analytics.listNamespaceMetadata"],
  ["analytics.getNamespace", harbour],
  ["analytics.getNamespacePulls", { ...harbour, timespan: "weeks", period: "last-6-months" }],
  ["analytics.getRepositoryPulls", { ...harbour, repo: "api", group: "repo" }],
  ["analytics.getManyRepositoriesPulls", { repos: ["harbour/api"] }],
  ["analytics.listYears", harbour],
  ["analytics.listTimespans", { ...harbour, year: 2026, timespantype: "weeks" }],
  ["analytics.getTimespan", april],
  ["analytics.listExportFiles", { ...april, dataview: "summary" }],
  ["tags.delete", tagged],
  ["repositories.delete", repository],
  ["pullLimit.getToken"],
  ["pullLimit.get"],
  ["auth.createToken", { identifier: "alice", secret: "alice-password" }],
  ["auth.login", { username: "alice", password: "alice-password" }],
  ["auth.logout"],
];

test("every answer is what the catalogue declares", async (context) => {
  const { as } = await stage(context);
  const calls = as("alice") as unknown as Record<
    string,
    Record<string, (input: unknown) => Promise<never>>
  >;
  const got: Record<string, never> = {};
  for (const [id, input = {}] of steps) {
    const [area = "", verb = ""] = id.split(".");
    got[id] = await calls[area]![verb]!(typeof input === "function" ? input(got) : input);
  }
  const elsewhere = ["auth.loginTwoFactor"]; // signing-in.test.ts
  const answered = [...entries(catalogue)]
    .filter(({ operation }) => operation.retired === undefined)
    .map(({ id }) => id)
    .filter((id) => !missing.includes(id) && !elsewhere.includes(id));
  assert.deepEqual(steps.map(([id]) => id).toSorted(), answered.toSorted());
});
