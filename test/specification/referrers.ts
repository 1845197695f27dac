/** Distribution-spec 1.1, "Listing Referrers", "Pushing Manifests with Subject". */
import assert from "node:assert/strict";

import { type Descriptor, mediaTypes } from "../../src/reference/descriptor.ts";
import { has, image, index, missing, type Registry } from "./registry.ts";
import type { Chapter } from "./scenario.ts";

const signature = "application/vnd.example.signature";
const sbom = "application/vnd.example.sbom";

/** All referrers, page by page. */
async function referrers(
  registry: Registry,
  name: string,
  digest: string,
  query = "",
): Promise<{ found: Descriptor[]; pages: number; applied: string | undefined }> {
  const found: Descriptor[] = [];
  let path: string | undefined = `/v2/${name}/referrers/${digest}${query}`;
  let applied: string | undefined;
  for (let pages = 0; ; pages += 1) {
    if (path === undefined) return { found, pages, applied };
    const answer = await registry.request("GET", path);
    has(answer, 200);
    assert.equal(answer.headers["content-type"], mediaTypes.ociIndex);
    assert.equal(answer.json.schemaVersion, 2);
    assert.equal(answer.json.mediaType, mediaTypes.ociIndex);
    found.push(...answer.json.manifests);
    applied = answer.headers["oci-filters-applied"] as string | undefined;
    path = /^<([^>]+)>;\s*rel="?next"?$/.exec(String(answer.headers.link ?? ""))?.[1];
  }
}

/** Pushes an artifact about `subject`. */
async function attach(
  registry: Registry,
  name: string,
  subject: Descriptor,
  artifactType: string,
  fields: object = {},
): Promise<Descriptor> {
  const config = { ...(await registry.pushBlob(name, "{}")), mediaType: mediaTypes.ociEmpty };
  return registry.push(name, image(config, { artifactType, subject, ...fields }));
}

export const referrerLists: Chapter = {
  title: "referrers",
  scenarios: {
    "a push with a subject says so": async (registry, name) => {
      const subject = await registry.pushImage(name);
      const config = await registry.pushConfig(name);
      for (const manifest of [image(config, { subject }), index([], { subject })]) {
        const answer = await registry.putManifest(name, "about", manifest);
        has(answer, 201);
        assert.equal(answer.headers["oci-subject"], subject.digest);
      }
      const without = await registry.putManifest(name, "plain", image(config));
      assert.equal(without.headers["oci-subject"], undefined);
    },
    "what refers is listed with its type and annotations": async (registry, name) => {
      const subject = await registry.pushImage(name);
      const annotations = { "org.example.by": "somebody" };
      const referrer = await attach(registry, name, subject, signature, { annotations });
      const { found } = await referrers(registry, name, subject.digest);
      assert.deepEqual(found, [{ ...referrer, artifactType: signature, annotations }]);
    },
    "without a type of its own it has its configuration's": async (registry, name) => {
      const subject = await registry.pushImage(name);
      const config = { ...(await registry.pushConfig(name)), mediaType: sbom };
      await registry.push(name, image(config, { subject }));
      const { found } = await referrers(registry, name, subject.digest);
      assert.deepEqual(
        found.map(({ artifactType }) => artifactType),
        [sbom],
      );
    },
    "an index refers too": async (registry, name) => {
      const subject = await registry.pushImage(name);
      const artifactType = "application/vnd.example.bundle";
      const referrer = await registry.push(name, index([], { subject, artifactType }));
      const { found } = await referrers(registry, name, subject.digest);
      assert.deepEqual(found, [{ ...referrer, artifactType }]);
    },
    "one type is asked for": async (registry, name) => {
      const subject = await registry.pushImage(name);
      const signed = await attach(registry, name, subject, signature);
      await attach(registry, name, subject, sbom);
      const query = `?artifactType=${encodeURIComponent(signature)}`;
      const { found, applied } = await referrers(registry, name, subject.digest, query);
      assert.deepEqual(
        found.filter(({ artifactType }) => artifactType === signature).map(({ digest }) => digest),
        [signed.digest],
      );
      if (applied === undefined) assert.equal(found.length, 2);
      else {
        assert.equal(applied, "artifactType");
        assert.equal(found.length, 1);
      }
    },
    "nothing refers: an empty index": async (registry, name) => {
      await registry.pushImage(name);
      const { found } = await referrers(registry, name, missing);
      assert.deepEqual(found, []);
    },
    "the repository is not there: an empty index": async (registry, name) => {
      const { found } = await referrers(registry, name, missing);
      assert.deepEqual(found, []);
    },
    "the subject may come later, or not at all": async (registry, name) => {
      const mediaType = mediaTypes.ociManifest;
      const referrer = await attach(
        registry,
        name,
        { mediaType, digest: missing, size: 9 },
        signature,
      );
      const { found } = await referrers(registry, name, missing);
      assert.deepEqual(
        found.map(({ digest }) => digest),
        [referrer.digest],
      );
    },
    "what was deleted refers no more": async (registry, name) => {
      const subject = await registry.pushImage(name);
      const referrer = await attach(registry, name, subject, signature);
      has(await registry.request("DELETE", `/v2/${name}/manifests/${referrer.digest}`), 202);
      const { found } = await referrers(registry, name, subject.digest);
      assert.deepEqual(found, []);
    },
    "what refers outlives its subject": async (registry, name) => {
      const subject = await registry.pushImage(name);
      const referrer = await attach(registry, name, subject, signature);
      has(await registry.request("DELETE", `/v2/${name}/manifests/${subject.digest}`), 202);
      const { found } = await referrers(registry, name, subject.digest);
      assert.deepEqual(
        found.map(({ digest }) => digest),
        [referrer.digest],
      );
    },
    "a repository has its own": async (registry, name) => {
      const subject = await registry.pushImage(name);
      await attach(registry, name, subject, signature);
      const { found } = await referrers(registry, `${name}/other`, subject.digest);
      assert.deepEqual(found, []);
    },
    "many come page by page, each once, no page above 4 MiB": async (registry, name) => {
      const subject = await registry.pushImage(name);
      const pushed: string[] = [];
      for (let number = 0; number < 6; number += 1) {
        const annotations = { number: String(number), filler: "x".repeat(1 << 20) };
        pushed.push((await attach(registry, name, subject, sbom, { annotations })).digest);
      }
      for (const query of ["", `?artifactType=${encodeURIComponent(sbom)}`]) {
        const { found, pages } = await referrers(registry, name, subject.digest, query);
        assert.deepEqual(found.map(({ digest }) => digest).toSorted(), pushed.toSorted());
        assert(pages > 1, "more than 6 MiB in one page");
      }
    },
    "a digest that is none is refused": async (registry, name) => {
      await registry.pushImage(name, "v1");
      has(await registry.request("GET", `/v2/${name}/referrers/sha256:none`), 400, 404);
      has(await registry.request("GET", `/v2/${name}/referrers/v1`), 400, 404);
    },
    "they survive a restart of the server": async (registry, name) => {
      const subject = await registry.pushImage(name);
      await attach(registry, name, subject, signature);
      await registry.restart();
      const { found } = await referrers(registry, name, subject.digest);
      assert.equal(found.length, 1);
    },
  },
};
