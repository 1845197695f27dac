import assert from "node:assert/strict";
import { test } from "node:test";

import * as catalogue from "../../hub/catalogue.ts";
import { entries } from "../../operation.ts";
import { openOperations } from "./orgTokenRules.ts";

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
