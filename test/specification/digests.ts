/** Other digests than sha256: distribution-spec 1.1, "Digests"; `digest-algorithm` from its main branch. */
import assert from "node:assert/strict";

import { mediaTypes } from "../../src/reference/descriptor.ts";
import { digestOf } from "../../src/reference/digest.ts";
import { has, image, index, locationOf, refused, withQuery } from "./registry.ts";
import type { Chapter } from "./scenario.ts";

const content = Buffer.from("named by its sha512");
const digest = digestOf(content, "sha512");

export const digests: Chapter = {
  title: "sha512",
  scenarios: {
    "a blob that says its algorithm first": async (registry, name) => {
      const { digest: pushed } = await registry.pushBlob(name, content, "sha512");
      assert.equal(pushed, digest);
      for (const method of ["GET", "HEAD"]) {
        const answer = await registry.request(method, `/v2/${name}/blobs/${digest}`);
        has(answer, 200);
        assert.equal(answer.headers["docker-content-digest"], digest);
      }
    },
    "a blob that says its algorithm last": async (registry, name) => {
      const location = await registry.startUpload(name);
      const patched = await registry.request("PATCH", location, { body: content });
      const last = withQuery(locationOf(patched), { digest });
      has(await registry.request("PUT", last, { body: "" }), 201);
      has(await registry.request("GET", `/v2/${name}/blobs/${digest}`), 200);
    },
    "a blob in one request": async (registry, name) => {
      const path = `/v2/${name}/blobs/uploads/?digest=${digest}`;
      has(await registry.request("POST", path, { body: content }), 201);
      has(await registry.request("GET", `/v2/${name}/blobs/${digest}`), 200);
    },
    "a blob is mounted": async (registry, name) => {
      await registry.pushBlob(`${name}/source`, content, "sha512");
      const query = `mount=${digest}&from=${name}/source`;
      const path = `/v2/${name}/blobs/uploads/?${query}`;
      has(await registry.request("POST", path, { body: "" }), 201);
      has(await registry.request("HEAD", `/v2/${name}/blobs/${digest}`), 200);
    },
    "bytes of another digest are refused": async (registry, name) => {
      const location = await registry.startUpload(name, "?digest-algorithm=sha512");
      const last = withQuery(location, { digest });
      refused(await registry.request("PUT", last, { body: "other" }), 400, "DIGEST_INVALID");
    },
    "an algorithm that nobody knows is refused": async (registry, name) => {
      const path = `/v2/${name}/blobs/uploads/?digest-algorithm=md5`;
      refused(await registry.request("POST", path, { body: "" }), 400, "DIGEST_INVALID");
    },
    "a manifest is pushed and pulled by it": async (registry, name) => {
      const manifest = image(await registry.pushConfig(name));
      const bytes = Buffer.from(JSON.stringify(manifest));
      const long = digestOf(bytes, "sha512");
      has(await registry.putManifest(name, long, manifest), 201);
      const answer = await registry.request("GET", `/v2/${name}/manifests/${long}`);
      has(answer, 200);
      assert.deepEqual(answer.body, bytes);
      assert.equal(answer.headers["docker-content-digest"], long);
    },
    "an image and an index of it": async (registry, name) => {
      const config = await registry.pushBlob(name, "{}", "sha512");
      const layer = await registry.pushBlob(name, content, "sha512");
      const manifest = image({ ...config, mediaType: mediaTypes.ociConfig }, { layers: [layer] });
      const bytes = Buffer.from(JSON.stringify(manifest));
      const long = digestOf(bytes, "sha512");
      has(await registry.putManifest(name, long, manifest), 201);
      const { mediaType } = manifest;
      await registry.push(name, index([{ mediaType, digest: long, size: bytes.byteLength }]), "v1");
    },
    "a subject has its referrers": async (registry, name) => {
      const manifest = image(await registry.pushConfig(name));
      const bytes = Buffer.from(JSON.stringify(manifest));
      const long = digestOf(bytes, "sha512");
      has(await registry.putManifest(name, long, manifest), 201);
      const { mediaType } = manifest;
      const subject = { mediaType, digest: long, size: bytes.byteLength };
      const referrer = await registry.pushImage(name, undefined, { subject });
      const answer = await registry.request("GET", `/v2/${name}/referrers/${long}`);
      has(answer, 200);
      assert.deepEqual(
        answer.json.manifests.map((one) => one.digest),
        [referrer.digest],
      );
    },
    "a blob and a manifest are deleted by it": async (registry, name) => {
      await registry.pushBlob(name, content, "sha512");
      const manifest = image(await registry.pushConfig(name));
      const long = digestOf(Buffer.from(JSON.stringify(manifest)), "sha512");
      has(await registry.putManifest(name, long, manifest), 201);
      for (const path of [`/v2/${name}/blobs/${digest}`, `/v2/${name}/manifests/${long}`]) {
        has(await registry.request("DELETE", path), 202);
        has(await registry.request("GET", path), 404);
      }
    },
  },
};
