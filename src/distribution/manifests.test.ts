import assert from "node:assert/strict";
import { test } from "node:test";

import { mediaTypes } from "../reference/descriptor.ts";
import { digestOf } from "../reference/digest.ts";
import { imageManifest, startTestRegistry, type TestRegistry } from "./testing/registry.ts";

function put(
  registry: TestRegistry,
  path: string,
  body: string | Uint8Array,
  type: string | undefined = mediaTypes.ociManifest,
) {
  const headers: Record<string, string> = type ? { "content-type": type } : {};
  return registry.request("PUT", `/v2/${path}`, { headers, body });
}

test("a manifest comes back as it was pushed, by tag and by digest", async (t) => {
  const registry = await startTestRegistry(t);
  const config = await registry.pushBlob("a", "{}");
  const body = imageManifest({ config }).replaceAll(",", " ,\n");
  const pushed = await put(registry, "a/manifests/v1", body);
  assert.equal(pushed.status, 201);
  const digest = pushed.headers["docker-content-digest"]!;
  assert.equal(digest, digestOf(Buffer.from(body)));
  assert.equal(pushed.headers.location, "/v2/a/manifests/v1");
  for (const reference of ["v1", digest])
    for (const method of ["GET", "HEAD"]) {
      const answer = await registry.request(method, `/v2/a/manifests/${reference}`, {
        headers: { accept: "application/vnd.docker.distribution.manifest.v2+json" },
      });
      assert.equal(answer.status, 200);
      assert.equal(answer.headers["content-type"], mediaTypes.ociManifest);
      assert.equal(answer.headers["docker-content-digest"], digest);
      assert.equal(answer.headers["content-length"], String(body.length));
      assert.equal(answer.body.toString(), method === "GET" ? body : "");
      const again = await registry.request(method, `/v2/a/manifests/${reference}`, {
        headers: { "if-none-match": answer.headers.etag! },
      });
      assert.equal(again.status, 304);
    }
});

test("a manifest may be pushed by its digest, sha512 too, and no other", async (t) => {
  const registry = await startTestRegistry(t);
  const config = await registry.pushBlob("a", "{}");
  const body = imageManifest({ config });
  for (const algorithm of ["sha256", "sha512"] as const) {
    const digest = digestOf(Buffer.from(body), algorithm);
    const pushed = await put(registry, `a/manifests/${digest}`, body);
    assert.equal(pushed.status, 201);
    assert.equal(pushed.headers["docker-content-digest"], digest);
    assert.equal((await registry.request("GET", `/v2/a/manifests/${digest}`)).status, 200);
  }
  const other = await put(registry, `a/manifests/${digestOf(Buffer.from("x"))}`, body);
  assert.deepEqual([other.status, other.code], [400, "DIGEST_INVALID"]);
});

test("one push may set several tags", async (t) => {
  const registry = await startTestRegistry(t);
  const config = await registry.pushBlob("a", "{}");
  const body = imageManifest({ config });
  const digest = digestOf(Buffer.from(body));
  const pushed = await put(registry, `a/manifests/${digest}?tag=1&tag=1.2&tag=1`, body);
  assert.equal(pushed.status, 201);
  assert.equal(pushed.headers["oci-tag"], "1, 1.2");
  for (const tag of ["1", "1.2"])
    assert.equal((await registry.request("HEAD", `/v2/a/manifests/${tag}`)).status, 200);

  const bad = await put(registry, `a/manifests/${digest}?tag=ok&tag=not%20ok`, body);
  assert.equal(bad.status, 400);
  assert.equal((await registry.request("HEAD", "/v2/a/manifests/ok")).status, 404, "all or none");
  const many = Array.from({ length: 101 }, (_, n) => `tag=t${n}`).join("&");
  assert.equal((await put(registry, `a/manifests/${digest}?${many}`, body)).status, 414);
});

test("an image is taken only when its blobs are there", async (t) => {
  const registry = await startTestRegistry(t);
  const config = await registry.pushBlob("a", "{}");
  const missing = { ...config, digest: digestOf(Buffer.from("missing")), size: 7 };
  const answer = await put(
    registry,
    "a/manifests/v1",
    imageManifest({ config, layers: [missing] }),
  );
  assert.deepEqual([answer.status, answer.code], [404, "MANIFEST_BLOB_UNKNOWN"]);
  assert.deepEqual(answer.json.errors[0]?.detail, [{ digest: missing.digest }]);
});

test("with sparse images allowed, one without its layers is taken", async (t) => {
  const registry = await startTestRegistry(t, { sparseImages: true });
  const config = { mediaType: mediaTypes.ociConfig, digest: digestOf(Buffer.from("x")), size: 1 };
  assert.equal((await put(registry, "a/manifests/v1", imageManifest({ config }))).status, 201);
});

test("what may be elsewhere or come later need not be there", async (t) => {
  const registry = await startTestRegistry(t);
  const config = await registry.pushBlob("a", "{}");
  const absent = (mediaType: string) => ({
    mediaType,
    digest: digestOf(Buffer.from("?")),
    size: 1,
  });
  const foreign = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";
  const restricted = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip";
  const image = imageManifest({ config, layers: [absent(foreign), absent(restricted)] });
  assert.equal((await put(registry, "a/manifests/layers", image)).status, 201);

  const manifests = [absent(mediaTypes.ociManifest)];
  const index = JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests });
  assert.equal((await put(registry, "a/manifests/index", index, mediaTypes.ociIndex)).status, 201);

  const subject = absent(mediaTypes.ociManifest);
  const pushed = await put(registry, "a/manifests/s", imageManifest({ config, subject }));
  assert.equal(pushed.status, 201);
  assert.equal(pushed.headers["oci-subject"], subject.digest);
});

test("a document that is no manifest, or another one than it says, is refused", async (t) => {
  const registry = await startTestRegistry(t);
  const config = await registry.pushBlob("a", "{}");
  const cases: [string, string, string?][] = [
    ["no JSON", "{"],
    ["no object", "[]"],
    ["no manifest", "{}", "application/json"],
    ["another type", imageManifest({ config }), mediaTypes.dockerManifest],
    ["two kinds at once", imageManifest({ config, manifests: [] })],
    ["bytes that are no text", "\xff"],
  ];
  for (const [what, body, type] of cases) {
    const answer = await put(registry, "a/manifests/v1", Buffer.from(body, "latin1"), type);
    assert.deepEqual([answer.status, answer.code], [400, "MANIFEST_INVALID"], what);
  }
});

test("the manifest's own type does where the request names none", async (t) => {
  const registry = await startTestRegistry(t);
  const config = await registry.pushBlob("a", "{}");
  const pushed = await put(registry, "a/manifests/v1", imageManifest({ config }), "");
  assert.equal(pushed.status, 201);
});

test("4 MiB are a manifest, one byte more is not", async (t) => {
  const registry = await startTestRegistry(t);
  const config = await registry.pushBlob("a", "{}");
  const frame = imageManifest({ config, annotations: { a: "" } });
  const padded = (size: number) =>
    frame.replace('"a":""', `"a":"${"x".repeat(size - frame.length)}"`);
  assert.equal((await put(registry, "a/manifests/v1", padded(4 << 20))).status, 201);
  const tooLarge = await put(registry, "a/manifests/v2", padded((4 << 20) + 1));
  assert.deepEqual([tooLarge.status, tooLarge.code], [413, "MANIFEST_INVALID"]);
});

test("a tag that is deleted leaves its siblings, a digest takes them along", async (t) => {
  const registry = await startTestRegistry(t);
  const digest = await registry.pushImage("a", "one");
  await registry.pushImage("a", "two");
  const status = async (method: string, reference: string) =>
    (await registry.request(method, `/v2/a/manifests/${reference}`)).status;
  assert.equal(await status("DELETE", "one"), 202);
  assert.equal(await status("HEAD", "one"), 404);
  assert.equal(await status("HEAD", "two"), 200);
  assert.equal(await status("DELETE", digest), 202);
  assert.equal(await status("HEAD", "two"), 404);
  assert.equal(await status("DELETE", digest), 404);
  assert.equal(await status("DELETE", "one"), 404);
});

test("what is not there is unknown, what cannot be there too or invalid", async (t) => {
  const registry = await startTestRegistry(t);
  await registry.pushImage("a", "latest");
  const cases: [string, string, number, string][] = [
    ["GET", "a/manifests/none", 404, "MANIFEST_UNKNOWN"],
    ["GET", "none/manifests/latest", 404, "MANIFEST_UNKNOWN"],
    ["GET", "a/manifests/.dot", 404, "MANIFEST_UNKNOWN"],
    ["GET", "a/manifests/sha256:short", 400, "DIGEST_INVALID"],
    ["GET", `a/manifests/sha256:${"0".repeat(64)}`, 404, "MANIFEST_UNKNOWN"],
    ["PUT", "a/manifests/.dot", 400, "NAME_INVALID"],
    ["PUT", "a/manifests/sha256:short", 400, "DIGEST_INVALID"],
    ["DELETE", "a/manifests/.dot", 404, "MANIFEST_UNKNOWN"],
    ["GET", "A/manifests/latest", 400, "NAME_INVALID"],
  ];
  for (const [method, path, status, code] of cases) {
    const answer = await registry.request(method, `/v2/${path}`);
    assert.deepEqual([answer.status, answer.code], [status, code], `${method} ${path}`);
  }
});
