/** Distribution-spec 1.1, "Determining Support", "Error Codes", "Endpoints". */
import assert from "node:assert/strict";

import { has, missing, refused } from "./registry.ts";
import type { Chapter } from "./scenario.ts";

export const basics: Chapter = {
  title: "basics",
  scenarios: {
    "a registry says that it is one": async (registry) => {
      for (const method of ["GET", "HEAD"]) {
        const answer = await registry.request(method, "/v2/");
        has(answer, 200);
        assert.equal(answer.headers["docker-distribution-api-version"], "registry/2.0");
      }
    },
    "a refusal says its code, a message and what it is about": async (registry, name) => {
      await registry.pushBlob(name, "here");
      const answer = await registry.request("GET", `/v2/${name}/blobs/${missing}`);
      refused(answer, 404, "BLOB_UNKNOWN");
      assert.equal(typeof answer.json.errors[0]!.message, "string");
    },
    "nothing is under a name outside of the grammar": async (registry) => {
      for (const name of ["UPPER", "-dash", "a//b", "a/-b", "a_-b", "a..b"])
        has(await registry.request("GET", `/v2/${name}/tags/list`), 301, 400, 404);
    },
    "a name outside of the grammar is refused with its code": async (registry) => {
      for (const name of ["UPPER", "-dash", "a..b"]) {
        refused(await registry.request("GET", `/v2/${name}/tags/list`), 400, "NAME_INVALID");
        const post = await registry.request("POST", `/v2/${name}/blobs/uploads/`, { body: "" });
        refused(post, 400, "NAME_INVALID");
      }
    },
    "a name may have many parts": async (registry, name) => {
      const deep = `${name}/a.b/c_d/e__f/g-h/1/blobs/manifests/tags`;
      await registry.pushImage(deep, "v1");
      has(await registry.request("GET", `/v2/${deep}/manifests/v1`), 200);
    },
    "what means nothing is not allowed": async (registry, name) => {
      for (const [method, path] of [
        ["POST", `/v2/${name}/tags/list`],
        ["PATCH", `/v2/${name}/manifests/v1`],
        ["PUT", `/v2/${name}/blobs/${missing}`],
      ] as const)
        has(await registry.request(method, path, { body: "" }), 405);
    },
    "what means nothing is not allowed, with its code": async (registry, name) => {
      const answer = await registry.request("POST", `/v2/${name}/tags/list`, { body: "" });
      refused(answer, 405, "UNSUPPORTED");
      assert.match(answer.headers.allow ?? "", /\bGET\b/);
    },
    "nothing leaves the registry's own paths": async (registry, name) => {
      for (const path of [
        `/v2/${name}/../../etc/passwd`,
        `/v2/${name}/manifests/..%2f..%2fx`,
        `/v2/%2e%2e/tags/list`,
        `/v2/${name}/blobs/..%2f${missing}`,
      ]) {
        const { status } = await registry.request("GET", path);
        assert(status >= 300 && status < 500, `${path}: ${status}`);
      }
    },
  },
};
