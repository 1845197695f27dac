/** Sessions, tokens and users. */
import assert from "node:assert/strict";

import { refused, type Stage } from "../stage.ts";
import { scenario, type Scenarios } from "./scenario.ts";

const withToken = (secret: string) => ({ kind: "secret", identifier: "alice", secret }) as const;
const withSession = (jwt: string) => ({ kind: "jwt", token: jwt }) as const;
const nameOf = async (at: Stage, jwt: string) =>
  (await at.as(withSession(jwt)).users.getCurrent()).username;

export const accounts: Scenarios = {
  "a session is whose password opened it, until it is ended": scenario(
    ["auth.createToken login logout", "users.getCurrent"],
    async (at) => {
      const nobody = at.as(undefined);
      const secret = { identifier: "dave", secret: "dave-password" };
      const { access_token } = await nobody.auth.createToken(secret);
      const { token } = await nobody.auth.login({ username: "bob", password: "bob-password" });
      assert.deepEqual([await nameOf(at, access_token), await nameOf(at, token!)], ["dave", "bob"]);
      await at.as(withSession(token!)).auth.logout();
      await refused(at.as(withSession(token!)).users.getCurrent(), "UNAUTHORIZED");
    },
  ),

  "the second factor's code opens a session": scenario(
    ["auth.loginTwoFactor", "users.getCurrent"],
    async (at) => {
      const body = { username: "carol", password: "carol-password" };
      const half = await at.ask("POST", "/v2/users/login", { body });
      const { token } = await at.as(undefined).auth.loginTwoFactor({
        login_2fa_token: half.body.login_2fa_token,
        code: at.sandbox.code("carol")!,
      });
      assert.equal(await nameOf(at, token!), "carol");
    },
  ),

  "a personal access token opens what its scopes say, while it is on": scenario(
    ["accessTokens.create update delete get list", "repositories.check create"],
    async (at) => {
      const alice = at.as("alice");
      const notes = { namespace: "alice", repository: "notes" };
      const { token, uuid } = await alice.accessTokens.create({
        token_label: "reader",
        scopes: ["repo:read"],
      });
      const machine = at.as(withToken(token!));
      assert.equal(await machine.repositories.check(notes), true);
      await refused(machine.repositories.create({ namespace: "alice", name: "new" }), "FORBIDDEN");
      const seen = await alice.accessTokens.get({ uuid: uuid! });
      assert.deepEqual(
        [seen.token_label, seen.token, seen.last_used !== null],
        ["reader", "", true],
      );
      await alice.accessTokens.update({ uuid: uuid!, token_label: "off", is_active: false });
      await refused(machine.repositories.check(notes), "UNAUTHORIZED");
      const { results } = await alice.accessTokens.list();
      assert.deepEqual(
        results.map(({ token_label, is_active }) => [token_label, is_active]),
        [["off", false]],
      );
      await alice.accessTokens.delete({ uuid: uuid! });
      assert.equal((await alice.accessTokens.list()).count, 0);
    },
  ),

  "tokens made the old way are the same tokens": scenario(
    [
      "accessTokens.createLegacy updateLegacy deleteLegacy getLegacy listLegacy list get",
      "users.getCurrent",
    ],
    async (at) => {
      const { accessTokens } = at.as("alice");
      // As hub-tool sends it, whose tokens work nevertheless.
      const asked = { token_label: "old", is_active: false };
      const { uuid = "", token = "" } = await accessTokens.createLegacy(asked);
      assert.equal((await accessTokens.get({ uuid })).token_label, "old");
      assert.equal((await at.as(withToken(token)).users.getCurrent()).username, "alice");
      await accessTokens.updateLegacy({ uuid, token_label: "older", is_active: false });
      await refused(at.as(withToken(token)).users.getCurrent(), "UNAUTHORIZED");
      assert.equal((await accessTokens.list()).results[0]?.token_label, "older");
      assert.equal((await accessTokens.getLegacy({ uuid })).token_label, "older");
      await accessTokens.deleteLegacy({ uuid });
      assert.equal((await accessTokens.list()).count, 0);
      await accessTokens.create({ token_label: "new", scopes: ["repo:read"] });
      assert.equal((await accessTokens.listLegacy()).results[0]?.token_label, "new");
    },
  ),

  "a private repository more is one fewer that is left": scenario(
    ["users.getRegistrySettings", "repositories.setPrivacy create"],
    async (at) => {
      const alice = at.as("alice");
      const settings = () => alice.users.getRegistrySettings({ username: "alice" });
      assert.equal((await settings()).private_repo_used, 1);
      const site = { namespace: "alice", repository: "site" };
      await alice.repositories.setPrivacy({ ...site, is_private: true });
      assert.equal((await settings()).private_repo_used, 2);
      await alice.repositories.create({ namespace: "alice", name: "shown", is_private: true });
      assert.equal((await settings()).private_repo_used, 3);
    },
  ),

  "a plan has a seat for each member": scenario(
    ["plans.get", "orgs.get", "users.get", "orgMembers.delete"],
    async (at) => {
      const alice = at.as("alice");
      const { id } = await alice.orgs.get({ org_name: "harbour" });
      const plan = async () => {
        const { name, seats } = await alice.plans.get({ account_id: id });
        return [name, seats];
      };
      assert.deepEqual(await plan(), ["team", 2]);
      await alice.orgMembers.delete({ org_name: "harbour", username: "bob" });
      assert.deepEqual(await plan(), ["team", 1]);
      const user = await alice.users.get({ username: "alice" });
      assert.equal((await alice.plans.get({ account_id: user.id })).name, "pro");
    },
  ),
};
