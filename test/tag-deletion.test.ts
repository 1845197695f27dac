import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { isError } from "../src/errors.ts";
import { mediaTypes } from "../src/reference/descriptor.ts";
import { digestOf } from "../src/reference/digest.ts";
import type { RemoteRepository } from "../src/registry/repository.ts";
import { connectForTest } from "../src/registry/testing/remote.ts";
import { bytesSource } from "../src/store/sources.ts";
import { type DockerRegistry, dockerRegistry, startDockerRegistry } from "./docker-registry.ts";
import { type FaultyProxy, startFaultyProxy } from "./faulty-proxy.ts";

describe(
  "deleting a tag where the registry deletes only manifests",
  { skip: dockerRegistry.skip },
  () => {
    let registry: DockerRegistry;
    let proxy: FaultyProxy;
    let count = 0;

    before(async () => {
      registry = await startDockerRegistry();
      proxy = await startFaultyProxy(registry.host);
    });
    after(async () => {
      await proxy.close();
      await registry.close();
    });

    async function twoTags(host = registry.host, type: string = mediaTypes.ociManifest) {
      const repository = connectForTest(host).repository(`trial/${(count += 1)}`);
      const digest = await pushImage(repository, ["doomed", "sibling"], type);
      return { repository, digest };
    }

    test("another tag on the same manifest stays", async () => {
      const { repository, digest } = await twoTags();
      await repository.deleteTag("doomed");
      await assert.rejects(repository.resolve("doomed"), missing);
      assert.equal((await repository.resolve("sibling")).digest, digest);
      await repository.deleteTag("sibling");
      assert.equal((await repository.resolve(digest)).digest, digest);
    });

    test("so it does for Docker's types", async () => {
      const { repository, digest } = await twoTags(registry.host, mediaTypes.dockerManifest);
      await repository.deleteTag("doomed");
      assert.equal((await repository.resolve("sibling")).digest, digest);
    });

    test("a tag that is not there is an error, and nothing is pushed", async () => {
      const { repository } = await twoTags(proxy.host);
      proxy.reset();
      await assert.rejects(repository.deleteTag("nobody"), missing);
      assert(proxy.passed.every(({ method }) => method === "HEAD" || method === "GET"));
    });

    test("interrupted anywhere, the next call finishes", async () => {
      for (let step = 1; ; step += 1) {
        const { repository, digest } = await twoTags(proxy.host);
        const controller = new AbortController();
        let requests = 0;
        proxy.fault = () => {
          requests += 1;
          if (requests > step) controller.abort();
          return requests > step ? { status: 503 } : undefined;
        };
        const outcome = await repository.deleteTag("doomed", { signal: controller.signal }).then(
          () => "done",
          () => "interrupted",
        );
        proxy.fault = () => undefined;
        if (outcome === "done") break;
        const next = connectForTest(registry.host).repository(repository.name);
        await next.deleteTag("doomed").catch((error: unknown) => assert(missing(error)));
        await assert.rejects(next.resolve("doomed"), missing);
        assert.equal((await next.resolve("sibling")).digest, digest, `after ${step} requests`);
        assert(step < 30);
      }
    });

    test("a registry that deletes nothing is found out before the tag is touched", async (context) => {
      const stubborn = await startDockerRegistry({ deletes: false });
      context.after(() => stubborn.close());
      const { repository, digest } = await twoTags(stubborn.host);
      await assert.rejects(repository.deleteTag("doomed"), (error) => {
        assert(isError(error, "UNSUPPORTED"));
        assert.match(error.hint, /storage\.delete\.enabled/);
        return true;
      });
      assert.equal((await repository.resolve("doomed")).digest, digest);
      assert.equal((await repository.resolve("sibling")).digest, digest);
    });
  },
);

function missing(error: unknown): boolean {
  return isError(error, "MANIFEST_NOT_FOUND");
}

async function pushImage(repository: RemoteRepository, tags: string[], mediaType: string) {
  const content = Buffer.from(
    JSON.stringify({ architecture: "amd64", os: "linux", number: Math.random() }),
  );
  const docker = mediaType === mediaTypes.dockerManifest;
  const config = {
    mediaType: docker ? mediaTypes.dockerConfig : mediaTypes.ociConfig,
    digest: digestOf(content),
    size: content.length,
  };
  await repository.pushBlob(config, bytesSource(content));
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, config, layers: [] }));
  const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
  for (const tag of tags) await repository.pushManifest({ descriptor, bytes }, { tag });
  return descriptor.digest;
}
