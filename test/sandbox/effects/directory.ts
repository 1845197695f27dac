/** An organization's directory: SCIM. */
import assert from "node:assert/strict";

import { refused } from "../stage.ts";
import { scenario, type Scenarios } from "./scenario.ts";

const org_name = "harbour";

export const directory: Scenarios = {
  "whom the directory sends is a member, and whom it switches off none": scenario(
    [
      "scim.createUser updateUser getUser listUsers",
      "orgMembers.list delete",
      "users.get",
      "orgs.get",
    ],
    async (at) => {
      const [alice, { scim }] = [at.as("alice"), at.as(undefined)];
      const schemas = ["urn:ietf:params:scim:schemas:core:2.0:User"];
      const roleOf = async (name: string) =>
        (await alice.orgMembers.list({ org_name, search: name })).results[0]?.role;
      const name = { givenName: "Jon", familyName: "Snow" };
      const { id } = await scim.createUser({ schemas, userName: "jon.snow@example.com", name });
      assert.equal(await roleOf("jonsnow"), "Member");
      assert.equal((await alice.users.get({ username: "jonsnow" })).full_name, "Jon Snow");
      assert.equal((await at.as("jonsnow").orgs.get({ org_name })).orgname, org_name);
      await scim.updateUser({ id, schemas, enabled: true, name: { familyName: "Stark" } });
      assert.equal((await alice.users.get({ username: "jonsnow" })).full_name, "Jon Stark");
      await scim.updateUser({ id, schemas, enabled: false });
      assert.equal(await roleOf("jonsnow"), undefined);
      await refused(at.as("jonsnow").orgs.get({ org_name }), "FORBIDDEN");
      await scim.updateUser({ id, schemas, enabled: true });
      assert.equal(await roleOf("jonsnow"), "Member");
      // The other way round, too: whom an owner removes is off in the directory.
      const found = async () =>
        (await scim.listUsers({ filter: 'displayName eq "jonsnow"' })).resources[0]?.active;
      assert.deepEqual([await found(), (await scim.getUser({ id })).active], [true, true]);
      await alice.orgMembers.delete({ org_name, username: "jonsnow" });
      assert.deepEqual([await found(), (await scim.getUser({ id })).active], [false, false]);
    },
  ),

  "what the directory says of itself is so": scenario(
    [
      "scim.getServiceProviderConfig listResourceTypes getResourceType listSchemas getSchema",
      "scim.listUsers getUser",
    ],
    async (at) => {
      const { scim } = at.as(undefined);
      const [bob] = (await scim.listUsers({ filter: 'displayName eq "bob"' })).resources;
      const user = await scim.getUser({ id: bob!.id });
      const type = await scim.getResourceType({ name: String(user.meta!["resourceType"]) });
      assert.deepEqual((await scim.listResourceTypes()).resources, [type]);
      const { attributes } = await scim.getSchema({ id: type.schema! });
      const described = (attributes as { name: string }[]).map(({ name }) => name);
      const common = ["schemas", "id", "externalId", "meta"];
      for (const name of Object.keys(user)) assert([...common, ...described].includes(name), name);
      const schemas = (await scim.listSchemas()).resources.map(({ id }) => id);
      assert.deepEqual(schemas, user.schemas);
      const { patch } = (await scim.getServiceProviderConfig()) as {
        patch: { supported: boolean };
      };
      const answer = await fetch(`${at.sandbox.urls.hub}/v2/scim/2.0/Users/${user.id}`, {
        method: "PATCH",
        headers: { authorization: "Bearer harbour-scim-token" },
      });
      assert.deepEqual([patch.supported, answer.status], [false, 405]);
    },
  ),
};
