/** A question about one repository, or one account, is not answered by a look at all of them: SQLite says how it looks them up. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { State } from "../../src/sandbox/state/state.ts";
import { registryFor } from "./registry-calls.ts";
import { stage } from "./stage.ts";

/** Tables that grow with what people do; of these no question of one thing goes through all rows. */
const growing = ["tags", "manifests", "comments", "members", "audit_events", "pull_log", "stars"];

/** Statements are noted while `work` runs. */
async function statementsOf(work: () => Promise<void>): Promise<Set<string>> {
  const seen = new Set<string>();
  const methods = ["all", "one", "run"] as const;
  const originals = methods.map((method) => State.prototype[method]);
  for (const [at, method] of methods.entries())
    Object.assign(State.prototype, {
      [method](this: State, sql: string, ...values: never[]) {
        seen.add(sql);
        return originals[at]!.call(this, sql, ...values);
      },
    });
  try {
    await work();
  } finally {
    for (const [at, method] of methods.entries())
      Object.assign(State.prototype, { [method]: originals[at] });
  }
  return seen;
}

test("no list of one repository or account goes through those of all", async (context) => {
  const at = await stage(context);
  const hub = at.as("erin");
  const gateway = { namespace: "pier", repository: "gateway" };
  const call = await registryFor(at, "erin", "pier/gateway");
  const seen = await statementsOf(async () => {
    await hub.repositories.list({ namespace: "pier", page_size: 10 });
    await hub.repositories.get(gateway);
    await hub.tags.list({ ...gateway, page_size: 10, page: 2 });
    await hub.tags.get({ ...gateway, tag: "latest" });
    await hub.manifests.list(gateway);
    await hub.comments.list(gateway);
    for await (const _ of hub.auditLogs.list({ account: "pier" })) break;
    await hub.analytics.getNamespacePulls({ namespace: "pier" });
    await hub.groups.list({ org_name: "pier" });
    await hub.orgMembers.list({ org_name: "pier" });
    await hub.orgs.list();
    await call("GET", "tags/list");
    assert.equal((await call("GET", "manifests/v1.6.0")).status, 200);
  });
  assert(seen.size > 30, String(seen.size));
  const state = new State(":memory:");
  const searches: string[] = [];
  for (const sql of seen) {
    const plan = state.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`);
    const aliases = new Map(
      Array.from(sql.matchAll(/(?:FROM|JOIN) (\w+) (?:AS )?(\w+)/g), ([, table, as]) => [
        as,
        table,
      ]),
    );
    for (const { detail } of plan) {
      const scanned = /^SCAN (\w+)/.exec(detail)?.[1] ?? "";
      searches.push(detail);
      assert(!growing.includes(aliases.get(scanned) ?? scanned), `${detail}: ${sql}`);
    }
  }
  state.close();
  // Which tags lead to a manifest is not found by looking at all that the repository has.
  assert(searches.some((each) => /^SEARCH tags .*\(repository=\? AND digest=\?\)/.test(each)));
});
