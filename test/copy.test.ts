/** A real image on its way between every kind of store, and what that costs in requests. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

import { isError } from "../src/errors.ts";
import type { TraceEvent } from "../src/http/trace.ts";
import { inspect } from "../src/image/inspect.ts";
import { digestOf } from "../src/reference/digest.ts";
import { parseLocation } from "../src/reference/location.ts";
import { parsePlatform } from "../src/reference/platform.ts";
import { connect } from "../src/registry/remote.ts";
import { startServer } from "../src/server/server.ts";
import { openCollection } from "../src/store/collection/collection.ts";
import { copy, type CopyOptions } from "../src/transfer/copy.ts";
import { openSource, openTarget } from "../src/transfer/location.ts";
import { copyRepository } from "../src/transfer/repository.ts";
import { dockerRegistry, startDockerRegistry } from "./docker-registry.ts";
import { busyboxImage, syntheticImage } from "./images.ts";
import { skipWithout, tool } from "./tools.ts";

const skopeo = tool("skopeo", "apt-get install skopeo");
const folder = await mkdtemp(join(tmpdir(), "wharf-copy-"));
const collection = await openCollection(join(folder, "registry"));
const server = await startServer({ collection, port: 0 });
const ours = `127.0.0.1:${server.port}`;
const debian = dockerRegistry.skip ? undefined : await startDockerRegistry();
const theirs = debian?.host ?? "";
after(async () => {
  await debian?.close();
  await server.close();
  await collection.close();
  await rm(folder, { recursive: true, force: true });
});

const busybox = await busyboxImage();
const platforms = ["linux/amd64", "linux/arm64"];
const image = "skip" in busybox ? await syntheticImage({ platforms }) : busybox;
const attached = "skip" in busybox ? [] : [busybox.sbom.digest, busybox.signature.digest];
const signatureTag = "skip" in busybox ? undefined : busybox.signatureTag;
const { tag } = image;
const { digest } = image.root;

/** Copies between two locations, as the command does. */
async function move(from: string, to: string, options: CopyOptions = {}) {
  const source = await openSource(parseLocation(from));
  try {
    const target = await openTarget(parseLocation(to), source);
    try {
      const all = { ...options, tag: target.tags };
      const result = await copy(source.store, source.reference, target.store, all);
      await target.finish();
      return result;
    } finally {
      await target.abort();
    }
  } finally {
    await source.close();
  }
}

/** The image is there under its tag, whole, with all that is attached to it. */
async function assertThere(location: string): Promise<void> {
  const { store, close } = await openSource(parseLocation(location));
  try {
    assert.equal((await store.resolve(tag)).digest, digest);
    for (const platform of image.platforms) {
      const bytes = (await store.fetchManifest(platform.digest)).bytes;
      assert.equal(digestOf(bytes), platform.digest);
    }
    const referrers: string[] = [];
    for await (const referrer of store.listReferrers!(digest)) referrers.push(referrer.digest);
    assert.deepEqual(referrers.toSorted(), attached.toSorted());
    if (signatureTag !== undefined) await store.resolve(signatureTag);
  } finally {
    await close();
  }
}

const places = {
  "Debian's registry": `docker://${theirs}/busybox:${tag}`,
  "our server": `docker://${ours}/busybox:${tag}`,
  "a layout": `oci:${join(folder, "layout")}:${tag}`,
  "an archive": `oci-archive:${join(folder, "archive.tar")}:${tag}`,
  "Debian's registry again": `docker://${theirs}/back/busybox:${tag}`,
};

test(
  "an image goes from place to place and stays what it is",
  { skip: dockerRegistry.skip },
  async () => {
    let from = `docker://${ours}/seed:${tag}`;
    await image.pushTo(collection.repository("seed"));
    for (const [place, to] of Object.entries(places)) {
      const { descriptor, totals } = await move(from, to);
      assert.equal(descriptor.digest, digest, place);
      assert.equal(totals.referrers, attached.length + (signatureTag ? 1 : 0), place);
      await assertThere(to);
      from = to;
    }
  },
);

test("skopeo sees the same digests", { skip: skipWithout(skopeo, dockerRegistry) }, async () => {
  for (const [place, location] of Object.entries(places)) {
    const raw = await skopeo.run(["inspect", "--raw", "--tls-verify=false", location]);
    assert.equal(digestOf(Buffer.from(raw)), digest, place);
  }
  const sink = `oci:${join(folder, "skopeo")}:${tag}`;
  const copyAll = ["copy", "--insecure-policy", "--all", "--src-tls-verify=false"];
  for (const from of Object.values(places)) await skopeo.run([...copyAll, from, sink]);
});

test("one platform becomes a docker archive", { skip: skopeo.skip }, async () => {
  const archive = `docker-archive:${join(folder, "docker.tar")}`;
  await image.pushTo(collection.repository("single"));
  const from = `docker://${ours}/single:${tag}`;
  await move(from, archive, { platforms: [parsePlatform("linux/amd64")] });
  const { image: shown } = await inspect(collection.repository("single"), tag, {
    platform: parsePlatform("linux/amd64"),
  });
  const { Layers } = JSON.parse(await skopeo.run(["inspect", archive])) as { Layers: string[] };
  assert.deepEqual(Layers, shown!.run!.diffIds);
});

/** A repository, and the requests that it took. */
function counted(host: string, name: string) {
  const requests: string[] = [];
  const onTrace = (event: TraceEvent) => {
    if (event.type === "request") requests.push(`${event.method} ${new URL(event.url).pathname}`);
  };
  const registry = connect(host, { onTrace });
  return { requests, repository: registry.repository(name), close: () => registry.close() };
}

test("what the target has costs two requests", async () => {
  await image.pushTo(collection.repository("here"));
  await image.pushTo(collection.repository("there"));
  const source = counted(ours, "here");
  const target = counted(ours, "there");
  await copy(source.repository, tag, target.repository, { referrers: false });
  assert.deepEqual(source.requests, [`HEAD /v2/here/manifests/${tag}`]);
  assert.deepEqual(target.requests, [`HEAD /v2/there/manifests/${tag}`]);
  await source.close();
  await target.close();
});

test("a small blob of a fresh image costs little more than the push", async () => {
  const many = await syntheticImage({ layers: 60, layerSize: 2048 });
  await many.pushTo(collection.repository("many"));
  const source = counted(ours, "many");
  const other = await openCollection(join(folder, "other"));
  const elsewhere = await startServer({ collection: other, port: 0 });
  const target = counted(`127.0.0.1:${elsewhere.port}`, "many");
  try {
    await copy(source.repository, "latest", target.repository);
    const asked = target.requests.filter((request) => /^HEAD .*\/blobs\//.test(request));
    assert(asked.length < 20, `${asked.length} questions for 61 blobs`);
    const pushes = target.requests.length - asked.length;
    assert(pushes <= 2 * 61 + 10, `${pushes} requests to push 61 blobs`);
    assert(source.requests.length <= 61 + 10, `${source.requests.length} requests to the source`);
  } finally {
    await source.close();
    await target.close();
    await elsewhere.close();
    await other.close();
  }
});

test(
  "repositories of one registry mount, and no blob passes through us",
  { skip: dockerRegistry.skip },
  async () => {
    for (const host of [ours, theirs]) {
      await move(`docker://${ours}/seed:${tag}`, `docker://${host}/mount/from:${tag}`);
      const registry = connect(host);
      const from = registry.repository("mount/from");
      const { totals } = await copy(from, tag, registry.repository("mount/to"));
      assert.equal(totals.blobs.copied, 0, host);
      assert(totals.blobs.mounted > 0, host);
      await registry.close();
    }
  },
);

test("all tags of a repository are copied", { skip: dockerRegistry.skip }, async () => {
  const from = collection.repository("tags");
  await image.pushTo(from);
  for (const name of ["1", "1.36", "next"]) await from.tag(image.root, name);
  const [source, target] = [connect(ours), connect(theirs)];
  const { images, totals } = await copyRepository(
    source.repository("tags"),
    target.repository("tags"),
  );
  const tags: string[] = [];
  for await (const name of target.repository("tags").listTags()) tags.push(name);
  for (const name of ["1", "1.36", "next", tag]) assert(tags.includes(name));
  assert.equal(images.find((copied) => copied.tag === "1")!.descriptor.digest, digest);
  assert.equal(
    totals.blobs.copied,
    new Set(image.blobs.map((blob) => blob.descriptor.digest)).size,
  );
  await assertThere(`docker://${theirs}/tags:${tag}`);
  await source.close();
  await target.close();
});

test(
  "a blob that is damaged at the source is blamed on the source",
  { skip: dockerRegistry.skip },
  async () => {
    const large = await syntheticImage({ layers: 1, layerSize: 2 << 20, seed: "damaged" });
    const from = connect(theirs);
    await large.pushTo(from.repository("damaged"));
    const layer = large.blobs.find(({ descriptor }) => descriptor.size > 1 << 20)!.descriptor;
    const hex = layer.digest.slice("sha256:".length);
    const folders = ["root", "docker", "registry", "v2", "blobs", "sha256", hex.slice(0, 2), hex];
    const file = join(debian!.folder, ...folders, "data");
    const bytes = await readFile(file);
    bytes[1 << 20]! ^= 1;
    await writeFile(file, bytes);
    for (const [host, name] of [
      [ours, "damaged"],
      [theirs, "damaged-copy"],
    ] as const) {
      for (const verify of [false, true]) {
        const target = connect(host);
        // A mount would hand the damage on unseen.
        const repository = Object.assign(target.repository(name), { canMount: () => false });
        await assert.rejects(
          copy(from.repository("damaged"), "latest", repository, { verify }),
          (error) =>
            isError(error, "DIGEST_MISMATCH") &&
            error.message.startsWith(`source ${theirs}/damaged: blob ${layer.digest}`) &&
            error.message.includes(digestOf(bytes)),
          `${host} ${verify}`,
        );
        await assert.rejects(repository.resolve("latest"));
        await target.close();
      }
    }
    await from.close();
  },
);

test("a copy that was interrupted goes on where it was", async () => {
  const many = await syntheticImage({ layers: 30, layerSize: 4096, seed: "interrupted" });
  await many.pushTo(collection.repository("interrupted"));
  const registry = connect(ours);
  const source = registry.repository("interrupted");
  const target = `oci:${join(folder, "interrupted")}`;
  const attempt = async (signal?: AbortSignal, onEvent?: CopyOptions["onEvent"]) => {
    const opened = await openTarget(parseLocation(target), { pinned: false, tag: "latest" });
    try {
      const options = { tag: opened.tags, ...(signal && { signal }), ...(onEvent && { onEvent }) };
      return await copy(source, "latest", opened.store, options);
    } finally {
      await opened.finish();
    }
  };
  const controller = new AbortController();
  let copied = 0;
  const interrupted = attempt(controller.signal, (event) => {
    if (event.type === "blob" && event.state === "copied" && ++copied === 10) controller.abort();
  });
  await assert.rejects(interrupted, (error) => isError(error, "INTERRUPTED"));
  const { totals } = await attempt();
  assert(totals.blobs.existing >= 10, `${totals.blobs.existing} blobs were there`);
  assert.equal(totals.blobs.existing + totals.blobs.copied, 31);
  await registry.close();
});
