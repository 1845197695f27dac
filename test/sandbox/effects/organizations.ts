/** Organizations: members, teams, invitations, settings and tokens. */
import assert from "node:assert/strict";

import { refused } from "../stage.ts";
import { scenario, type Scenarios } from "./scenario.ts";

const org_name = "harbour";
const pilots = { org_name, group_name: "pilots" };
const ledger = { namespace: "harbour", repository: "ledger" };
const api = { namespace: "harbour", repository: "api" };

export const organizations: Scenarios = {
  "whoever is invited and follows the link is a member, until removed": scenario(
    [
      "invites.create list resend delete",
      "orgMembers.list update delete export",
      "orgs.list get",
      "auditLogs.list",
    ],
    async (at) => {
      const [alice, dave] = [at.as("alice"), at.as("dave")];
      await alice.invites.create({ org: org_name, invitees: ["dave", "late@example.com"] });
      const invited = async (who: string) =>
        (await alice.invites.list({ org_name })).data.find(({ invitee }) => invitee === who)?.id;
      const late = (await invited("late@example.com"))!;
      await alice.invites.resend({ id: late });
      const { logs } = await alice.auditLogs.list({
        account: org_name,
        action: "org.member.invite.send",
        name: "late@example.com",
      });
      assert.equal(logs.length, 2);
      const guests = async () =>
        (await alice.orgMembers.export({ org_name })).match(/^.*,Invitee,.*$/gm);
      assert.deepEqual(await guests(), [
        ",dave,,Invitee,Member,,",
        ",,late@example.com,Invitee,Member,,",
      ]);
      await alice.invites.delete({ id: late });
      assert.deepEqual(await guests(), [",dave,,Invitee,Member,,"]);
      const { results } = await alice.orgMembers.list({ org_name, type: "invitee" });
      assert(results.some(({ username }) => username === "dave"));
      assert(results.every(({ email }) => email !== "late@example.com"));
      await refused(dave.orgs.get({ org_name }), "FORBIDDEN");
      await fetch(`${at.sandbox.urls.control}/invites/${await invited("dave")}/accept`, {
        method: "POST",
      });
      assert.equal((await dave.orgs.get({ org_name })).orgname, org_name);
      assert.equal(await invited("dave"), undefined);
      await alice.orgMembers.update({ org_name, username: "dave", role: "owner" });
      assert.equal((await dave.orgs.list()).results[0]?.user_role, "Owner");
      assert.match(await alice.orgMembers.export({ org_name }), /^Dave,dave,.*,Owner,/m);
      await alice.orgMembers.delete({ org_name, username: "dave" });
      assert.equal((await dave.orgs.list()).count, 0);
      assert.equal((await alice.orgMembers.list({ org_name })).count, 2);
    },
  ),

  "a team opens its repositories to its members": scenario(
    [
      "groups.create get list update replace addMember listMembers deleteMember delete",
      "repositoryGroups.assign get update delete",
      "repositories.check get",
      "orgMembers.list",
    ],
    async (at) => {
      const [alice, bob] = [at.as("alice"), at.as("bob")];
      const { id: group_id = 0 } = await alice.groups.create({ org_name, name: "pilots" });
      await alice.groups.update({ ...pilots, description: "They steer" });
      assert.equal((await bob.groups.get(pilots)).description, "They steer");
      await alice.groups.addMember({ ...pilots, member: "bob" });
      assert.equal(
        (await alice.groups.list({ org_name, search: "pilots" })).results[0]?.member_count,
        1,
      );
      const { results } = await alice.orgMembers.list({ org_name, search: "bob" });
      assert.deepEqual(results[0]?.groups, ["developers", "pilots"]);
      assert.equal(await bob.repositories.check(ledger), false);
      await alice.repositoryGroups.assign({ ...ledger, group_id, permission: "read" });
      assert.equal((await bob.repositories.get(ledger)).permissions?.write, false);
      await alice.repositoryGroups.update({ ...ledger, group_id, permission: "admin" });
      assert.equal((await bob.repositories.get(ledger)).permissions?.admin, true);
      assert.equal((await alice.repositoryGroups.get({ ...ledger, group_id })).permission, "admin");
      await alice.repositoryGroups.delete({ ...ledger, group_id });
      assert.equal(await bob.repositories.check(ledger), false);
      await alice.groups.replace({ ...pilots, name: "steerers" });
      assert.equal((await bob.groups.get({ org_name, group_name: "steerers" })).description, "");
      const renamed = { org_name, group_name: "steerers" };
      assert.equal((await alice.groups.listMembers(renamed)).results[0]?.username, "bob");
      await alice.groups.deleteMember({ ...renamed, username: "bob" });
      assert.equal((await alice.groups.listMembers(renamed)).count, 0);
      await alice.groups.delete(renamed);
      assert.equal((await alice.groups.list({ org_name, search: "steerers" })).count, 0);
    },
  ),

  "what an owner settles, members read": scenario(
    ["orgSettings.update get", "registryAccess.update get"],
    async (at) => {
      const [alice, bob] = [at.as("alice"), at.as("bob")];
      const restricted_images = {
        enabled: true,
        allow_official_images: true,
        allow_verified_publishers: false,
      };
      await alice.orgSettings.update({ org_name, restricted_images });
      assert.deepEqual(await bob.orgSettings.get({ org_name }), { restricted_images });
      const access = {
        enabled: true,
        standard_registries: [{ id: "DockerHub", allowed: true }],
        custom_registries: [],
      };
      await alice.registryAccess.update({ org_name, ...access });
      assert.deepEqual(await bob.registryAccess.get({ org_name }), access);
      // Docker's provider for Terraform sends null where there are none.
      await alice.registryAccess.update({ org_name, ...access, custom_registries: null });
      assert.equal((await bob.registryAccess.get({ org_name })).custom_registries, null);
    },
  ),

  "an organization's token opens its resources, while it is on": scenario(
    ["orgAccessTokens.create get list update delete", "repositories.check", "tags.check"],
    async (at) => {
      const { orgAccessTokens } = at.as("alice");
      const resource = (path: string) => [
        { type: "TYPE_REPO" as const, path, scopes: ["scope-repository-read", "scope-tag-read"] },
      ];
      const made = await orgAccessTokens.create({
        org_name,
        label: "CI",
        resources: resource("harbour/ledger"),
      });
      const one = { org_name, access_token_id: made.id };
      const credentials = { kind: "secret", identifier: org_name, secret: made.token! } as const;
      const machine = at.as(credentials);
      assert.equal(await machine.repositories.check(ledger), true);
      assert.equal(await machine.tags.check({ ...ledger, tag: "latest" }), true);
      await orgAccessTokens.update({ ...one, label: "CI 2", resources: resource("harbour/api") });
      assert.equal((await orgAccessTokens.get(one)).label, "CI 2");
      assert.equal(await machine.repositories.check(ledger), false);
      assert.equal(await machine.repositories.check(api), true);
      await orgAccessTokens.update({ ...one, is_active: false });
      assert.equal((await orgAccessTokens.list({ org_name })).results[0]?.is_active, false);
      await refused(at.as(credentials).repositories.check(api), "UNAUTHORIZED");
      await orgAccessTokens.delete(one);
      assert.equal((await orgAccessTokens.list({ org_name })).total, 0);
    },
  ),
};
