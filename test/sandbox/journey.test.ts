/** The life of an organization's repository, made, filled, described, shared, protected and deleted in three ways. */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";

import { connect, copy } from "../../src/entrance/registry.ts";
import { tool } from "../tools.ts";
import { type Said, wharfOk, type WharfOptions } from "../wharf.ts";
import { registryFor } from "./registry-calls.ts";
import { refused, stage, type Stage } from "./stage.ts";

const skopeo = tool("skopeo", "apt-get install skopeo");
const crane = { namespace: "harbour", repository: "crane" };
const v1 = { ...crane, tag: "v1.0.0" };

/** What alice does. */
interface Way {
  create(): Promise<unknown>;
  /** Pushes an image as v1.0.0. */
  fill(): Promise<unknown>;
  describe(): Promise<unknown>;
  /** Lets a new team, pilots, push, and bob into it. */
  share(): Promise<unknown>;
  /** Makes tags that begin with v immutable. */
  protect(): Promise<unknown>;
  remove(): Promise<unknown>;
}

/** Goes the way, and has others look after each step. */
async function journey(at: Stage, way: Way): Promise<void> {
  const [alice, bob, dave] = [at.as("alice"), at.as("bob"), at.as("dave")];
  await way.create();
  assert.equal((await alice.repositories.get(crane)).is_private, true);
  assert.equal(await bob.repositories.check(crane), false);

  await way.fill();
  const tag = await alice.tags.get(v1);
  assert.equal(tag.last_updater_username, "alice");
  assert.deepEqual(tag.images?.map(({ architecture }) => architecture).toSorted(), [
    "amd64",
    "arm64",
  ]);

  await way.describe();
  const { description, full_description } = await alice.repositories.get(crane);
  assert.deepEqual([description, full_description?.trim()], ["It lifts", "# Crane"]);

  await way.share();
  const { permissions } = await bob.repositories.get(crane);
  assert.deepEqual([permissions?.write, permissions?.admin], [true, false]);
  assert.equal(await dave.repositories.check(crane), false);
  const bobs = await registryFor(at, "bob", "harbour/crane");
  const pulled = await bobs("GET", "manifests/v1.0.0");
  const type = pulled.headers.get("content-type")!;
  const image = await pulled.text();
  assert.equal((await bobs("PUT", "manifests/by-bob", image, type)).status, 201);

  await way.protect();
  assert.equal((await bobs("PUT", "manifests/v1.0.0", `${image} `, type)).status, 403);
  assert.equal((await bobs("PUT", "manifests/by-bob", `${image} `, type)).status, 201);
  await refused(alice.tags.delete(v1), "FORBIDDEN", /immutable/);

  await way.remove();
  assert.equal(await alice.repositories.check(crane), false);
  assert.equal((await bobs("HEAD", "manifests/v1.0.0")).status, 404);
}

test("by the library", async (context) => {
  const at = await stage(context, { clock: Date.now });
  const hub = at.as("alice");
  const registry = connect(at.sandbox.url, {
    credentials: {
      find: async () => ({ kind: "basic", username: "alice", password: "alice-password" }),
    },
  });
  context.after(() => registry.close());
  const org_name = "harbour";
  await journey(at, {
    create: () =>
      hub.repositories.create({ namespace: "harbour", name: "crane", is_private: true }),
    fill: () =>
      copy(registry.repository("library/hello"), "latest", registry.repository("harbour/crane"), {
        tag: "v1.0.0",
      }),
    describe: () =>
      hub.repositories.update({ ...crane, description: "It lifts", full_description: "# Crane" }),
    async share() {
      const { id: group_id = 0 } = await hub.groups.create({ org_name, name: "pilots" });
      await hub.groups.addMember({ org_name, group_name: "pilots", member: "bob" });
      await hub.repositoryGroups.assign({ ...crane, group_id, permission: "write" });
    },
    protect: () =>
      hub.immutableTags.update({ ...crane, immutable_tags: true, immutable_tags_rules: ["v.*"] }),
    remove: () => hub.repositories.delete(crane),
  });
});

test("by the command", async (context) => {
  const at = await stage(context, { clock: Date.now });
  const folder = await folderOf(context);
  await writeFile(
    join(folder, "config.yaml"),
    `docker.io:\n  url: ${at.sandbox.url}\n  hubUrl: ${at.sandbox.hubUrl}\n`,
  );
  await writeFile(join(folder, "README.md"), "# Crane\n");
  const options: WharfOptions = {
    cwd: folder,
    environment: { WHARF_CONFIG: "config.yaml", HOME: folder, DOCKER_CONFIG: folder },
  };
  const ok = (line: string, more: WharfOptions = {}): Promise<Said> =>
    wharfOk(line.split(" "), { ...options, ...more });
  await ok("login --username alice --password-stdin", { stdin: "alice-password" });
  await journey(at, {
    create: () => ok("hub repositories create harbour/crane --is-private true"),
    fill: () => ok("copy hello harbour/crane:v1.0.0"),
    describe: () =>
      wharfOk(
        ["hub", "describe", "harbour/crane", "--readme", "README.md", "--short", "It lifts"],
        options,
      ),
    async share() {
      await ok("hub groups create harbour pilots");
      await ok("hub groups add-member harbour pilots bob");
      await ok("hub repository-groups assign harbour/crane pilots write");
    },
    protect: () =>
      ok("hub immutable-tags update harbour/crane true --immutable-tags-rules v.* --yes"),
    remove: () => ok("hub repositories delete harbour/crane --yes"),
  });
});

test("with skopeo and plain requests", { skip: skopeo.skip }, async (context) => {
  const at = await stage(context, { clock: Date.now });
  const folder = await folderOf(context);
  const { host } = at.sandbox;
  const environment = { REGISTRY_AUTH_FILE: join(folder, "auth.json") };
  const plain = ["--src-tls-verify=false", "--dest-tls-verify=false", "--insecure-policy"];
  const secret = { identifier: "alice", secret: "alice-password" };
  const session = await at.ask("POST", "/v2/auth/token", { body: secret });
  const token = session.body.access_token as string;
  const send = async (method: string, path: string, body?: object): Promise<{ id: number }> => {
    const answer = await at.ask(method, path, { token, body });
    assert(answer.status < 300, `${method} ${path}: ${JSON.stringify(answer.body)}`);
    return answer.body as { id: number };
  };
  const path = "/v2/namespaces/harbour/repositories";
  await skopeo.run(["login", "--tls-verify=false", "-u", "alice", "--password-stdin", host], {
    environment,
    stdin: "alice-password",
  });
  await journey(at, {
    create: () => send("POST", path, { namespace: "harbour", name: "crane", is_private: true }),
    fill: () =>
      skopeo.run(
        [
          "copy",
          "--all",
          ...plain,
          `docker://${host}/library/hello:latest`,
          `docker://${host}/harbour/crane:v1.0.0`,
        ],
        { environment },
      ),
    describe: () =>
      send("PATCH", "/v2/repositories/harbour/crane/", {
        description: "It lifts",
        full_description: "# Crane",
      }),
    async share() {
      const { id } = await send("POST", "/v2/orgs/harbour/groups", { name: "pilots" });
      await send("POST", "/v2/orgs/harbour/groups/pilots/members", { member: "bob" });
      await send("POST", "/v2/repositories/harbour/crane/groups", {
        group_id: id,
        permission: "write",
      });
    },
    protect: () =>
      send("PATCH", `${path}/crane/immutabletags`, {
        immutable_tags: true,
        immutable_tags_rules: ["v.*"],
      }),
    remove: () => send("DELETE", "/v2/repositories/harbour/crane/"),
  });
});

async function folderOf(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "wharf-journey-"));
  context.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
