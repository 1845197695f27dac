/** The whole catalogue, and the verbs of registries in it: run against our own server, as every surface runs them. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import * as catalogue from "../src/catalogue.ts";
import { seed } from "../src/distribution/seed.ts";
import { isError } from "../src/errors.ts";
import { checkInput } from "../src/hub/client/input.ts";
import { openRegistries, type RegistryTools } from "../src/image/operations/tools.ts";
import { effectOf, entries, type Operation } from "../src/operation.ts";
import { startServer, type RunningServer } from "../src/server/server.ts";
import { createMemoryCollection } from "../src/store/memory.ts";
import { pushReferrer } from "../src/transfer/testing/images.ts";

test("Docker Hub, Docker Scout and registries are one catalogue, and no id is there twice", () => {
  const ids = [...entries(catalogue)].map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  for (const id of ["tags.list", "registry.inspect", "registry.copy"]) assert(ids.includes(id), id);
  assert(ids.some((id) => id.startsWith("scout.")));
});

test("every operation is a request or has a run, and a summary; the fields of registries are described", () => {
  for (const { id, operation } of entries(catalogue)) {
    assert.equal((operation.http === undefined) !== (operation.run === undefined), true, id);
    assert.match(operation.summary, /^[A-Z].*\.$/s, id);
    if (!id.startsWith("registry.")) continue;
    for (const [field, schema] of Object.entries(operation.input.shape))
      assert((schema as { description?: string }).description, `${id}: ${field}`);
  }
});

describe("the verbs of registries", () => {
  const collection = createMemoryCollection();
  const registries = openRegistries({
    credentials: { find: async () => ({ kind: "anonymous" }) },
  });
  let server: RunningServer;
  let image: string;
  let repository: string;

  before(async () => {
    await seed(collection);
    server = await startServer({ collection, port: 0 });
    repository = `${new URL(server.url).host}/hello/wharf`;
    image = `${repository}:latest`;
  });
  after(async () => {
    await registries.close();
    await server.close();
  });

  /** As a surface does it: what is given and what comes back have to fit. */
  async function run<Input, Output>(
    operation: Operation<Input, Output, unknown> | Operation<Input, Output>,
    given: Input,
    signal?: AbortSignal,
  ): Promise<Output> {
    const tools: RegistryTools = { registry: registries.registry, ...(signal && { signal }) };
    const input = checkInput("registry.verb", operation, given);
    const output = await operation.run?.(input as Input, tools as never);
    return operation.output.parse(output) as Output;
  }
  const { registry } = catalogue;

  test("inspect shows platforms, sizes and the image for the platform chosen", async () => {
    const found = await run(registry.inspect, { reference: image, platform: "linux/arm64" });
    assert.equal(found.reference, image);
    assert.equal(found.kind, "index");
    assert.deepEqual(
      found.platforms.map(({ platform: { architecture } }) => architecture),
      ["amd64", "arm64"],
    );
    assert((found.size ?? 0) > 0);
    assert.equal(found.image?.run?.platform.architecture, "arm64");
  });

  test("digest, manifest, platforms and config tell of the same image", async () => {
    const whole = await run(registry.digest, { reference: repository });
    assert.equal(whole.reference, image);
    const index = await run(registry.manifest, { reference: image });
    assert.equal(index.digest, whole.digest);
    const { platforms } = await run(registry.platforms, { reference: image });
    assert.deepEqual(
      platforms.map(({ platform }) => platform),
      ["linux/amd64", "linux/arm64"],
    );
    const one = await run(registry.digest, { reference: image, platform: "linux/arm64" });
    assert.equal(one.digest, platforms[1]?.digest);
    const config = await run(registry.config, { reference: image, platform: "linux/arm64" });
    assert.equal(config.digest, one.digest);
    assert.equal(config.config.platform.architecture, "arm64");
    const child = await run(registry.manifest, { reference: image, platform: "linux/arm64" });
    assert.equal(child.digest, one.digest);
    assert(Array.isArray((child.manifest as { layers: unknown }).layers));
  });

  test("tag, tags page by page, and delete, which spares siblings", async () => {
    const names = ["v1", "v2", "v3"];
    const { digest } = await run(registry.tag, { reference: image, tags: names });
    const first = await run(registry.tags, { repository, limit: 2 });
    assert.equal(first.repository, repository);
    assert.deepEqual(first.tags, ["latest", "v1"]);
    assert.equal(first.last, "v1");
    const second = await run(registry.tags, { repository, limit: 2, last: "v1" });
    assert.deepEqual(second, { repository, tags: ["v2", "v3"] });
    const deleted = await run(registry.delete, { reference: `${repository}:v2` });
    assert.deepEqual(deleted, { deleted: `${repository}:v2` });
    const left = await run(registry.tags, { repository });
    assert.deepEqual(left.tags, ["latest", "v1", "v3"]);
    assert.equal((await run(registry.digest, { reference: `${repository}:v3` })).digest, digest);
  });

  test("copy takes along what is attached, and referrers lists it", async () => {
    const { digest } = await run(registry.digest, { reference: image });
    const type = "application/vnd.example.sbom";
    const store = collection.repository("hello/wharf");
    await pushReferrer(store, await store.resolve(digest), type);
    const host = new URL(server.url).host;
    const copied = await run(registry.copy, { source: image, target: `${host}/copied/wharf` });
    assert.equal(copied.target, `${host}/copied/wharf:latest`);
    assert.equal(copied.digest, digest);
    assert.deepEqual(copied.tags, ["latest"]);
    assert.equal(copied.totals.referrers, 1);
    const found = await run(registry.referrers, { reference: copied.target, artifactType: type });
    assert.deepEqual(
      found.referrers.map(({ artifactType }) => artifactType),
      [type],
    );
    const none = await run(registry.referrers, { reference: image, artifactType: "text/other" });
    assert.deepEqual(none.referrers, []);
    const reduced = await run(registry.copy, {
      source: image,
      target: `${host}/copied/wharf:small`,
      platforms: ["linux/amd64"],
    });
    assert.notEqual(reduced.digest, digest);
  });

  test("a manifest is deleted by its digest, with its tags", async () => {
    const host = new URL(server.url).host;
    const { digest } = await run(registry.copy, {
      source: image,
      target: `${host}/gone/wharf:v1`,
      platforms: ["linux/amd64"],
    });
    await run(registry.delete, { reference: `${host}/gone/wharf@${digest}` });
    await assert.rejects(run(registry.digest, { reference: `${host}/gone/wharf:v1` }), (error) =>
      isError(error, "MANIFEST_NOT_FOUND", "REPOSITORY_NOT_FOUND"),
    );
  });

  test("what is deleted has to be named, and nothing is deleted that is named twice", async () => {
    const { digest } = await run(registry.digest, { reference: image });
    for (const reference of [repository, `${image}@${digest}`])
      await assert.rejects(run(registry.delete, { reference }), (error) =>
        isError(error, "REFERENCE_INVALID"),
      );
    assert.equal(effectOf(registry.delete, {}), "destroy");
  });

  test("what is no reference, no platform or no repository is refused", async () => {
    const refused: readonly [() => Promise<unknown>, string][] = [
      [() => run(registry.inspect, { reference: "no spaces" }), "REFERENCE_INVALID"],
      [() => run(registry.digest, { reference: image, platform: "a/b/c/d/e" }), "PLATFORM_INVALID"],
      [
        () => run(registry.digest, { reference: image, platform: "linux/s390x" }),
        "PLATFORM_NOT_FOUND",
      ],
      [() => run(registry.tags, { repository: image }), "REFERENCE_INVALID"],
      [() => run(registry.tag, { reference: image, tags: ["a/b"] }), "INPUT_INVALID"],
      [() => run(registry.digest, { reference: `${repository}:none` }), "MANIFEST_NOT_FOUND"],
    ];
    for (const [call, code] of refused)
      await assert.rejects(call(), (error) => isError(error, code as "USAGE"), code);
  });

  test("a signal ends a verb", async () => {
    const stopped = AbortSignal.abort();
    await assert.rejects(run(registry.inspect, { reference: image }, stopped), (error) =>
      isError(error, "INTERRUPTED"),
    );
  });
});
