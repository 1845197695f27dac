import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import { type Descriptor, mediaTypes } from "../reference/descriptor.ts";
import { digestOf } from "../reference/digest.ts";
import { createMemoryCollection } from "../store/memory.ts";
import type { Repository } from "../store/store.ts";
import { imageManifest, startTestRegistry, type TestRegistry } from "./testing/registry.ts";

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void;

async function attach(registry: TestRegistry, subject: string, fields: object): Promise<string> {
  const config = await registry.pushBlob("a", "{}");
  const body = imageManifest({
    config: { ...config, mediaType: mediaTypes.ociEmpty },
    subject: { mediaType: mediaTypes.ociManifest, digest: subject, size: 1 },
    ...fields,
  });
  const answer = await registry.request("PUT", `/v2/a/manifests/${digestOf(Buffer.from(body))}`, {
    headers: { "content-type": mediaTypes.ociManifest },
    body,
  });
  assert.equal(answer.status, 201, answer.body.toString());
  return answer.headers["docker-content-digest"] as string;
}

test("what refers to a manifest is listed with type and annotations, as an index", async (t) => {
  const registry = await startTestRegistry(t);
  const subject = await registry.pushImage("a", "latest");
  const annotations = { "org.example.note": "hello" };
  const digest = await attach(registry, subject, {
    artifactType: "application/x-sbom",
    annotations,
  });
  const answer = await registry.request("GET", `/v2/a/referrers/${subject}`);
  assert.equal(answer.status, 200);
  assert.equal(answer.headers["content-type"], mediaTypes.ociIndex);
  assert.equal(answer.headers["oci-filters-applied"], undefined);
  assert.deepEqual([answer.json.schemaVersion, answer.json.mediaType], [2, mediaTypes.ociIndex]);
  const [entry, ...others] = answer.json.manifests;
  assert.deepEqual(others, []);
  assert.equal(entry?.digest, digest);
  assert.equal(entry?.artifactType, "application/x-sbom");
  assert.deepEqual(entry?.annotations, annotations);
});

test("a filter is applied, and that is said", async (t) => {
  const registry = await startTestRegistry(t);
  const subject = await registry.pushImage("a", "latest");
  await attach(registry, subject, { artifactType: "application/x-sbom" });
  const signature = await attach(registry, subject, { artifactType: "application/x-signature" });
  const type = encodeURIComponent("application/x-signature");
  const answer = await registry.request("GET", `/v2/a/referrers/${subject}?artifactType=${type}`);
  assert.equal(answer.headers["oci-filters-applied"], "artifactType");
  assert.deepEqual(
    answer.json.manifests.map((entry) => entry.digest),
    [signature],
  );
});

test("no referrers, no manifest, no repository: an empty index", async (t) => {
  const registry = await startTestRegistry(t);
  const digest = await registry.pushImage("a", "latest");
  for (const path of [
    `a/referrers/${digest}`,
    `a/referrers/sha256:${"0".repeat(64)}`,
    `b/referrers/${digest}`,
  ]) {
    const answer = await registry.request("GET", `/v2/${path}`);
    assert.deepEqual([answer.status, answer.json.manifests], [200, []], path);
  }
  const invalid = await registry.request("GET", "/v2/a/referrers/latest");
  assert.deepEqual([invalid.status, invalid.code], [400, "DIGEST_INVALID"]);
});

test("a manifest that was deleted refers to nothing any more", async (t) => {
  const registry = await startTestRegistry(t);
  const subject = await registry.pushImage("a", "latest");
  const digest = await attach(registry, subject, {});
  await registry.request("DELETE", `/v2/a/manifests/${digest}`);
  assert.deepEqual(
    (await registry.request("GET", `/v2/a/referrers/${subject}`)).json.manifests,
    [],
  );
});

test("a page of referrers stays below what clients take for an index", async (t) => {
  const registry = await startTestRegistry(t);
  const subject = await registry.pushImage("a", "latest");
  const pushed = new Set<string>();
  for (let n = 0; n < 8; n++) {
    const annotations = { n: String(n), padding: "x".repeat(900_000) };
    pushed.add(await attach(registry, subject, { annotations }));
  }
  const seen: Descriptor[] = [];
  let pages = 0;
  let next: string | undefined = `/v2/a/referrers/${subject}`;
  while (next) {
    const page = await registry.request("GET", next);
    assert(page.body.length < 4 << 20);
    seen.push(...page.json.manifests);
    next = /^<(.*)>; rel="next"$/.exec((page.headers.link as string) ?? "")?.[1];
    pages++;
  }
  assert(pages > 1);
  assert.deepEqual(new Set(seen.map((entry) => entry.digest)), pushed);
  assert.equal(seen.length, pushed.size);
});

test("thousands of referrers, in whatever order the store has them, come page by page, each once", async (t) => {
  const entries = Array.from({ length: 5000 }, (_, n): Descriptor => {
    const digest = digestOf(Buffer.from(String(n)));
    const annotations = { padding: "\u00fc".repeat(n % 500) };
    return { mediaType: mediaTypes.ociManifest, digest, size: n, annotations };
  });
  const subject = entries[0]!.digest;
  const repository: Partial<Repository> = {
    async *listReferrers() {
      yield* entries;
    },
  };
  const registry = await startTestRegistry(t, {
    collection: { ...createMemoryCollection(), repository: () => repository as Repository },
  });
  const seen: string[] = [];
  let next: string | undefined = `/v2/a/referrers/${subject}`;
  while (next) {
    const page = await registry.request("GET", next);
    seen.push(...page.json.manifests.map(({ digest }) => digest));
    next = /^<(.*)>; rel="next"$/.exec((page.headers.link as string) ?? "")?.[1];
  }
  assert.deepEqual(seen, entries.map(({ digest }) => digest).toSorted());
});

test("no more referrers are held than a page or two has", async (t) => {
  let alive = 0;
  const freed = new FinalizationRegistry(() => (alive -= 1));
  let most = 0;
  const repository: Partial<Repository> = {
    async *listReferrers() {
      for (let n = 0; n < 400; n++) {
        const annotations = { padding: `${n}`.repeat(200_000) };
        const digest = digestOf(Buffer.from(String(n)));
        freed.register(annotations, undefined);
        alive += 1;
        most = Math.max(most, alive);
        yield { mediaType: mediaTypes.ociManifest, digest, size: 1, annotations };
        if (n % 40 === 0) {
          gc();
          await new Promise((resolve) => setImmediate(resolve));
        }
      }
    },
  };
  const registry = await startTestRegistry(t, {
    collection: { ...createMemoryCollection(), repository: () => repository as Repository },
  });
  const answer = await registry.request("GET", `/v2/a/referrers/sha256:${"0".repeat(64)}`);
  assert.equal(answer.status, 200);
  assert(most < 200, `${most} were held`);
});
