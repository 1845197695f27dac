/** The digests here are those of manifests that oras 1.3.3 made of the same. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { digestOf } from "../../reference/digest.ts";
import { artifactManifest } from "./manifest.ts";
import { annotationKeys, empty, presetTypes } from "./terms.ts";

const created = { [annotationKeys.created]: "2020-01-01T00:00:00Z" };
const hello = {
  mediaType: presetTypes.file,
  digest: "sha256:5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03",
  size: 6,
  annotations: { [annotationKeys.title]: "hi.txt" },
};

test("a file makes the manifest that oras makes", () => {
  const { descriptor, bytes } = artifactManifest({
    artifactType: presetTypes.artifact,
    config: empty.descriptor,
    layers: [hello],
    annotations: created,
  });
  assert.deepEqual(descriptor, {
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    digest: "sha256:70cffe781c9f4b952374eb7c89ae2520a4f49e0e29687c997750195b1c8a33d2",
    size: bytes.byteLength,
  });
  assert.equal(digestOf(empty.bytes), empty.descriptor.digest);
});

test("annotations are sorted by their bytes, and written as Go writes them", () => {
  const { bytes } = artifactManifest({
    config: empty.descriptor,
    layers: [],
    annotations: { é: "2", x: '<a>&"\u2028é', "10": "ten", "9": "nine", A: "1" },
  });
  const text = Buffer.from(bytes).toString();
  const from = text.indexOf('"annotations"');
  assert.equal(
    text.slice(from),
    '"annotations":{"10":"ten","9":"nine","A":"1","x":"\\u003ca\\u003e\\u0026\\"\\u2028é","é":"2"}}',
  );
});

test("a manifest that no registry takes is not made", () => {
  const annotations = { large: "x".repeat(5 << 20) };
  assert.throws(() => artifactManifest({ config: empty.descriptor, layers: [], annotations }), {
    code: "MANIFEST_TOO_LARGE",
  });
});
