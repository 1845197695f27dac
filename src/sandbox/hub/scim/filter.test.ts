import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { HubRefusal } from "../refusal.ts";
import { select, valuesOf } from "./attributes.ts";
import { parseFilter } from "./filter.ts";

const jon = {
  schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"],
  id: "1",
  userName: "jon.snow@example.com",
  name: { givenName: "Jon", familyName: "Snow" },
  displayName: "jonsnow",
  active: true,
  emails: [{ value: "jon.snow@example.com", primary: true }],
  groups: [{ value: "company" }, { value: "watch" }],
};

test("a filter compares, joins, turns round and brackets", () => {
  for (const [text, holds] of [
    ['userName eq "jon.snow@example.com"', true],
    ['USERNAME EQ "Jon.Snow@Example.com"', true],
    ['userName eq "arya@example.com"', false],
    ['userName ne "arya@example.com"', true],
    ['name.familyName sw "sn"', true],
    ['displayName co "nsn"', true],
    ["active eq true", true],
    ["active eq false", false],
    ['active eq "true"', false],
    ['emails eq "jon.snow@example.com"', true],
    ['groups.value eq "watch"', true],
    ['groups ne "watch"', false],
    ['urn:ietf:params:scim:schemas:core:2.0:User:userName sw "jon"', true],
    ['userName sw "x" or userName sw "jon" and active eq true', true],
    ['(userName sw "jon" or userName sw "x") and active eq false', false],
    ['not (active eq false) and not userName co "arya"', true],
    ['displayName eq "a \\"quoted\\" name (or not)"', false],
    ['name.givenName eq "Jon" ', true],
  ] as const)
    assert.equal(parseFilter(text)(jon), holds, text);
});

test("what is no filter is refused as one", () => {
  for (const text of [
    "",
    "userName",
    "userName eq",
    "userName eq jon",
    'userName gt "jon"',
    'password eq "x"',
    'userName eq "jon" userName eq "x"',
    '(userName eq "jon"',
    'userName eq "jon',
    `${"(".repeat(50)}active eq true${")".repeat(50)}`,
    `${"not ".repeat(5000)}active eq true`,
  ])
    assert.throws(
      () => parseFilter(text),
      (error) =>
        error instanceof HubRefusal &&
        (error.body as { scimType: string }).scimType === "invalidFilter",
      text.slice(0, 40),
    );
});

test("any text is a filter or refused", () => {
  const words = fc.constantFrom("userName", "eq", "not", "and", "or", "(", ")", '"x"', "true", '"');
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(words).map((list) => list.join(" ")),
      ),
      (text) => {
        try {
          assert.equal(typeof parseFilter(text)(jon), "boolean");
        } catch (error) {
          assert(error instanceof HubRefusal);
        }
      },
    ),
  );
});

test("attributes are chosen, whole or in part; the id is always there", () => {
  const { schemas, id } = jon;
  assert.deepEqual(select(jon, "userName, NAME.givenName"), {
    schemas,
    id,
    userName: jon.userName,
    name: { givenName: "Jon" },
  });
  assert.deepEqual(select(jon, "emails.value"), {
    schemas,
    id,
    emails: [{ value: "jon.snow@example.com" }],
  });
  assert.equal(select(jon, undefined), jon);
  assert.deepEqual(valuesOf(jon, "groups"), ["company", "watch"]);
});
