import assert from "node:assert/strict";
import { test } from "node:test";

import * as catalogue from "../../hub/catalogue.ts";
import { entries } from "../../operation.ts";
import { createAccount } from "../accounts/accounts.ts";
import { isScope, type Resource } from "../accounts/scopes.ts";
import { createRepository } from "../repositories.ts";
import { State } from "../state/state.ts";
import { HubRefusal } from "./refusal.ts";
import { createRouter } from "./router.ts";
import { admitOrgToken, openOperations } from "./orgTokenRules.ts";

/** Areas that are people's, or of a session with a password. */
const areas =
  "accessTokens analytics collaborators orgAccessTokens orgSettings orgs plans scim users".split(
    " ",
  );

test("of every operation it is decided whether an organization's token may be used for it", () => {
  const undecided = [...entries(catalogue)].filter(
    ({ id, area, verb, operation: { service = "hub", auth, retired } }) =>
      service === "hub" &&
      auth !== "none" &&
      retired === undefined &&
      !openOperations.has(id) &&
      !areas.includes(area) &&
      !verb.endsWith("Legacy"),
  );
  assert.deepEqual(
    undecided.map(({ id }) => id),
    [],
    "it stands in orgTokenRules.ts with its scope, or its area is closed",
  );
});

/** Words before and after the dash of every scope. */
const things =
  "image repository tag webhook repo-group repository-settings member invite group activity ram repository".split(
    " ",
  );
const ends = "delete push pull admin edit write read create list".split(" ");

test("who may only read changes nothing, and who has every scope may use all that is open", (context) => {
  const state = new State(":memory:");
  context.after(() => state.close());
  const now = Date.parse("2026-05-01T12:00:00Z");
  const account = createAccount(state, { name: "harbour", type: "Organization" }, now);
  createRepository(state, account, { name: "ledger", is_private: true }, now);
  const scopesOf = (type: Resource["type"], words: readonly string[]) =>
    things
      .flatMap((thing) => words.map((word) => `scope-${thing}-${word}`))
      .filter((scope) => isScope(type, scope));
  const refusedWith = (words: readonly string[]) => {
    const resources: Resource[] = [
      { type: "TYPE_REPO", path: "harbour/*", scopes: scopesOf("TYPE_REPO", words) },
      { type: "TYPE_ORG", path: "harbour", scopes: scopesOf("TYPE_ORG", words) },
    ];
    const identity = { account, orgToken: { id: "x", resources } };
    const input = { namespace: "harbour", repository: "ledger" };
    return createRouter(catalogue).routes.filter((route) => {
      try {
        admitOrgToken(state, identity, route, input);
        return false;
      } catch (error) {
        if (error instanceof HubRefusal) return openOperations.has(route.id);
        throw error;
      }
    });
  };
  const changing = createRouter(catalogue).routes.filter(
    ({ id, operation }) =>
      openOperations.has(id) &&
      id !== "auth.logout" &&
      // What is only looked at may be asked for by POST.
      (operation.effect !== "read" || id === "immutableTags.verify"),
  );
  assert(changing.length > 30);
  assert.deepEqual(
    refusedWith(["read", "pull", "list"]).map(({ id }) => id),
    changing.map(({ id }) => id),
  );
  assert.deepEqual(refusedWith(ends), []);
});
