/** Words of `wharf hub AREA VERB` that are easily read wrongly, and what is printed of the answers. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";

import { globalFlags } from "../../src/cli/flags.ts";
import { commandOf } from "../../src/cli/hub/commands.ts";
import { outlines } from "../../src/cli/hub/operations.ts";
import { spellingOf } from "../../src/cli/hub/words.ts";
import { wharf } from "../wharf.ts";
import { allFixtures } from "./fixtures/index.ts";

const server = createServer((_, response) => {
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify(allFixtures["scim"]?.["listUsers"]?.answer.body));
});
before(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
after(() => server.close());

const hub = (...words: string[]) =>
  wharf(["hub", ...words], {
    environment: {
      DOCKERHUB_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      DOCKERHUB_SCIM_TOKEN: "for scim",
    },
  });

test("no field of an operation is lost behind a flag that all of them have", () => {
  for (const outline of outlines)
    for (const [name, flag] of Object.entries(spellingOf(outline).flags)) {
      assert.equal(commandOf(outline).flags[name]?.about, flag.about, `${outline.id} --${name}`);
      assert(!Object.hasOwn(globalFlags, name), `${outline.id} --${name}`);
    }
});

test("a list of SCIM prints its users, not the names of its schemas", async () => {
  const { stdout, status } = await hub("scim", "list-users");
  assert.equal(status, 0);
  assert.doesNotMatch(stdout, /urn:ietf/);
  assert.match(stdout, /^ID +MAIL/);
});

test("what is needed may be said by --body alone, and words count more than it", async () => {
  const body = JSON.stringify({ token_label: "ci", scopes: ["repo:read"] });
  const words = ["access-tokens", "create", "--dry-run", "--json"];
  const { stdout } = await hub(...words, "--body", body);
  assert.deepEqual(JSON.parse(stdout).body, { token_label: "ci", scopes: ["repo:read"] });
  const both = await hub(...words, "mine", "--body", body);
  assert.equal(JSON.parse(both.stdout).body.token_label, "mine");
  const neither = await hub(...words, "--body", "{}");
  assert.equal(neither.status, 2);
  assert.match(neither.stderr, /token_label: .*scopes: /);
});

test("a field that is called like a flag of all commands has a flag of its own", async () => {
  const words = ["invites", "create", "acme", "--invitees", "me", "--dry-run", "--json"];
  assert.equal("dry_run" in JSON.parse((await hub(...words)).stdout).body, false);
  const { stdout } = await hub(...words, "--api-dry-run", "true");
  assert.equal(JSON.parse(stdout).body.dry_run, true);
});

test("a secret in a path is not printed by --dry-run", async () => {
  const body = JSON.stringify({ source_uuid: "first-secret", trigger_uuid: "second-secret" });
  const { stdout } = await hub("builds", "call-trigger", "--body", body, "--dry-run");
  assert.match(stdout, /^POST .*\/source\/\*\*\*\/trigger\/\*\*\*\/call\//);
  assert.doesNotMatch(stdout, /-secret/);
});

test("fields of --fields are those of the answer", async () => {
  const { stdout } = await hub(
    "scim",
    "list-users",
    "--json",
    "--all",
    "--fields",
    "constructor,id",
  );
  assert.doesNotMatch(stdout, /native code/);
});

test("what is needed and was not said is named as the flag that says it", async () => {
  const { status, stderr } = await hub("access-tokens", "create", "ci");
  assert.equal(status, 2);
  assert.match(stderr, /wharf hub access-tokens create needs --scopes/);
});

test("a team is said by number or by name, which a dry run asks nobody about", async () => {
  const words = (team: string) =>
    hub("repository-groups", "assign", "acme/app", team, "read", "--dry-run", "--json");
  assert.equal(JSON.parse((await words("10")).stdout).body.group_id, 10);
  const { status, stderr } = await words("developers");
  assert.equal(status, 2);
  assert.match(stderr, /hub groups list acme/);
});

test("the example of an operation has all that it needs", () => {
  for (const outline of outlines) {
    const { flags } = spellingOf(outline);
    const { command } = commandOf(outline).examples[0]!;
    for (const [name, { about }] of Object.entries(flags))
      if (about.endsWith("(needed)")) assert(command.includes(` --${name} `), command);
    if (outline.secrets && outline.effect === "create") assert.match(command, / --secret-file /);
  }
});
