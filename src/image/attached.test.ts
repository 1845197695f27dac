import assert from "node:assert/strict";
import { test } from "node:test";

import { mediaTypes, type Descriptor } from "../reference/descriptor.ts";
import { createMemoryRepository } from "../store/memory.ts";
import type { Repository } from "../store/store.ts";
import {
  amd64,
  pushDocument,
  pushImage,
  pushIndex,
  pushReferrer,
  pushText,
} from "../transfer/testing/images.ts";
import { observed } from "../transfer/testing/observed.ts";
import { referrersTree, type Attachment } from "./attached.ts";
import { inspect } from "./inspect.ts";

/** `kind/format` of each, what is attached to it in brackets. */
const shape = (attachments: readonly Attachment[]): string =>
  attachments
    .map(({ kind, format, attachments: inner }) => {
      const nested = inner.length > 0 ? `(${shape(inner)})` : "";
      return `${kind}${format ? `/${format}` : ""}${nested}`;
    })
    .toSorted()
    .join(" ");

/** An image whose layers are of the given types, as signing tools push them. */
async function pushTyped(
  store: Repository,
  tag: string,
  layers: readonly { mediaType: string; annotations?: Record<string, string> }[],
) {
  const pushed = [];
  for (const [at, { mediaType, annotations }] of layers.entries()) {
    const descriptor = await pushText(store, `${tag} ${at}`, mediaType);
    pushed.push({ ...descriptor, ...(annotations && { annotations }) });
  }
  const config = await pushText(store, "{}", mediaTypes.ociConfig);
  return pushDocument(store, mediaTypes.ociManifest, { config, layers: pushed }, tag);
}

const tagOf = ({ digest }: Descriptor, suffix: string) => digest.replace(":", "-") + suffix;

test("what is attached is named by its types, level by level", async () => {
  const store = createMemoryRepository();
  const image = await pushImage(store, { tag: "1.0" });
  const sbom = await pushReferrer(store, image, "application/spdx+json");
  await pushReferrer(store, sbom, "application/vnd.cncf.notary.signature");
  await pushReferrer(store, image, "application/vnd.cyclonedx+json");
  await pushReferrer(store, image, "application/vnd.example.unheard-of");
  const { attachments, truncated } = await referrersTree(store, image.digest);
  assert.equal(shape(attachments), "other sbom/cyclonedx sbom/spdx(signature/notation)");
  assert(!truncated);
  const [first] = attachments;
  assert.equal(first!.via, "referrer");
  assert.equal(first!.subject, image.digest);
});

test("cosign's tags are found and told apart", async () => {
  const store = createMemoryRepository();
  const image = await pushImage(store, { tag: "1.0" });
  await pushTyped(store, tagOf(image, ".sig"), [
    { mediaType: "application/vnd.dev.cosign.simplesigning.v1+json" },
  ]);
  await pushTyped(store, tagOf(image, ".att"), [
    {
      mediaType: "application/vnd.dsse.envelope.v1+json",
      annotations: { predicateType: "https://cyclonedx.org/bom" },
    },
    {
      mediaType: "application/vnd.dsse.envelope.v1+json",
      annotations: { predicateType: "https://slsa.dev/provenance/v0.2" },
    },
  ]);
  await pushTyped(store, tagOf(image, ".sbom"), [{ mediaType: "text/spdx+json" }]);
  const { attachments } = await inspect(store, "1.0");
  assert.equal(shape(attachments), "attestation/cosign sbom/spdx signature/cosign");
  const statements = attachments.find(({ tag }) => tag?.endsWith(".att"))!.contents;
  assert.deepEqual(
    statements.map(({ kind, format }) => [kind, format]),
    [
      ["sbom", "cyclonedx"],
      ["provenance", "slsa"],
    ],
  );
});

test("BuildKit's attestations belong to the image that they are about", async () => {
  const store = createMemoryRepository();
  const image = await pushImage(store, { platform: amd64 });
  const other = await pushImage(store, { platform: amd64, layers: ["other"] });
  const statement = (predicate: string) => ({
    mediaType: "application/vnd.in-toto+json",
    annotations: { "in-toto.io/predicate-type": predicate },
  });
  const attest = async (about: Descriptor, tag: string) => ({
    ...(await pushTyped(store, tag, [
      statement("https://spdx.dev/Document"),
      statement("https://slsa.dev/provenance/v1"),
    ])),
    platform: { os: "unknown", architecture: "unknown" },
    annotations: {
      "vnd.docker.reference.type": "attestation-manifest",
      "vnd.docker.reference.digest": about.digest,
    },
  });
  const attestations = [await attest(image, "a"), await attest(other, "b")];
  await pushIndex(store, [image, ...attestations], { tag: "1.0" });
  const { attachments, platforms } = await inspect(store, "1.0", { platform: amd64 });
  assert.equal(platforms.length, 1, "an attestation is no platform");
  assert.equal(attachments.length, 1);
  assert.equal(attachments[0]!.via, "index");
  assert.equal(attachments[0]!.subject, image.digest);
  assert.deepEqual(
    attachments[0]!.contents.map(({ kind }) => kind),
    ["sbom", "provenance"],
  );
});

test("a sigstore bundle is what its predicate says", async () => {
  const store = createMemoryRepository();
  const image = await pushImage(store);
  const { mediaType, digest, size } = image;
  const bundle = "application/vnd.dev.sigstore.bundle.v0.3+json";
  for (const predicate of [
    "https://slsa.dev/provenance/v1",
    "https://sigstore.dev/cosign/sign/v1",
  ]) {
    await pushDocument(store, mediaTypes.ociManifest, {
      artifactType: bundle,
      config: await pushText(store, "{}", mediaTypes.ociEmpty),
      layers: [await pushText(store, predicate, bundle)],
      subject: { mediaType, digest, size },
      annotations: { "dev.sigstore.bundle.predicateType": predicate },
    });
  }
  const { attachments } = await referrersTree(store, digest);
  assert.equal(shape(attachments), "provenance/slsa signature/cosign");
});

test("a tree is no deeper and no larger than allowed, and says when it was cut", async () => {
  const store = createMemoryRepository();
  const image = await pushImage(store);
  let subject = image;
  for (let level = 0; level < 6; level++) {
    subject = await pushReferrer(store, subject, `application/vnd.example.level${level}`);
  }
  const deep = await referrersTree(store, image.digest, { depth: 2 });
  assert.equal(shape(deep.attachments), "other(other)");
  assert(deep.truncated);
  for (let at = 0; at < 20; at++) await pushReferrer(store, image, "application/x", `${at}`);
  const wide = await referrersTree(store, image.digest, { limit: 5 });
  assert.equal(wide.attachments.length, 5);
  assert(wide.truncated);
});

test("referrers that lead back to where they came from are shown once", async () => {
  const store = createMemoryRepository();
  const image = await pushImage(store);
  const referrer = await pushReferrer(store, image, "application/spdx+json");
  const listReferrers = async function* () {
    yield referrer;
    yield image;
  };
  const source = observed(store, { replace: { listReferrers } });
  const { attachments, truncated } = await referrersTree(source, image.digest);
  assert.equal(shape(attachments), "sbom/spdx");
  assert(!truncated);
});
