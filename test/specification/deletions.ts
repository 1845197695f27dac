/** Distribution-spec 1.1, "Content Management". */
import { has, image, missing, refused } from "./registry.ts";
import type { Chapter } from "./scenario.ts";

export const deletions: Chapter = {
  title: "deletions",
  scenarios: {
    "a digest takes the manifest and all its tags": async (registry, name) => {
      const manifest = image(await registry.pushConfig(name));
      const { digest } = await registry.push(name, manifest, "one");
      await registry.push(name, manifest, "two");
      has(await registry.request("DELETE", `/v2/${name}/manifests/${digest}`), 202);
      for (const reference of ["one", "two", digest])
        has(await registry.request("GET", `/v2/${name}/manifests/${reference}`), 404);
    },
    "a tag goes alone": async (registry, name) => {
      const manifest = image(await registry.pushConfig(name));
      const { digest } = await registry.push(name, manifest, "one");
      await registry.push(name, manifest, "two");
      has(await registry.request("DELETE", `/v2/${name}/manifests/one`), 202);
      has(await registry.request("GET", `/v2/${name}/manifests/one`), 404);
      for (const reference of ["two", digest])
        has(await registry.request("GET", `/v2/${name}/manifests/${reference}`), 200);
    },
    "the last tag leaves its manifest": async (registry, name) => {
      const { digest } = await registry.pushImage(name, "only");
      has(await registry.request("DELETE", `/v2/${name}/manifests/only`), 202);
      has(await registry.request("GET", `/v2/${name}/manifests/${digest}`), 200);
    },
    "what was deleted may be pushed again": async (registry, name) => {
      const { digest } = await registry.pushImage(name, "v1");
      has(await registry.request("DELETE", `/v2/${name}/manifests/${digest}`), 202);
      await registry.pushImage(name, "v1");
      has(await registry.request("GET", `/v2/${name}/manifests/v1`), 200);
    },
    "a manifest cannot be deleted twice": async (registry, name) => {
      const { digest } = await registry.pushImage(name, "v1");
      const path = `/v2/${name}/manifests/${digest}`;
      has(await registry.request("DELETE", path), 202);
      refused(await registry.request("DELETE", path), 404, "MANIFEST_UNKNOWN");
    },
    "a manifest that never was cannot be deleted": async (registry, name) => {
      await registry.pushImage(name, "v1");
      const answer = await registry.request("DELETE", `/v2/${name}/manifests/${missing}`);
      refused(answer, 404, "MANIFEST_UNKNOWN");
    },
    "a tag that never was cannot be deleted": async (registry, name) => {
      await registry.pushImage(name, "v1");
      const answer = await registry.request("DELETE", `/v2/${name}/manifests/v2`);
      refused(answer, 404, "MANIFEST_UNKNOWN");
    },
    "a blob is gone from its repository": async (registry, name) => {
      const { digest } = await registry.pushBlob(name, "to be deleted");
      const path = `/v2/${name}/blobs/${digest}`;
      has(await registry.request("DELETE", path), 202);
      for (const method of ["GET", "HEAD"]) has(await registry.request(method, path), 404);
      refused(await registry.request("DELETE", path), 404, "BLOB_UNKNOWN");
    },
    "a blob stays in other repositories": async (registry, name) => {
      const { digest } = await registry.pushBlob(name, "in two repositories");
      await registry.pushBlob(`${name}/other`, "in two repositories");
      has(await registry.request("DELETE", `/v2/${name}/blobs/${digest}`), 202);
      has(await registry.request("GET", `/v2/${name}/other/blobs/${digest}`), 200);
    },
    "a blob that was deleted may be pushed again": async (registry, name) => {
      const { digest } = await registry.pushBlob(name, "to come back");
      has(await registry.request("DELETE", `/v2/${name}/blobs/${digest}`), 202);
      await registry.pushBlob(name, "to come back");
      has(await registry.request("GET", `/v2/${name}/blobs/${digest}`), 200);
    },
    "an image without its blob keeps its manifest": async (registry, name) => {
      const config = await registry.pushConfig(name);
      const { digest } = await registry.push(name, image(config), "v1");
      has(await registry.request("DELETE", `/v2/${name}/blobs/${config.digest}`), 202, 405);
      has(await registry.request("GET", `/v2/${name}/manifests/${digest}`), 200);
    },
    "a digest that is none is refused": async (registry, name) => {
      await registry.pushBlob(name, "here");
      for (const path of ["manifests", "blobs"])
        has(await registry.request("DELETE", `/v2/${name}/${path}/sha256:none`), 400, 404);
    },
    "what was deleted stays so after a restart": async (registry, name) => {
      const { digest } = await registry.pushImage(name, "v1");
      has(await registry.request("DELETE", `/v2/${name}/manifests/${digest}`), 202);
      await registry.restart();
      for (const reference of ["v1", digest])
        has(await registry.request("GET", `/v2/${name}/manifests/${reference}`), 404);
    },
  },
};
