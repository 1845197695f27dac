import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, test } from "node:test";
import fc from "fast-check";
import { isError } from "../errors.ts";
import type { ErrorCode } from "../errors.ts";
import { mediaTypes } from "./descriptor.ts";
import {
  childrenLimit,
  depthLimit,
  digestOfTag,
  digestTags,
  isDigestTag,
  isIndexType,
  isManifestType,
  manifestAccept,
  manifestLimit,
  parseManifest,
  referrersTag,
  schema1Payload,
} from "./manifest.ts";

const hex = "ab".repeat(32);
const digest = `sha256:${hex}`;
const bytes = (value: unknown) =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value));
const blob = (mediaType: string, size = 3) => ({ mediaType, digest, size });
const image = {
  schemaVersion: 2,
  mediaType: mediaTypes.ociManifest,
  config: blob(mediaTypes.ociConfig),
  layers: [blob(mediaTypes.ociLayerGzip)],
};
const index = {
  schemaVersion: 2,
  mediaType: mediaTypes.ociIndex,
  manifests: [
    { ...blob(mediaTypes.ociManifest), platform: { os: "linux", architecture: "amd64" } },
  ],
};
const schema1 = {
  schemaVersion: 1,
  name: "a/b",
  tag: "1",
  architecture: "amd64",
  fsLayers: [{ blobSum: `sha256:${"2".repeat(64)}` }, { blobSum: `sha256:${"1".repeat(64)}` }],
  history: [{ v1Compatibility: '{"id":"top"}' }, { v1Compatibility: '{"id":"base"}' }],
};

function refused(code: ErrorCode, document: unknown, message: RegExp, mediaType?: string) {
  assert.throws(
    () => parseManifest(bytes(document), mediaType),
    (error) => {
      assert.ok(isError(error, code), String(error));
      assert.match(error.message, message);
      return true;
    },
  );
}

describe("manifests of all types are read", () => {
  test("OCI image", () => {
    const manifest = parseManifest(bytes(image));
    assert.equal(manifest.kind, "image");
    assert.equal(manifest.mediaType, mediaTypes.ociManifest);
    assert.deepEqual(manifest.kind === "image" && manifest.layers, image.layers);
  });
  test("Docker schema 2 and list", () => {
    const docker = { ...image, mediaType: mediaTypes.dockerManifest };
    assert.equal(parseManifest(bytes(docker)).mediaType, mediaTypes.dockerManifest);
    const list = { ...index, mediaType: mediaTypes.dockerManifestList };
    const manifest = parseManifest(bytes(list));
    assert.equal(manifest.kind === "index" && manifest.mediaType, mediaTypes.dockerManifestList);
  });
  test("OCI index, with the platforms of its children", () => {
    const manifest = parseManifest(bytes(index));
    assert.ok(manifest.kind === "index");
    assert.deepEqual(manifest.manifests, index.manifests);
  });
  test("artifacts with type, subject and annotations", () => {
    for (const document of [image, index]) {
      const subject = { ...blob(mediaTypes.ociManifest), annotations: { a: "b" } };
      const manifest = parseManifest(
        bytes({ ...document, artifactType: "a/x", subject, annotations: { k: "v" } }),
      );
      assert.ok(manifest.kind !== "schema1");
      assert.deepEqual(manifest.subject, subject);
      assert.equal(manifest.artifactType, "a/x");
      assert.deepEqual(manifest.annotations, { k: "v" });
    }
  });
  test("schema 1, base first", () => {
    const manifest = parseManifest(bytes(schema1));
    assert.ok(manifest.kind === "schema1");
    assert.equal(manifest.mediaType, mediaTypes.dockerSchema1);
    assert.equal(manifest.signed, false);
    assert.deepEqual(manifest.layers, [`sha256:${"1".repeat(64)}`, `sha256:${"2".repeat(64)}`]);
    assert.deepEqual(manifest.history, ['{"id":"base"}', '{"id":"top"}']);
    assert.deepEqual([manifest.name, manifest.tag, manifest.architecture], ["a/b", "1", "amd64"]);
  });
  test("signed schema 1, whose digest is that of what was signed", () => {
    const payload = JSON.stringify(schema1, null, 3);
    const formatLength = payload.lastIndexOf("\n}");
    const formatTail = Buffer.from(payload.slice(formatLength)).toString("base64url");
    const header = Buffer.from(JSON.stringify({ formatLength, formatTail })).toString("base64url");
    const signatures = JSON.stringify([{ signature: "x", protected: header }]);
    const signed = bytes(`${payload.slice(0, formatLength)},\n   "signatures": ${signatures}\n}`);
    const manifest = parseManifest(signed);
    assert.ok(manifest.kind === "schema1" && manifest.signed);
    assert.equal(manifest.mediaType, mediaTypes.dockerSchema1Signed);
    assert.equal(Buffer.from(schema1Payload(signed, manifest)).toString(), payload);
  });
  test("a signature that signs nonsense is refused", () => {
    const header = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
    for (const text of [
      "%%",
      header([]),
      header({ formatLength: 1e9, formatTail: "" }),
      header({ formatLength: -1, formatTail: "" }),
      header({ formatLength: 1.5, formatTail: "" }),
    ]) {
      const signed = bytes({ ...schema1, signatures: [{ protected: text }] });
      const manifest = parseManifest(signed);
      assert.ok(manifest.kind === "schema1");
      assert.throws(
        () => schema1Payload(signed, manifest),
        (error) => isError(error, "MANIFEST_INVALID"),
      );
    }
  });
});

describe("the media type is decided", () => {
  const { mediaType: _, ...bare } = image;
  const { mediaType: __, ...bareIndex } = index;
  test("by what came with the bytes", () => {
    const type = `${mediaTypes.dockerManifest}; charset=utf-8`;
    assert.equal(parseManifest(bytes(bare), type).mediaType, mediaTypes.dockerManifest);
  });
  test("else by the field", () => {
    for (const type of [undefined, "application/json", "text/plain", ""])
      assert.equal(parseManifest(bytes(image), type).mediaType, mediaTypes.ociManifest);
  });
  test("else by the shape", () => {
    assert.equal(parseManifest(bytes(bare)).mediaType, mediaTypes.ociManifest);
    assert.equal(parseManifest(bytes(bareIndex)).mediaType, mediaTypes.ociIndex);
  });
  test("or it is none that is known", () => {
    refused("MANIFEST_INVALID", { schemaVersion: 2 }, /of no known type/);
    refused("MANIFEST_INVALID", { ...bare, mediaType: "text/x" }, /unknown type "text\/x"/);
  });
});

describe("what two readers would read differently is refused", () => {
  const cases: [name: string, document: unknown, mediaType?: string][] = [
    ["manifests and layers", { ...image, manifests: index.manifests }],
    ["manifests and config", { ...index, config: image.config }],
    ["empty manifests beside layers", { ...image, manifests: [] }],
    ["layers and fsLayers", { ...image, fsLayers: [] }],
    ["an image that says it is an index", { ...image, mediaType: mediaTypes.ociIndex }],
    ["an index that came as an image", index, mediaTypes.ociManifest],
    ["an image that came as schema 1", image, mediaTypes.dockerSchema1Signed],
  ];
  for (const [name, document, mediaType] of cases)
    test(name, () => refused("MANIFEST_INVALID", document, /ambiguous/, mediaType));

  test("a field that is there twice, however it is spelled", () => {
    const text = JSON.stringify(image);
    const twice = (field: string) => `${text.slice(0, -1)},${field}:[]}`;
    refused("MANIFEST_INVALID", twice('"layers"'), /"layers" is there twice/);
    refused("MANIFEST_INVALID", twice('"l\\u0061yers"'), /"layers" is there twice/);
    assert.equal(parseManifest(bytes(twice('"Layers"'))).kind, "image");
    // The same key further down, or as a value, is no second.
    assert.equal(
      parseManifest(bytes({ ...image, x: { layers: 1, config: "layers" }, y: "layers" })).kind,
      "image",
    );
  });
});

describe("bounds", () => {
  test("bytes", () => {
    const large = { ...image, x: "x".repeat(manifestLimit) };
    refused("MANIFEST_TOO_LARGE", large, /bytes; at most 4194304 are accepted/);
    assert.throws(
      () => parseManifest(bytes(image), undefined, { limit: 10 }),
      /at most 10 are accepted/,
    );
    assert.equal(
      parseManifest(bytes(large), undefined, { limit: manifestLimit * 2 }).kind,
      "image",
    );
  });
  test("nesting", () => {
    const nest = (depth: number) => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
    const withNest = (depth: number) => `${JSON.stringify(image).slice(0, -1)},"x":${nest(depth)}}`;
    assert.equal(parseManifest(bytes(withNest(depthLimit - 1))).kind, "image");
    refused("MANIFEST_TOO_LARGE", withNest(depthLimit), /deeper than 64 levels/);
    for (const bomb of ["[", '{"a":', "[{", '[[],"'])
      for (const size of [1e3, 1e6])
        refused("MANIFEST_TOO_LARGE", bomb.repeat(size / bomb.length), /deeper than 64 levels/);
    // Brackets in text do not nest.
    assert.equal(parseManifest(bytes({ ...image, x: '["\\[[{'.repeat(1000) })).kind, "image");
  });
  test("children", () => {
    const layer = blob("x");
    const layers = Array<object>(10_000).fill(layer);
    refused("MANIFEST_TOO_LARGE", { ...image, layers }, /10000 layers; at most 8192/);
    refused("MANIFEST_TOO_LARGE", { ...index, manifests: layers }, /10000 manifests; at most 8192/);
    refused(
      "MANIFEST_TOO_LARGE",
      { ...schema1, fsLayers: Array<object>(2000).fill({ blobSum: digest }) },
      /2000 layers; at most 1024/,
    );
    const most = parseManifest(bytes({ ...image, layers: layers.slice(0, childrenLimit) }));
    assert.equal(most.kind === "image" && most.layers.length, childrenLimit);
  });
});

describe("descriptors are checked", () => {
  const withLayer = (layer: unknown) => ({ ...image, layers: [image.layers[0], layer] });
  const good = blob("x");
  const cases: [field: RegExp, layer: unknown][] = [
    [/layers\[1\] is not a descriptor/, "x"],
    [/layers\[1\] is not a descriptor/, null],
    [/layers\[1\]\.digest is no sha256 or sha512 digest: ""/, { ...good, digest: undefined }],
    [/layers\[1\]\.digest is not text/, { ...good, digest: 1 }],
    [/layers\[1\]\.digest is no/, { ...good, digest: "md5:abc" }],
    [/layers\[1\]\.digest is no/, { ...good, digest: digest.toUpperCase() }],
    [/layers\[1\]\.digest is no/, { ...good, digest: "sha256:../../etc/passwd" }],
    [/layers\[1\]\.size is not a whole number/, { ...good, size: -1 }],
    [/layers\[1\]\.size/, { ...good, size: 1.5 }],
    [/layers\[1\]\.size/, { ...good, size: "3" }],
    [/layers\[1\]\.size/, { ...good, size: 2 ** 53 }],
    [/layers\[1\]\.size/, { ...good, size: undefined }],
    [/layers\[1\]\.mediaType is not text/, { ...good, mediaType: 1 }],
    [/layers\[1\]\.annotations\["a"\] is not text/, { ...good, annotations: { a: 1 } }],
    [/layers\[1\]\.annotations is not an object/, { ...good, annotations: ["a"] }],
    [/layers\[1\]\.urls is not a list/, { ...good, urls: "x" }],
    [/layers\[1\]\.urls is not a list of texts/, { ...good, urls: [1] }],
    [/layers\[1\]\.platform is not a platform/, { ...good, platform: "linux" }],
    [/layers\[1\]\.platform\.os is not text/, { ...good, platform: { os: 1 } }],
    [/layers\[1\]\.data is not text/, { ...good, data: {} }],
  ];
  for (const [field, layer] of cases)
    test(`${JSON.stringify(layer)}`.slice(0, 70), () =>
      refused("MANIFEST_INVALID", withLayer(layer), field),
    );

  test("the configuration and subject too", () => {
    refused("MANIFEST_INVALID", { ...image, config: undefined }, /config is not a descriptor/);
    refused("MANIFEST_INVALID", { ...image, subject: { size: 1 } }, /subject\.digest/);
    refused("MANIFEST_INVALID", { ...image, schemaVersion: 1 }, /schemaVersion is not 2/);
    refused("MANIFEST_INVALID", { ...image, layers: {} }, /layers is not a list/);
    refused("MANIFEST_INVALID", { ...image, annotations: [] }, /annotations is not an object/);
    refused("MANIFEST_INVALID", { ...schema1, fsLayers: [{}] }, /fsLayers\[0\]\.blobSum/);
    refused("MANIFEST_INVALID", { ...schema1, history: [{}] }, /history\[0\]\.v1Compatibility/);
  });

  test("null is as good as absent, and what is not known is kept", () => {
    const manifest = parseManifest(
      bytes({
        ...image,
        layers: null,
        subject: null,
        annotations: null,
        manifests: null,
        config: { ...good, annotations: null, urls: null, platform: null, "x.y": { deep: [1] } },
        "com.example": [1],
      }),
    );
    assert.ok(manifest.kind === "image");
    assert.deepEqual(manifest.layers, []);
    assert.equal("subject" in manifest, false);
    assert.deepEqual(manifest.config, { ...good, "x.y": { deep: [1] } });
    assert.deepEqual(manifest.document["com.example"], [1]);
    const empty = parseManifest(bytes({ ...index, manifests: null }));
    assert.deepEqual(empty.kind === "index" && empty.manifests, []);
  });

  test("a child without type or half a platform is still a child", () => {
    const child = { digest, size: 1, platform: { architecture: "arm64", variant: null } };
    const manifest = parseManifest(bytes({ ...index, manifests: [child] }));
    assert.ok(manifest.kind === "index");
    assert.deepEqual(manifest.manifests[0], {
      mediaType: mediaTypes.ociManifest,
      digest,
      size: 1,
      platform: { os: "unknown", architecture: "arm64" },
    });
  });
});

test("what is not JSON is refused, never thrown raw", () => {
  for (const text of ["", "null", "[]", '"x"', "1", "<html>", "{", '{"a":"', "\ufffd", '{"a":1,}'])
    refused("MANIFEST_INVALID", text, /is not (?:JSON|a JSON object)|no known type/);
  assert.throws(() => parseManifest(Buffer.from([0x7b, 0xff, 0x7d])), /is not JSON/);
  const pieces = fc.constantFrom(
    ...'{"|":|[|]|}|,|null|"layers"|"manifests"|"|\\|2|:|"schemaVersion":2'.split("|"),
    JSON.stringify(image).slice(1, -1),
  );
  fc.assert(
    fc.property(
      fc.array(pieces).map((list) => list.join("")),
      (text) => {
        try {
          parseManifest(bytes(text));
        } catch (error) {
          assert.ok(isError(error, "MANIFEST_INVALID", "MANIFEST_TOO_LARGE"), String(error));
        }
      },
    ),
    { numRuns: 1000 },
  );
});

test("any other JSON in a manifest changes nothing about what is read", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), fc.string(), (value, text) => {
      const manifest = parseManifest(bytes({ ...image, "x-value": value, "x-text": text }));
      assert.ok(manifest.kind === "image");
      assert.deepEqual(manifest.layers, image.layers);
      assert.equal(manifest.document["x-text"], text);
    }),
  );
});

test("the types that are asked for are those that are read", () => {
  const types = manifestAccept.split(", ");
  assert.equal(types.length, 6);
  for (const type of types) assert.ok(isManifestType(type), type);
  assert.deepEqual(types.filter(isIndexType), [mediaTypes.ociIndex, mediaTypes.dockerManifestList]);
  assert.equal(isManifestType(mediaTypes.ociConfig), false);
});

describe("tags made of digests", () => {
  const sha512 = `sha512:${createHash("sha512").update("").digest("hex")}`;
  test("hold what is attached", () => {
    assert.deepEqual(digestTags(digest), [
      `sha256-${hex}`,
      `sha256-${hex}.sig`,
      `sha256-${hex}.att`,
      `sha256-${hex}.sbom`,
    ]);
  });
  test("are cut to 64 characters behind the algorithm", () => {
    assert.equal(referrersTag(sha512), `sha512-${sha512.slice(7, 71)}`);
    assert.deepEqual(digestTags(sha512), [referrersTag(sha512)]);
  });
  test("are known again", () => {
    for (const tag of [...digestTags(digest), ...digestTags(sha512)])
      assert.ok(isDigestTag(tag), tag);
    for (const tag of ["latest", `sha256-${hex.slice(1)}`, `sha256-${hex}x`, `sha256-${hex}.`, hex])
      assert.equal(isDigestTag(tag), false, tag);
    assert.equal(digestOfTag(`sha256-${hex}.sig`), digest);
    assert.equal(digestOfTag(referrersTag(sha512)), undefined);
    assert.equal(digestOfTag("latest"), undefined);
  });
  test("need a digest", () => {
    assert.throws(
      () => referrersTag("latest"),
      (error) => isError(error, "DIGEST_INVALID"),
    );
  });
});
