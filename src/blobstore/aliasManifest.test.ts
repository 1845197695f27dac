import assert from "node:assert/strict";
import { test } from "node:test";
import { isError } from "../errors.ts";
import { digestOf } from "../reference/digest.ts";
import { parseManifest } from "../reference/manifest.ts";
import { aliasManifest } from "./aliasManifest.ts";

const blob = (text: string) => ({ digest: digestOf(Buffer.from(text)), size: text.length });

test("one blob's alias has the bytes and the digest that dxf gives it", () => {
  const { descriptor, bytes } = aliasManifest([blob("abc")]);
  const abc = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  assert.equal(
    Buffer.from(bytes).toString(),
    `{"config": {"digest": "${abc}", "mediaType": "application/vnd.docker.container.image.v1+json", "size": 3}, ` +
      `"layers": [{"digest": "${abc}", "mediaType": "application/octet-stream", "size": 3}], ` +
      `"mediaType": "application/vnd.docker.distribution.manifest.v2+json", "schemaVersion": 2}`,
  );
  assert.deepEqual(descriptor, {
    mediaType: "application/vnd.docker.distribution.manifest.v2+json",
    digest: "sha256:fc164619e222260028d6741aa4a446ecd7042db644322a88b64f6b6d222b5dbf",
    size: 411,
  });
});

test("so has the alias of two", () => {
  const { descriptor } = aliasManifest([blob("abc"), blob("def")]);
  assert.equal(
    descriptor.digest,
    "sha256:4df3867ea2d097e7b26ede532f372bccfd44623d61259450ad22a3ed9a6cdd31",
  );
  assert.equal(descriptor.size, 550);
});

test("the order of the blobs is kept, and one may occur twice", () => {
  const blobs = [blob("z"), blob("a"), blob("z")];
  const manifest = parseManifest(aliasManifest(blobs).bytes);
  assert(manifest.kind === "image");
  assert.deepEqual(
    manifest.layers.map(({ digest }) => digest),
    blobs.map(({ digest }) => digest),
  );
});

test("an alias of nothing is refused", () => {
  assert.throws(
    () => aliasManifest([]),
    (error) => isError(error, "USAGE"),
  );
});
