/** Kinds of content, each pushed and pulled: image-spec 1.1; distribution-spec 1.1, "Pushing Manifests". */
import assert from "node:assert/strict";

import { type Descriptor, mediaTypes } from "../../src/reference/descriptor.ts";
import { digestOf } from "../../src/reference/digest.ts";
import {
  configType,
  has,
  image,
  index,
  layerType,
  type ManifestDocument,
  missing,
  type Registry,
} from "./registry.ts";
import type { Chapter } from "./scenario.ts";

const empty = { mediaType: mediaTypes.ociEmpty, digest: digestOf(Buffer.from("{}")), size: 2 };
const absent: Descriptor = { mediaType: mediaTypes.ociManifest, digest: missing, size: 100 };

/** Pushes the manifest, and insists that it comes back as it was. */
async function comesBack(
  registry: Registry,
  name: string,
  manifest: ManifestDocument,
): Promise<Descriptor> {
  const descriptor = await registry.push(name, manifest);
  const tagged = await registry.push(name, manifest, "kind");
  assert.equal(tagged.digest, descriptor.digest);
  for (const reference of ["kind", descriptor.digest]) {
    const answer = await registry.request("GET", `/v2/${name}/manifests/${reference}`);
    has(answer, 200);
    assert.equal(answer.body.toString(), JSON.stringify(manifest));
    assert.equal(answer.headers["content-type"], descriptor.mediaType);
  }
  return descriptor;
}

export const kinds: Chapter = {
  title: "kinds of content",
  scenarios: {
    "an image with layers": async (registry, name) => {
      const layer = { ...(await registry.pushBlob(name, "a layer")), mediaType: layerType };
      const config = await registry.pushConfig(name);
      await comesBack(registry, name, image(config, { layers: [layer, layer] }));
    },
    "an image without layers": async (registry, name) => {
      await comesBack(registry, name, image(await registry.pushConfig(name)));
    },
    "an image of Docker": async (registry, name) => {
      const layer = await registry.pushBlob(name, "a layer of Docker");
      const config = await registry.pushConfig(name);
      await comesBack(registry, name, {
        schemaVersion: 2,
        mediaType: mediaTypes.dockerManifest,
        config: { ...config, mediaType: mediaTypes.dockerConfig },
        layers: [{ ...layer, mediaType: mediaTypes.dockerLayerGzip }],
      });
    },
    "an index of images": async (registry, name) => {
      const amd64 = await registry.pushImage(name, undefined, { annotations: { for: "amd64" } });
      const arm64 = await registry.pushImage(name, undefined, { annotations: { for: "arm64" } });
      const platform = (architecture: string) => ({ platform: { os: "linux", architecture } });
      await comesBack(
        registry,
        name,
        index([
          { ...amd64, ...platform("amd64") },
          { ...arm64, ...platform("arm64") },
        ]),
      );
    },
    "a list of Docker": async (registry, name) => {
      const one = await registry.pushImage(name);
      const mediaType = mediaTypes.dockerManifestList;
      const manifests = [{ ...one, platform: { os: "linux", architecture: "amd64" } }];
      await comesBack(registry, name, { schemaVersion: 2, mediaType, manifests });
    },
    "an index of indexes": async (registry, name) => {
      const inner = await registry.push(name, index([await registry.pushImage(name)]));
      const middle = await registry.push(name, index([inner]));
      await comesBack(registry, name, index([inner, middle]));
    },
    "an index of nothing": async (registry, name) => {
      await comesBack(registry, name, index([]));
    },
    "an index some of whose images are not there": async (registry, name) => {
      const here = await registry.pushImage(name);
      await comesBack(registry, name, index([here, absent]));
    },
    "an index of a kind of its own": async (registry, name) => {
      const manifest = await registry.pushImage(name);
      const artifactType = "application/vnd.example.bundle";
      await comesBack(registry, name, index([manifest], { artifactType }));
    },
    "an artifact": async (registry, name) => {
      await registry.pushBlob(name, "{}");
      const file = { ...(await registry.pushBlob(name, "a file")), mediaType: "text/plain" };
      const artifactType = "application/vnd.example.thing";
      await comesBack(registry, name, image(empty, { artifactType, layers: [file] }));
    },
    "an artifact that is told by its configuration": async (registry, name) => {
      const config = { ...(await registry.pushConfig(name)), mediaType: "application/vnd.example" };
      await comesBack(registry, name, image(config));
    },
    "an artifact without content": async (registry, name) => {
      await registry.pushBlob(name, "{}");
      const artifactType = "application/vnd.example.sign";
      await comesBack(registry, name, image(empty, { artifactType, layers: [empty] }));
    },
    "an artifact about an image that is not there": async (registry, name) => {
      await comesBack(registry, name, image(await registry.pushConfig(name), { subject: absent }));
    },
    "an index about an image": async (registry, name) => {
      const subject = await registry.pushImage(name);
      await comesBack(registry, name, index([], { subject }));
    },
    "layers that must not be distributed need not be there": async (registry, name) => {
      const config = await registry.pushConfig(name);
      const mediaType = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip";
      const urls = ["https://licensed.example.com/layer"];
      const layers = [{ mediaType, digest: missing, size: 10, urls }];
      await comesBack(registry, name, image(config, { layers }));
    },
    "foreign layers of Docker need not be there": async (registry, name) => {
      const config = await registry.pushConfig(name);
      const mediaType = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";
      const urls = ["https://licensed.example.com/layer"];
      await comesBack(registry, name, {
        schemaVersion: 2,
        mediaType: mediaTypes.dockerManifest,
        config: { ...config, mediaType: mediaTypes.dockerConfig },
        layers: [{ mediaType, digest: missing, size: 10, urls }],
      });
    },
    "content in a descriptor's data": async (registry, name) => {
      await registry.pushBlob(name, "{}");
      const config = { ...empty, data: Buffer.from("{}").toString("base64") };
      const artifactType = "application/vnd.example.small";
      await comesBack(registry, name, image(config, { artifactType, layers: [config] }));
    },
    "fields that nobody knows": async (registry, name) => {
      const config = { ...(await registry.pushConfig(name)), "org.example.extra": [1, { two: 3 }] };
      await comesBack(registry, name, image(config, { "org.example.more": { deep: [null] } }));
    },
    "a configuration without a byte": async (registry, name) => {
      const config = { ...(await registry.pushBlob(name, "")), mediaType: configType };
      const artifactType = "application/vnd.example.empty";
      await comesBack(registry, name, image(config, { artifactType }));
    },
    "a manifest without a media type of its own": async (registry, name) => {
      const config = await registry.pushConfig(name);
      await comesBack(registry, name, { schemaVersion: 2, config, layers: [] });
    },
  },
};
