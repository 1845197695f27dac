import assert from "node:assert/strict";
import { test } from "node:test";

import { State } from "../state/state.ts";
import { plant } from "./plant.ts";
import { seedOf, type SeedName } from "./index.ts";
import type { Seed } from "./schema.ts";

async function planted(seed: SeedName | Seed, time: string): Promise<State> {
  const state = new State(":memory:");
  state.transaction(await plant(state, (await seedOf(seed))!, { now: Date.parse(time) }));
  return state;
}

const tags = `tags t JOIN repositories r ON r.id = t.repository
  JOIN accounts o ON o.number = r.owner JOIN accounts a ON a.number = t.updater`;
const logged = `pull_log l JOIN repositories r ON r.id = l.repository
  JOIN tags t ON t.repository = r.id AND t.name = l.tag`;

/** What cannot be, and how to find it. */
const impossible: Readonly<Record<string, string>> = {
  "who is a member before the account or the organization is there":
    "members m JOIN accounts a ON a.number = account JOIN accounts o ON o.number = org WHERE m.joined < max(a.joined, o.joined)",
  "a tag pushed before its pusher or its repository was there": `${tags} WHERE t.pushed < max(a.joined, r.registered)`,
  "a tag pushed by an organization that has people": `${tags} WHERE a.type = 'Organization' AND EXISTS (SELECT 1 FROM members WHERE org = a.number)`,
  "a tag pushed by somebody who was not in the organization": `${tags} WHERE o.type = 'Organization' AND a.number <> o.number
    AND NOT EXISTS (SELECT 1 FROM members m WHERE m.org = o.number AND m.account = a.number AND m.joined <= t.pushed)`,
  "a repository that is older than its namespace":
    "repositories r JOIN accounts a ON a.number = owner WHERE registered < a.joined",
  "a star of somebody who was not there yet, or for nothing":
    "stars s JOIN repositories r ON r.id = repository JOIN accounts a ON a.number = account WHERE given < max(a.joined, r.registered)",
  "a comment of somebody who was not there yet, or on nothing":
    "comments c JOIN repositories r ON r.id = repository JOIN accounts a ON a.number = account WHERE written < max(a.joined, r.registered)",
  "a token that is older than its account":
    "access_tokens t JOIN accounts a ON a.number = account WHERE created < a.joined",
  "pulls that nobody has counted":
    "(SELECT r.pulls, sum(count) AS logged FROM pull_log l JOIN repositories r ON r.id = repository GROUP BY r.id) WHERE pulls <> logged",
  "pulls before there was a repository":
    "pull_log l JOIN repositories r ON r.id = repository WHERE day < substr(registered, 1, 10)",
  "pulls of a version before it was pushed": `${logged} WHERE t.name <> 'latest' AND t.pushed > (SELECT min(pushed) FROM tags WHERE repository = r.id)
    AND day < substr(t.pushed, 1, 10)`,
  "an image made after it was pushed": `(SELECT repository, digest, min(pushed) AS pushed FROM tags GROUP BY 1, 2) t JOIN manifests m ON m.repository = t.repository AND m.digest = t.digest
    JOIN json_each(m.images) i JOIN manifests c ON c.repository = t.repository AND c.digest = i.value ->> 'digest'
    JOIN stored_content s ON s.digest = c.blobs ->> '$[0].digest'
    WHERE json_extract(CAST(s.bytes AS TEXT), '$.created') > t.pushed`,
  "a tag that was pulled later than it says": `${logged} WHERE t.pulled IS NULL OR substr(t.pulled, 1, 10) < day`,
  "a tag that was pulled later than its image":
    "tags t JOIN manifests m ON m.repository = t.repository AND m.digest = t.digest WHERE t.pulled > coalesce(m.pulled, '')",
  "what somebody did before there was such a person":
    "audit_events e JOIN accounts a ON a.name = actor WHERE time < a.joined",
  "what an organization did by itself": `audit_events e JOIN accounts a ON a.name = actor
    WHERE a.type = 'Organization' AND EXISTS (SELECT 1 FROM members WHERE org = a.number)`,
};

function assertPossible(state: State): void {
  for (const [what, where] of Object.entries(impossible))
    assert.equal(state.count(`SELECT count(*) AS count FROM ${where}`), 0, what);
}

const times = ["2026-05-01T12:00:00Z", "2028-02-29T23:59:59Z", "2027-01-01T00:00:00Z"];

for (const time of [...times, "2026-03-31T00:00:01Z"])
  test(`nothing in the small seed contradicts itself at ${time}`, async () => {
    assertPossible(await planted("small", time));
  });

test("nothing in the large seed contradicts itself", async () => {
  assertPossible(await planted("large", "2028-02-29T23:59:59Z"));
});

test("nor does what a file leaves to us", async () => {
  const state = await planted(
    {
      accounts: [{ name: "ann", joined: "20d" }, { name: "ben", joined: "3d" }, { name: "cid" }],
      organizations: [{ name: "works", badge: "open_source", members: { cid: "owner" } }],
      repositories: [
        { name: "ann/new", tags: ["latest"], stars: ["ben", "cid"], pulls: 4 },
        { name: "works/old", tags: [{ name: "v1", pushed: "400d" }, "v2"], pulls: 5000 },
        { name: "works/fresh", created: "2d", tags: ["latest"], stars: ["cid"], pulls: 70 },
      ],
    },
    "2026-05-01T12:00:00Z",
  );
  assertPossible(state);
  assert.deepEqual(
    state
      .all("SELECT name, registered FROM repositories ORDER BY name")
      .map((row) => ({ ...row! })),
    [
      { name: "fresh", registered: "2026-04-29T12:00:00.000000Z" },
      { name: "new", registered: "2026-04-11T12:00:00.000000Z" },
      { name: "old", registered: "2025-03-27T12:00:00.000000Z" },
    ],
  );
});
