/** Repositories, what they say, who stars them and who may push to them. */
import assert from "node:assert/strict";

import { refused } from "../stage.ts";
import { scenario, type Scenarios } from "./scenario.ts";

const namespace = "alice";
const site = { namespace, repository: "site" };
const notes = { namespace, repository: "notes" };

export const repositories: Scenarios = {
  "a repository that was made is shown, listed and found, until it is deleted": scenario(
    [
      "repositories.create get list check delete listLegacy getLegacy checkLegacy listForUserLegacy",
      "search.query catalogV3 repositoriesV2",
    ],
    async (at) => {
      const { repositories, search } = at.as("alice");
      const shelf = { namespace, repository: "shelf" };
      const everywhere = async () => [
        await repositories.check(shelf),
        await repositories.checkLegacy(shelf),
        (await repositories.list({ namespace, name: "shelf" })).count === 1,
        (await repositories.listLegacy({ namespace, name: "shelf" })).count === 1,
        (await repositories.listForUserLegacy({ username: namespace })).some(
          ({ name }) => name === "shelf",
        ),
        (await search.query({ query: "shelf" })).total === 1,
        (await search.catalogV3({ query: "shelf" })).total === 1,
        (await search.repositoriesV2({ query: "shelf" })).count === 1,
      ];
      assert.deepEqual(new Set(await everywhere()), new Set([false]));
      await repositories.create({ namespace, name: "shelf", description: "Of books" });
      assert.deepEqual(new Set(await everywhere()), new Set([true]));
      assert.equal((await repositories.get(shelf)).description, "Of books");
      assert.equal((await repositories.getLegacy(shelf)).description, "Of books");
      await repositories.delete(shelf);
      assert.deepEqual(new Set(await everywhere()), new Set([false]));
    },
  ),

  "repositories made the old ways are the same repositories": scenario(
    ["repositories.createLegacy createInNamespaceLegacy get"],
    async (at) => {
      const { repositories } = at.as("alice");
      await repositories.createLegacy({ namespace, name: "one", is_private: true });
      await repositories.createInNamespaceLegacy({ namespace, name: "two", description: "2" });
      assert.equal((await repositories.get({ namespace, repository: "one" })).is_private, true);
      assert.equal((await repositories.get({ namespace, repository: "two" })).description, "2");
    },
  ),

  "what a repository says of itself is in lists and found by its words": scenario(
    ["repositories.update updateLegacy get list", "search.query"],
    async (at) => {
      const { repositories, search } = at.as("alice");
      await repositories.update({ ...site, description: "Of lighthouses" });
      assert.equal((await search.query({ query: "lighthouses" })).results[0]?.slug, "alice/site");
      await repositories.updateLegacy({
        ...site,
        full_description: "# Site",
        immutable_tags: true,
        immutable_tags_rules: "v.*,w",
      });
      const shown = await repositories.get(site);
      assert.deepEqual(
        [shown.full_description, shown.description, shown.immutable_tags_settings],
        ["# Site", "Of lighthouses", { enabled: true, rules: ["v.*", "w"] }],
      );
      await repositories.update({ ...site, status: 0 });
      const { results } = await repositories.list({ namespace, name: "site" });
      assert.deepEqual([results[0]?.status, results[0]?.description], [0, "Of lighthouses"]);
    },
  ),

  "what is private is gone for others": scenario(
    ["repositories.setPrivacy check", "search.query"],
    async (at) => {
      const [alice, nobody] = [at.as("alice"), at.as(undefined)];
      await alice.repositories.setPrivacy({ ...site, is_private: true });
      assert.equal(await nobody.repositories.check(site), false);
      assert.equal((await nobody.search.query({ query: "site" })).total, 0);
      await alice.repositories.setPrivacy({ ...notes, is_private: false });
      assert.equal(await nobody.repositories.check(notes), true);
    },
  ),

  "a category of the list sorts a repository in": scenario(
    ["categories.list", "repositories.setCategories list", "search.query"],
    async (at) => {
      const alice = at.as("alice");
      const [, category] = await alice.categories.list();
      await alice.repositories.setCategories({ ...site, categories: [category!] });
      const { results } = await alice.repositories.list({ namespace, name: "site" });
      assert.deepEqual(results[0]?.categories, [category]);
      assert.equal((await alice.search.query({ categories: [category!.slug] })).total, 1);
    },
  ),

  "a logo that was set is downloaded, until it is removed": scenario(
    ["repositories.uploadLogo getLogo deleteLogo"],
    async (at) => {
      const { repositories } = at.as("alice");
      const api = { namespace: "harbour", repository: "api" };
      const image = new Uint8Array(Buffer.from("89504e470d0a1a0a2a", "hex"));
      await repositories.uploadLogo({ ...api, image });
      assert.deepEqual(new Uint8Array(await repositories.getLogo(api)), image);
      await repositories.deleteLogo(api);
      await refused(repositories.getLogo(api), "NOT_FOUND");
    },
  ),

  "stars are counted, and everybody's are listed": scenario(
    ["stars.add delete list count", "repositories.get", "search.query"],
    async (at) => {
      const dave = at.as("dave");
      await dave.stars.add(site);
      assert.equal((await dave.stars.list({ username: "dave" })).results[0]?.name, "site");
      assert.deepEqual(await at.as(undefined).stars.count(site), { count: 1 });
      assert.equal((await dave.repositories.get(site)).has_starred, true);
      assert.equal((await dave.search.query({ query: "site" })).results[0]?.star_count, 1);
      await dave.stars.delete(site);
      assert.equal((await dave.repositories.get(site)).star_count, 0);
    },
  ),

  "comments are of accounts that there are": scenario(
    ["comments.list", "users.get"],
    async (at) => {
      const { comments, users } = at.as(undefined);
      const { results } = await comments.list({ namespace: "library", repository: "hello" });
      assert.equal(results.length, 2);
      for (const { user } of results)
        assert.equal((await users.get({ username: String(user) })).username, user);
    },
  ),

  "a collaborator sees what is private": scenario(
    ["collaborators.add delete list", "repositories.check get"],
    async (at) => {
      const [alice, dave] = [at.as("alice"), at.as("dave")];
      await alice.collaborators.add({ ...notes, user: "dave" });
      assert.equal(await dave.repositories.check(notes), true);
      assert.equal((await alice.repositories.get(notes)).collaborator_count, 1);
      assert.equal((await alice.collaborators.list(notes)).count, 1);
      await alice.collaborators.delete({ ...notes, username: "dave" });
      assert.equal(await dave.repositories.check(notes), false);
    },
  ),
};
