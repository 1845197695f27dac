import assert from "node:assert/strict";
import { test } from "node:test";

import { createAccount } from "../accounts/accounts.ts";
import { State } from "../state/state.ts";
import { auditActions } from "./actions.ts";
import { orgSubject, record, sayingOf } from "./audit.ts";

const now = Date.parse("2026-05-01T12:00:00Z");

test("the log keeps the last twenty thousand entries", (context) => {
  const state = new State(":memory:");
  context.after(() => state.close());
  const org = createAccount(state, { name: "harbour", type: "Organization" }, now);
  state.transaction(() => {
    for (let count = 0; count < 20_100; count += 1)
      record({ state, now, identity: { account: org } }, "org.team.create", orgSubject(org), {
        team: `t${count}`,
      });
  });
  const rows = state.all<{ data: string }>("SELECT data FROM audit_events ORDER BY id");
  assert.equal(rows.length, 20_000);
  assert.deepEqual([rows[0]?.data, rows.at(-1)?.data], ['{"team":"t100"}', '{"team":"t20099"}']);
});

test("each entry says in words what was done", () => {
  assert.equal(
    sayingOf("repo.immutable.tags.updated", "a/b", { enabled: "true", rules: "^v" }),
    "made tags of a/b immutable: ^v",
  );
  assert.equal(sayingOf("something.new", "a/b", {}), "something.new");
});

test("every kind of event has a group, a label and a description", () => {
  const kinds = Object.entries(auditActions).flatMap(([group, { label, actions }]) => {
    assert.notEqual(label, "");
    return actions.map(({ name, label, description }) => {
      assert(label !== "" && description !== "");
      return `${group}.${name}`;
    });
  });
  assert(kinds.includes("repo.tag.push") && kinds.includes("billing.plan.upgrade"));
  assert.equal(new Set(kinds).size, kinds.length);
});
