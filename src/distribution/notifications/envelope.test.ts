import assert from "node:assert/strict";
import { test } from "node:test";

import { mediaTypes } from "../../reference/descriptor.ts";
import { startTestRegistry } from "../testing/registry.ts";
import { describeEvent, type Notification } from "./envelope.ts";

test("each event says what happened to what, by whom, and where it can be pulled", async (t) => {
  const told: Notification[] = [];
  const registry = await startTestRegistry(t, {
    onEvent: (event) => told.push(describeEvent(event)),
    authorize: () => ({ user: "alice", mayPull: () => true, maySee: () => true }),
  });
  const blob = await registry.pushBlob("team/app", "content");
  await registry.request("POST", `/v2/other/blobs/uploads/?mount=${blob.digest}&from=team/app`);
  const digest = await registry.pushImage("team/app", "v1");
  await registry.request("GET", "/v2/team/app/manifests/v1", {
    headers: { "user-agent": "a client" },
  });
  await registry.request("DELETE", "/v2/team/app/manifests/v1");
  await registry.request("DELETE", `/v2/team/app/manifests/${digest}`);

  const origin = `http://127.0.0.1:${registry.port}`;
  const size = Number(
    told.find(({ target }) => target.digest === digest && target.size)?.target.size,
  );
  const octets = "application/octet-stream";
  const manifest = {
    mediaType: mediaTypes.ociManifest,
    size,
    length: size,
    digest,
    repository: "team/app",
    tag: "v1",
    url: `${origin}/v2/team/app/manifests/${digest}`,
  };
  const bytes = { mediaType: octets, size: 7, length: 7, digest: blob.digest };
  const blobUrl = (name: string) => `${origin}/v2/${name}/blobs/${blob.digest}`;
  assert.deepEqual(
    told
      // The image's configuration is pushed on the way.
      .filter(({ target }) => target.size !== 2)
      .map(({ action, target }) => [action, target]),
    [
      ["push", { ...bytes, repository: "team/app", url: blobUrl("team/app") }],
      [
        "mount",
        { ...bytes, repository: "other", fromRepository: "team/app", url: blobUrl("other") },
      ],
      ["push", manifest],
      ["pull", manifest],
      ["delete", { repository: "team/app", tag: "v1" }],
      ["delete", { repository: "team/app", digest }],
    ],
  );

  const pull = told.find(({ action }) => action === "pull")!;
  assert.deepEqual(pull.actor, { name: "alice" });
  assert.match(pull.request.addr, /^127\.0\.0\.1:\d+$/);
  assert.equal(pull.request.host, `127.0.0.1:${registry.port}`);
  assert.deepEqual([pull.request.method, pull.request.useragent], ["GET", "a client"]);
  assert.match(pull.source.addr, new RegExp(`:${registry.port}$`));
  assert.match(pull.timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.equal(new Set(told.map(({ id }) => id)).size, told.length);
  assert.equal(new Set(told.map(({ source }) => source.instanceID)).size, 1);
});

test("nobody has signed in: nobody is named; another origin is used where it is told", async (t) => {
  const told: Notification[] = [];
  const registry = await startTestRegistry(t, {
    onEvent: (event) => told.push(describeEvent(event, "https://registry.example.com")),
  });
  await registry.pushBlob("a", "content");
  assert.deepEqual(told[0]!.actor, {});
  assert.match(told[0]!.target.url!, /^https:\/\/registry\.example\.com\/v2\/a\/blobs\/sha256:/);
});

test("a client that says a lot of itself does not fill the queue", async (t) => {
  const told: Notification[] = [];
  const registry = await startTestRegistry(t, {
    onEvent: (event) => told.push(describeEvent(event)),
  });
  const { digest } = await registry.pushBlob("a", "content");
  await registry.request("GET", `/v2/a/blobs/${digest}`, {
    headers: { "user-agent": "x".repeat(10_000) },
  });
  assert(JSON.stringify(told.at(-1)).length < 2000);
});
