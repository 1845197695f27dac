/** What is asked often is looked up: a sandbox with 100,000 tags answers as fast as one with a hundred. */
import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { State } from "../../src/sandbox/state/state.ts";
import { built } from "./scout/built.ts";
import { digestOf, pier, scoutStage } from "./scout/stage.ts";

/** Tables that have rows by the ten thousand, with the names that statements give them. */
const large = /\b(manifests|tags|pull_log|audit_events|comments|members)(?: (?:AS )?([a-z])\b)?/g;
/** Base images are looked for among all images, each once. */
const known = "SCAN manifests USING COVERING INDEX manifests_by_digest";

test("no request goes through all manifests, tags, pulls or events, and no snapshot once for each repository", async (context) => {
  const asked = new Set<string>();
  const at = await scoutStage(context);
  for (const method of ["all", "one", "run"] as const) {
    const inner = State.prototype[method];
    mock.method(State.prototype, method, function (this: State, sql: string, ...values: never[]) {
      asked.add(sql);
      return inner.call(this, sql, ...values);
    });
  }
  context.after(() => mock.restoreAll());
  const erin = at.as("erin");
  const input = { namespace: "pier", repository: "gateway" };
  await erin.repositories.list({ namespace: "pier" });
  await erin.repositories.get(input);
  await erin.tags.list(input);
  await erin.tags.list({ ...input, architecture: "arm64" });
  await erin.tags.get({ ...input, tag: "latest" });
  await erin.manifests.list(input);
  await erin.comments.list(input);
  await erin.orgMembers.list({ org_name: "pier" });
  await erin.orgs.list();
  await erin.search.query({ query: "gateway" });
  await erin.auditLogs.list({ account: "pier", action: "repo.tag.push" });
  await erin.analytics.getNamespacePulls({ namespace: "pier" });
  const digest = await digestOf(at, "erin", "pier/gateway", "v1.0.0");
  await at.scout("erin").imageDetails({ ...pier, digest });
  await at.scout("dave").imageDetails({ digest });
  await at.push("alice", "alice/site", await built([]));
  await at.sandbox.snapshot();
  await erin.repositories.delete({ namespace: "pier", repository: "tides" });

  mock.restoreAll();
  const state = new State(":memory:");
  context.after(() => state.close());
  assert(asked.size > 50, `${asked.size} statements`);
  const found: string[] = [];
  for (const sql of asked) {
    if (/^PRAGMA|loaded/.test(sql)) continue;
    const plan = state.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, ...nulls(sql));
    const names = new Set([...sql.matchAll(large)].map(([, table, alias]) => alias ?? table));
    found.push(...plan.map(({ detail }) => detail));
    const scans = plan
      .map(({ detail }) => detail)
      .filter((detail) => names.has(/^SCAN (\w+)/.exec(detail)?.[1]) && detail !== known);
    assert.deepEqual(scans, [], sql);
  }
  // Which tags lead to a manifest is not found by a look at all that the repository has.
  assert(found.some((each) => /^SEARCH tags .*\(repository=\? AND digest=\?\)/.test(each)));
});

/** One for each parameter, which may have numbers. */
function nulls(sql: string): null[] {
  const numbers = Array.from(sql.matchAll(/\?(\d*)/g), ([, number], at) =>
    Number(number || at + 1),
  );
  return Array.from({ length: Math.max(0, ...numbers) }, () => null);
}
