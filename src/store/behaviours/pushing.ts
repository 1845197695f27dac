/** What a store that takes content makes of it. */
import assert from "node:assert/strict";

import type { WharfError } from "../../errors.ts";
import type { Descriptor } from "../../reference/descriptor.ts";
import { mediaTypes } from "../../reference/descriptor.ts";
import { bytesSource, streamSource } from "../sources.ts";
import { absent, contentOf, imageOf, noise, readBlob } from "./content.ts";
import { behaviour, pushContent, pushImage, refuses } from "./trial.ts";
import type { Trial } from "./trial.ts";

const blob = contentOf(noise(100_000, "pushed"));
const generic = "application/octet-stream";

async function* pieces(bytes: Uint8Array, size = 1000) {
  for (let start = 0; start < bytes.length; start += size) yield bytes.slice(start, start + size);
}

export function pushing(trial: Trial): void {
  behaviour(
    trial,
    "a blob is there once it was pushed",
    ["statBlob", "pushBlob", "fetchBlob"],
    [],
    async (s) => {
      assert.equal(await s.statBlob(blob.descriptor.digest), undefined);
      await pushContent(s, blob);
      const found = await s.statBlob(blob.descriptor.digest);
      assert.equal(found?.size, blob.descriptor.size);
      assert.equal(found?.digest, blob.descriptor.digest);
      assert.deepEqual(await readBlob(s, blob.descriptor), Buffer.from(blob.bytes));
    },
  );

  behaviour(
    trial,
    "a blob may come from a pipe, in pieces",
    ["pushBlob", "fetchBlob"],
    [],
    async (s) => {
      const progress: number[] = [];
      await s.pushBlob(blob.descriptor, streamSource(pieces(blob.bytes)), {
        onProgress: (bytes) => progress.push(bytes),
      });
      assert.deepEqual(await readBlob(s, blob.descriptor), Buffer.from(blob.bytes));
      assert.equal(progress.at(-1), blob.descriptor.size);
    },
  );

  behaviour(
    trial,
    "an empty blob is a blob",
    ["pushBlob", "statBlob", "fetchBlob"],
    [],
    async (s) => {
      const empty = contentOf("");
      await pushContent(s, empty);
      assert.equal((await s.statBlob(empty.descriptor.digest))?.size, 0);
      assert.equal((await readBlob(s, empty.descriptor)).length, 0);
    },
  );

  behaviour(
    trial,
    "sha512 is a digest like any other",
    ["pushBlob", "fetchBlob"],
    [],
    async (s) => {
      const strong = contentOf(noise(5000), generic, "sha512");
      await pushContent(s, strong);
      assert.deepEqual(await readBlob(s, strong.descriptor), Buffer.from(strong.bytes));
    },
  );

  const promises: [string, Partial<Descriptor>, WharfError["code"]][] = [
    ["of another digest", { digest: absent }, "DIGEST_MISMATCH"],
    ["that is too short", { size: blob.descriptor.size + 1 }, "SIZE_MISMATCH"],
    ["that is too long", { size: blob.descriptor.size - 1 }, "SIZE_MISMATCH"],
  ];
  for (const [what, wrong, code] of promises) {
    behaviour(trial, `a blob ${what} is not stored`, ["pushBlob", "statBlob"], [], async (s) => {
      const descriptor = { ...blob.descriptor, ...wrong };
      await refuses(s.pushBlob(descriptor, bytesSource(blob.bytes)), code);
      assert.equal(await s.statBlob(descriptor.digest), undefined);
      assert.equal(await s.statBlob(blob.descriptor.digest), undefined);
    });
  }

  behaviour(
    trial,
    "a source that fails leaves nothing, and its error is kept",
    ["pushBlob", "statBlob"],
    [],
    async (s) => {
      async function* broken() {
        yield blob.bytes.slice(0, 60_000);
        throw new Error("the source broke");
      }
      const pushed = s.pushBlob(blob.descriptor, streamSource(broken()));
      await assert.rejects(pushed, /the source broke/);
      assert.equal(await s.statBlob(blob.descriptor.digest), undefined);
      await pushContent(s, blob);
    },
  );

  behaviour(
    trial,
    "a push that is aborted in the middle leaves nothing",
    ["pushBlob", "statBlob"],
    [],
    async (s) => {
      const abort = new AbortController();
      async function* interruptedBody() {
        yield blob.bytes.slice(0, 60_000);
        abort.abort();
        yield blob.bytes.slice(60_000);
      }
      const { signal } = abort;
      await refuses(
        s.pushBlob(blob.descriptor, streamSource(interruptedBody()), { signal }),
        "INTERRUPTED",
      );
      assert.equal(await s.statBlob(blob.descriptor.digest), undefined);
    },
  );

  behaviour(
    trial,
    "the same blob may be pushed several times at once",
    ["pushBlob", "fetchBlob"],
    [],
    async (s) => {
      await Promise.all(
        Array.from({ length: 5 }, () =>
          s.pushBlob(blob.descriptor, streamSource(pieces(blob.bytes, 7000))),
        ),
      );
      assert.deepEqual(await readBlob(s, blob.descriptor), Buffer.from(blob.bytes));
    },
  );

  behaviour(
    trial,
    "a manifest is found by its digest without a tag",
    ["pushManifest", "pushBlob", "resolve"],
    [],
    async (s) => {
      const image = imageOf("untagged");
      await pushImage(s, image);
      const { digest } = image.manifest.descriptor;
      assert.equal((await s.resolve(digest)).digest, digest);
    },
  );

  behaviour(
    trial,
    "a manifest that is not what its descriptor says is not stored",
    ["pushManifest", "pushBlob", "resolve"],
    [],
    async (s) => {
      const { manifest } = imageOf("wrong");
      const { bytes } = manifest;
      const push = (descriptor: Descriptor) => s.pushManifest({ descriptor, bytes }, { tag: "x" });
      const descriptor = { ...manifest.descriptor, digest: absent };
      await refuses(push(descriptor), "DIGEST_MISMATCH");
      await refuses(s.resolve("x"), "MANIFEST_NOT_FOUND", "REPOSITORY_NOT_FOUND");
      const broken = contentOf("{ not JSON", mediaTypes.ociManifest);
      await refuses(s.pushManifest(broken, { tag: "x" }), "MANIFEST_INVALID");
      await refuses(s.resolve("x"), "MANIFEST_NOT_FOUND", "REPOSITORY_NOT_FOUND");
    },
  );

  behaviour(
    trial,
    "a manifest's white space and unknown fields are kept",
    ["pushManifest", "pushBlob", "fetchManifest"],
    [],
    async (s) => {
      const image = imageOf("odd");
      const odd = JSON.parse(Buffer.from(image.manifest.bytes).toString("utf8")) as object;
      const text = `\n${JSON.stringify({ ...odd, "x-unknown": [1, { z: null }] }, null, "\t")}\r\n`;
      const manifest = contentOf(text, mediaTypes.ociManifest);
      await pushImage(s, { ...image, manifest }, "odd");
      const { bytes } = await s.fetchManifest("odd");
      assert.deepEqual(Buffer.from(bytes), Buffer.from(manifest.bytes));
    },
  );

  behaviour(
    trial,
    "a manifest of Docker's schema 2 keeps its media type",
    ["pushManifest", "pushBlob", "fetchManifest"],
    [],
    async (s) => {
      const image = imageOf("docker");
      const [config, layer] = image.blobs;
      const text = JSON.stringify({
        schemaVersion: 2,
        mediaType: mediaTypes.dockerManifest,
        config: { ...config?.descriptor, mediaType: mediaTypes.dockerConfig },
        layers: [{ ...layer?.descriptor, mediaType: mediaTypes.dockerLayerGzip }],
      });
      const manifest = contentOf(text, mediaTypes.dockerManifest);
      await pushImage(s, { ...image, manifest }, "docker");
      for (const reference of ["docker", manifest.descriptor.digest]) {
        const { descriptor } = await s.fetchManifest(reference);
        assert.equal(descriptor.mediaType, mediaTypes.dockerManifest);
      }
    },
  );
}
