/** A sandbox as one file: taken, brought back, named, and lived on in by another. */
import assert from "node:assert/strict";
import { request } from "node:http";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";

import { startSandbox } from "../../src/entrance/sandbox.ts";
import { digestOf } from "../../src/reference/digest.ts";
import { emptyIndex, index, registryFor } from "./registry-calls.ts";
import { refused, stage } from "./stage.ts";

const site = { namespace: "alice", repository: "site" };

test("what was done since a snapshot is undone, in the registry as in Hub, and sessions stay open", async (context) => {
  const at = await stage(context);
  const alice = at.as("alice");
  const call = await registryFor(at, "alice", "alice/site");
  await call("PUT", "manifests/mine", emptyIndex("mine"), index);
  const snapshot = await at.sandbox.snapshot();

  await call("PUT", "manifests/later", emptyIndex("later"), index);
  await alice.tags.delete({ ...site, tag: "mine" });
  await alice.repositories.create({ namespace: "alice", name: "later" });
  await at.sandbox.restore(snapshot);

  assert.deepEqual((await (await call("GET", "tags/list")).json()) as unknown, {
    name: "alice/site",
    tags: ["latest", "mine"],
  });
  assert.equal(await (await call("GET", "manifests/mine")).text(), emptyIndex("mine"));
  assert.equal((await call("GET", "manifests/later")).status, 404);
  const names = (await alice.tags.list(site)).results.map(({ name }) => name);
  assert.deepEqual(names.toSorted(), ["latest", "mine"]);
  await refused(alice.repositories.get({ namespace: "alice", repository: "later" }), "NOT_FOUND");
});

test("blobs of what was pushed are in the snapshot, which another sandbox begins with", async (context) => {
  const at = await stage(context);
  const { as, sandbox } = at;
  const call = await registryFor(at, "alice", "alice/site");
  const { manifests } = (await (await call("GET", "manifests/latest")).json()) as {
    manifests: { digest: string }[];
  };
  // Not a byte of this is the seed's.
  const bytes = Buffer.from(JSON.stringify({ architecture: "arm64", os: "linux" }));
  const config = { digest: digestOf(bytes), size: bytes.byteLength };
  await call("POST", `blobs/uploads/?digest=${config.digest}`, bytes.toString());
  const type = "application/vnd.oci.image.manifest.v1+json";
  const configType = "application/vnd.oci.image.config.v1+json";
  const own = { schemaVersion: 2, config: { mediaType: configType, ...config }, layers: [] };
  const put = await call("PUT", "manifests/own", JSON.stringify({ mediaType: type, ...own }), type);
  assert.equal(put.status, 201);
  await as("alice").repositories.delete({ namespace: "alice", repository: "notes" });
  const other = await stage(context, { seed: await sandbox.snapshot() });
  const there = await registryFor(other, "alice", "alice/site");
  const kept = await there("GET", `blobs/${config.digest}`);
  assert.deepEqual([kept.status, await kept.text()], [200, bytes.toString()]);
  assert.equal((await there("GET", "manifests/own")).status, 200);
  const image = (await (await there("GET", `manifests/${manifests[0]!.digest}`)).json()) as {
    layers: { digest: string; size: number }[];
  };
  for (const { digest, size } of image.layers) {
    const bytes = await (await there("GET", `blobs/${digest}`)).arrayBuffer();
    assert.equal(bytes.byteLength, size);
  }
  await refused(
    other.as("alice").repositories.get({ namespace: "alice", repository: "notes" }),
    "NOT_FOUND",
  );
});

test("a damaged snapshot takes nothing away", async (context) => {
  const at = await stage(context);
  const call = await registryFor(at, "alice", "alice/site");
  await call("PUT", "manifests/mine", emptyIndex("mine"), index);
  const whole = await at.sandbox.snapshot();
  const damaged = Buffer.from(whole).fill(0xff, 5000, 60_000);
  await refused(at.sandbox.restore(damaged), "LAYOUT_INVALID");
  await refused(at.sandbox.restore(whole.subarray(0, 9000)), "LAYOUT_INVALID");
  assert.equal(await (await call("GET", "manifests/mine")).text(), emptyIndex("mine"));
});

test("a whole file whose rows do not fit together takes nothing away, neither in memory nor in a folder", async (context) => {
  const folder = await mkdtemp(join(tmpdir(), "wharf-snapshot-"));
  context.after(() => rm(folder, { recursive: true, force: true }));
  for (const data of [undefined, join(folder, "data")]) {
    const at = await stage(context, data === undefined ? {} : { data });
    const call = await registryFor(at, "alice", "alice/site");
    await call("PUT", "manifests/mine", emptyIndex("mine"), index);
    const whole = await at.sandbox.snapshot();
    for (const change of [
      "DROP TABLE repositories; CREATE TABLE repositories (id INTEGER); INSERT INTO repositories VALUES (1)",
      "PRAGMA foreign_keys = OFF; DELETE FROM accounts WHERE name = 'alice'",
    ]) {
      const file = join(folder, "changed.db");
      await writeFile(file, whole);
      const database = new DatabaseSync(file);
      database.exec(change);
      database.close();
      await refused(at.sandbox.restore(await readFile(file)), "LAYOUT_INVALID");
      assert.equal(await (await call("GET", "manifests/mine")).text(), emptyIndex("mine"));
      assert((await at.as("alice").repositories.get(site)).name);
    }
    await at.sandbox.close();
  }
});

test("rows that hold nonsense are refused with the column's name, not met later by whoever reads them", async (context) => {
  const folder = await mkdtemp(join(tmpdir(), "wharf-snapshot-"));
  context.after(() => rm(folder, { recursive: true, force: true }));
  const { sandbox, as } = await stage(context);
  const whole = await sandbox.snapshot();
  const file = join(folder, "changed.db");
  for (const [change, column] of [
    ["UPDATE manifests SET images = 'nonsense'", "manifests.images"],
    ["UPDATE repositories SET categories = '{}'", "repositories.categories"],
    ["UPDATE repositories SET pulls = 9223372036854775807", "repositories.pulls"],
    ["UPDATE unplaced SET tags = '[1]'", "unplaced.tags"],
  ] as const) {
    await writeFile(file, whole);
    const database = new DatabaseSync(file);
    database.exec(change);
    database.close();
    const restored = sandbox.restore(await readFile(file));
    const error = await restored.catch((failure: unknown) => failure);
    assert(error instanceof Error && error.message.includes(column), `${change}: ${String(error)}`);
    assert((await as("alice").repositories.get(site)).name);
  }
});

test("over HTTP snapshots have names, are downloaded, uploaded, restored and deleted", async (context) => {
  const { sandbox, as } = await stage(context);
  const ask = (method: string, path: string, body?: string | Uint8Array) =>
    fetch(`${sandbox.urls.control}/snapshots${path}`, {
      method,
      ...(body !== undefined && { body: body as string }),
    });
  assert.equal((await ask("POST", "", '{"name":"before"}')).status, 201);
  assert.equal(((await (await ask("POST", "")).json()) as { name: string }).name, "1");
  await as("alice").repositories.delete(site);
  assert.equal((await ask("POST", "/before/restore")).status, 200);
  for (const path of ["//restore", "/before/", "/before/restore/twice", "/before/other"])
    assert.equal((await ask("POST", path)).status, 404, path);
  assert((await as("alice").repositories.get(site)).name);

  const bytes = new Uint8Array(await (await ask("GET", "/before")).arrayBuffer());
  assert.equal((await ask("PUT", "/copy", bytes)).status, 201);
  assert.equal((await ask("DELETE", "/before")).status, 204);
  const { snapshots } = (await (await ask("GET", "")).json()) as { snapshots: { name: string }[] };
  assert.deepEqual(
    snapshots.map(({ name }) => name),
    ["1", "copy"],
  );
  assert.equal((await ask("POST", "/copy/restore")).status, 200);

  assert.equal((await ask("POST", "/before/restore")).status, 404);
  assert.equal((await ask("PUT", "/copy", "text")).status, 400);
  assert.equal((await ask("POST", "", '{"name":"../x"}')).status, 400);
  assert.equal((await ask("POST", "", '{"nam":"x"}')).status, 400);
  const broken = Buffer.concat([Buffer.from("SQLite format 3\0"), Buffer.alloc(5000)]);
  assert.equal((await ask("PUT", "/broken", broken)).status, 201);
  assert.equal((await ask("POST", "/broken/restore")).status, 400);
  assert((await as("alice").repositories.get(site)).name);
});

test("there is an end to snapshots with names, which others can take the place of", async (context) => {
  const data = await mkdtemp(join(tmpdir(), "wharf-snapshot-"));
  for (const options of [{}, { data }]) {
    const { sandbox } = await stage(context, { seed: "none", ...options });
    const snapshot = Buffer.from(await sandbox.snapshot());
    const put = (name: string | number) =>
      fetch(`${sandbox.urls.control}/snapshots/${name}`, { method: "PUT", body: snapshot });
    for (let name = 1; name <= 100; name += 1) assert.equal((await put(name)).status, 201);
    const refusal = await put("surplus");
    assert.equal(refusal.status, 507);
    assert.match(await refusal.text(), /100 snapshots at most; delete one/);
    // Two at once are one after another.
    const again = await Promise.all([put(1), put(1)]);
    assert.deepEqual(
      again.map(({ status }) => status),
      [201, 201],
    );
    const one = `${sandbox.urls.control}/snapshots/1`;
    assert(Buffer.from(await (await fetch(one)).arrayBuffer()).equals(snapshot));
    assert.equal((await fetch(one, { method: "DELETE" })).status, 204);
    assert.equal((await put("surplus")).status, 201);
    await sandbox.close();
  }
  await rm(data, { recursive: true, force: true });
});

test("an upload that is too large is refused before it is read", async (context) => {
  const { sandbox } = await stage(context, { seed: "none" });
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const path = `${sandbox.urls.control}/snapshots/huge`;
    const headers = { "content-length": 2 ** 30 + 1 };
    const sent = request(path, { method: "PUT", headers }, (response) => {
      resolve(response.statusCode);
      sent.destroy();
    });
    sent.once("error", reject);
    sent.write("SQLite format 3");
  });
  assert.equal(status, 413);
});

test("a folder has one sandbox at a time; its snapshots are still there for the next", async (context) => {
  const data = await mkdtemp(join(tmpdir(), "wharf-snapshot-"));
  const first = await stage(context, { data });
  context.after(() => rm(data, { recursive: true, force: true }));
  await refused(startSandbox({ data }), "LOCKED", /another sandbox lives in this folder/);
  const call = await registryFor(first, "alice", "alice/site");
  await call("PUT", "manifests/mine", emptyIndex("mine"), index);
  await fetch(`${first.sandbox.urls.control}/snapshots`, { method: "POST", body: '{"name":"a"}' });
  await first.sandbox.close();

  const next = await stage(context, { data });
  await next.as("alice").repositories.delete(site);
  const restored = await fetch(`${next.sandbox.urls.control}/snapshots/a/restore`, {
    method: "POST",
  });
  assert.equal(restored.status, 200);
  const again = await registryFor(next, "alice", "alice/site");
  assert.equal(await (await again("GET", "manifests/mine")).text(), emptyIndex("mine"));
  assert.equal((await again("HEAD", "manifests/latest")).status, 200);
  await next.sandbox.close();
});

test("what is no snapshot is refused, and everything stays", async (context) => {
  const { sandbox, as } = await stage(context);
  await refused(sandbox.restore(Buffer.from("text")), "LAYOUT_INVALID");
  assert((await as("alice").repositories.get(site)).name);
});
