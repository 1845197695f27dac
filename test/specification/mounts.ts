/** Distribution-spec 1.1, "Mounting a blob from another repository". */
import assert from "node:assert/strict";

import { digestOf } from "../../src/reference/digest.ts";
import { has, locationOf, missing, type Registry, withQuery } from "./registry.ts";
import type { Chapter } from "./scenario.ts";

function mount(registry: Registry, name: string, digest: string, from?: string) {
  const query = new URLSearchParams({ mount: digest, ...(from !== undefined && { from }) });
  return registry.request("POST", `/v2/${name}/blobs/uploads/?${query.toString()}`, { body: "" });
}

export const mounts: Chapter = {
  title: "mounts",
  scenarios: {
    "a blob is taken over from another repository": async (registry, name) => {
      const { digest } = await registry.pushBlob(`${name}/source`, "to be mounted");
      const answer = await mount(registry, name, digest, `${name}/source`);
      has(answer, 201);
      assert.equal(locationOf(answer), `/v2/${name}/blobs/${digest}`);
      assert.equal(answer.headers["docker-content-digest"], digest);
      const blob = await registry.request("GET", `/v2/${name}/blobs/${digest}`);
      assert.equal(blob.body.toString(), "to be mounted");
    },
    "what was mounted stays when its source is deleted": async (registry, name) => {
      const { digest } = await registry.pushBlob(`${name}/source`, "to outlive its source");
      has(await mount(registry, name, digest, `${name}/source`), 201);
      has(await registry.request("DELETE", `/v2/${name}/source/blobs/${digest}`), 202);
      has(await registry.request("GET", `/v2/${name}/blobs/${digest}`), 200);
    },
    "a blob is found where no source is named": async (registry, name) => {
      const { digest } = await registry.pushBlob(`${name}/source`, `somewhere: ${name}`);
      has(await mount(registry, name, digest), 201);
      has(await registry.request("HEAD", `/v2/${name}/blobs/${digest}`), 200);
    },
    "without a source, a mount or an upload comes of it": async (registry, name) => {
      const { digest } = await registry.pushBlob(`${name}/source`, "either way");
      const answer = await mount(registry, name, digest);
      has(answer, 201, 202);
      const last = withQuery(locationOf(answer), { digest });
      if (answer.status === 202)
        has(await registry.request("PUT", last, { body: "either way" }), 201);
      has(await registry.request("HEAD", `/v2/${name}/blobs/${digest}`), 200);
    },
    "what the source has not is to be uploaded": async (registry, name) => {
      await registry.pushBlob(`${name}/source`, "another");
      const content = "not in the source";
      const digest = digestOf(Buffer.from(content));
      const answer = await mount(registry, name, digest, `${name}/source`);
      has(answer, 202);
      const last = withQuery(locationOf(answer), { digest });
      has(await registry.request("PUT", last, { body: content }), 201);
      has(await registry.request("HEAD", `/v2/${name}/blobs/${digest}`), 200);
    },
    "what is nowhere is to be uploaded": async (registry, name) => {
      has(await mount(registry, name, missing), 202);
    },
    "a source that does not exist gives an upload": async (registry, name) => {
      has(await mount(registry, name, missing, `${name}/nowhere`), 202);
    },
    "a blob that is here already may be mounted": async (registry, name) => {
      const { digest } = await registry.pushBlob(name, "here");
      has(await mount(registry, name, digest, name), 201);
    },
    "a digest that is none is not mounted": async (registry, name) => {
      has(await mount(registry, name, "sha256:none", `${name}/x`), 202, 400);
    },
  },
};
