/** Distribution-spec 1.1, "Pulling manifests", "Pushing Manifests"; several tags at once from its main branch. */
import assert from "node:assert/strict";

import { mediaTypes } from "../../src/reference/descriptor.ts";
import { digestOf } from "../../src/reference/digest.ts";
import { has, image, layerType, locationOf, missing, refused } from "./registry.ts";
import type { Chapter } from "./scenario.ts";

const limit = 4 << 20;

export const manifests: Chapter = {
  title: "manifests",
  scenarios: {
    "what was pushed by tag is pulled by tag and by digest, byte by byte": async (
      registry,
      name,
    ) => {
      const config = await registry.pushConfig(name);
      // Not as any program would write it.
      const body = `${JSON.stringify(image(config), undefined, 3)}\n \n`;
      const digest = digestOf(Buffer.from(body));
      const headers = { "content-type": mediaTypes.ociManifest };
      const path = `/v2/${name}/manifests`;
      const pushed = await registry.request("PUT", `${path}/v1`, { headers, body });
      has(pushed, 201);
      assert.equal(pushed.headers["docker-content-digest"], digest);
      has(await registry.request("GET", locationOf(pushed)), 200);
      for (const reference of ["v1", digest]) {
        const answer = await registry.request("GET", `${path}/${reference}`);
        has(answer, 200);
        assert.equal(answer.body.toString(), body);
        assert.equal(answer.headers["content-type"], mediaTypes.ociManifest);
        assert.equal(answer.headers["docker-content-digest"], digest);
      }
    },
    "HEAD gives the fields without the bytes": async (registry, name) => {
      const { digest, size } = await registry.pushImage(name, "v1");
      for (const reference of ["v1", digest]) {
        const answer = await registry.request("HEAD", `/v2/${name}/manifests/${reference}`);
        has(answer, 200);
        assert.equal(answer.body.byteLength, 0);
        assert.equal(answer.headers["content-length"], String(size));
        assert.equal(answer.headers["content-type"], mediaTypes.ociManifest);
        assert.equal(answer.headers["docker-content-digest"], digest);
      }
    },
    "what is stored is sent, whatever is accepted": async (registry, name) => {
      const { digest } = await registry.pushImage(name, "v1");
      for (const accept of ["*/*", "application/json", mediaTypes.dockerManifest]) {
        const headers = { accept };
        const answer = await registry.request("GET", `/v2/${name}/manifests/v1`, { headers });
        has(answer, 200);
        assert.equal(digestOf(answer.body), digest);
      }
    },
    "who has the manifest is told so": async (registry, name) => {
      await registry.pushImage(name, "v1");
      const path = `/v2/${name}/manifests/v1`;
      const { etag } = (await registry.request("GET", path)).headers;
      assert(etag, "no ETag");
      for (const method of ["GET", "HEAD"]) {
        const headers = { "if-none-match": etag };
        has(await registry.request(method, path, { headers }), 304);
      }
      await registry.pushImage(name, "v1", { annotations: { moved: "yes" } });
      has(await registry.request("GET", path, { headers: { "if-none-match": etag } }), 200);
    },
    "what is not there is unknown": async (registry, name) => {
      await registry.pushImage(name, "v1");
      for (const reference of ["v2", missing]) {
        const path = `/v2/${name}/manifests/${reference}`;
        refused(await registry.request("GET", path), 404, "MANIFEST_UNKNOWN");
        const head = await registry.request("HEAD", path);
        has(head, 404);
        assert.equal(head.body.byteLength, 0);
      }
    },
    "nothing is in a repository that is not there": async (registry, name) => {
      has(await registry.request("GET", `/v2/${name}/manifests/latest`), 404);
    },
    "a tag moves, and what it was stays under its digest": async (registry, name) => {
      const first = await registry.pushImage(name, "v1");
      const second = await registry.pushImage(name, "v1", { annotations: { second: "yes" } });
      const { headers } = await registry.request("HEAD", `/v2/${name}/manifests/v1`);
      assert.equal(headers["docker-content-digest"], second.digest);
      has(await registry.request("GET", `/v2/${name}/manifests/${first.digest}`), 200);
    },
    "a digest that is not that of the bytes is refused": async (registry, name) => {
      const config = await registry.pushConfig(name);
      const answer = await registry.putManifest(name, missing, image(config));
      refused(answer, 400, "DIGEST_INVALID");
      has(await registry.request("GET", `/v2/${name}/manifests/${missing}`), 404);
    },
    "a digest that is none is refused": async (registry, name) => {
      const config = await registry.pushConfig(name);
      for (const wrong of ["sha256:abc", `sha256:${"A".repeat(64)}`, "md5:0"]) {
        has(await registry.putManifest(name, wrong, image(config)), 400, 404);
        has(await registry.request("GET", `/v2/${name}/manifests/${wrong}`), 400, 404);
      }
    },
    "a tag outside of the grammar is refused": async (registry, name) => {
      const config = await registry.pushConfig(name);
      for (const wrong of ["-dash", ".dot", "a%20b", "x".repeat(129)])
        has(await registry.putManifest(name, wrong, image(config)), 400, 404);
    },
    "a tag may have 128 characters of all kinds": async (registry, name) => {
      const tag = "aZ_9.-".padEnd(128, "x");
      await registry.pushImage(name, tag);
      has(await registry.request("GET", `/v2/${name}/manifests/${tag}`), 200);
    },
    "what is no JSON is refused": async (registry, name) => {
      await registry.pushConfig(name);
      const path = `/v2/${name}/manifests/v1`;
      const headers = { "content-type": mediaTypes.ociManifest };
      for (const body of ["", "{", "[]", '"text"', "null", "\u0000"])
        refused(
          await registry.request("PUT", path, { headers, body }),
          [400, 415],
          "MANIFEST_INVALID",
        );
    },
    "a type that is not the document's own is refused": async (registry, name) => {
      const body = JSON.stringify(image(await registry.pushConfig(name)));
      const headers = { "content-type": mediaTypes.ociIndex };
      const answer = await registry.request("PUT", `/v2/${name}/manifests/v1`, { headers, body });
      refused(answer, 400, "MANIFEST_INVALID");
    },
    "an image whose blobs are not there is refused": async (registry, name) => {
      const config = await registry.pushConfig(name);
      const absent = { mediaType: layerType, digest: missing, size: 10 };
      for (const fields of [{ layers: [absent] }, { config: absent }]) {
        const answer = await registry.putManifest(name, "v1", image(config, fields));
        refused(answer, [400, 404], "MANIFEST_BLOB_UNKNOWN");
      }
      has(await registry.request("GET", `/v2/${name}/manifests/v1`), 404);
    },
    "a blob of another repository is not there for an image": async (registry, name) => {
      const elsewhere = await registry.pushBlob(`${name}/other`, `of another: ${name}`);
      const config = await registry.pushConfig(name);
      const layers = [{ ...elsewhere, mediaType: layerType }];
      const answer = await registry.putManifest(name, "v1", image(config, { layers }));
      refused(answer, [400, 404], "MANIFEST_BLOB_UNKNOWN");
    },
    "4 MiB are a manifest": async (registry, name) => {
      const config = await registry.pushConfig(name);
      const bare = JSON.stringify(image(config, { annotations: { filler: "" } }));
      const filler = "x".repeat(limit - Buffer.byteLength(bare));
      const { digest } = await registry.push(
        name,
        image(config, { annotations: { filler } }),
        "v1",
      );
      const answer = await registry.request("GET", `/v2/${name}/manifests/v1`);
      assert.equal(answer.body.byteLength, limit);
      assert.equal(digestOf(answer.body), digest);
    },
    "more than 4 MiB are refused for their size": async (registry, name) => {
      const config = await registry.pushConfig(name);
      const body = JSON.stringify(image(config, { annotations: { filler: "x".repeat(limit) } }));
      const type = { "content-type": mediaTypes.ociManifest };
      for (const headers of [type, { ...type, "transfer-encoding": "chunked" }]) {
        const path = `/v2/${name}/manifests/v1`;
        has(await registry.request("PUT", path, { headers, body }), 413);
        has(await registry.request("GET", path), 404);
      }
    },
    "one push sets several tags": async (registry, name) => {
      const manifest = image(await registry.pushConfig(name));
      const digest = digestOf(Buffer.from(JSON.stringify(manifest)));
      const reference = `${digest}?tag=one&tag=two&tag=three`;
      const answer = await registry.putManifest(name, reference, manifest);
      has(answer, 201);
      const said = String(answer.headers["oci-tag"]).split(/,\s*/);
      assert.deepEqual(said.toSorted(), ["one", "three", "two"]);
      for (const tag of ["one", "two", "three"]) {
        const { headers } = await registry.request("HEAD", `/v2/${name}/manifests/${tag}`);
        assert.equal(headers["docker-content-digest"], digest, tag);
      }
    },
    "of several tags one outside of the grammar lets none be set": async (registry, name) => {
      const manifest = image(await registry.pushConfig(name));
      const digest = digestOf(Buffer.from(JSON.stringify(manifest)));
      has(await registry.putManifest(name, `${digest}?tag=one&tag=-two`, manifest), 400);
      has(await registry.request("GET", `/v2/${name}/manifests/one`), 404);
    },
  },
};
