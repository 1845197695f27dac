/** Referrers: what was attached to a manifest. */
import assert from "node:assert/strict";

import { absent, collect, imageOf } from "./content.ts";
import { behaviour, pushImage } from "./trial.ts";
import type { Trial } from "./trial.ts";

const image = imageOf("subject");
const subject = image.manifest.descriptor;
const signature = imageOf("signature", {
  artifactType: "application/vnd.example.signature",
  subject,
  annotations: { "org.example.by": "me" },
});
const bill = imageOf("bill", { artifactType: "application/vnd.example.sbom", subject });
const needs = ["listReferrers", "pushManifest", "pushBlob"] as const;

export function referring(trial: Trial): void {
  const digests = async (items: AsyncIterable<{ digest: string }>) =>
    (await collect(items)).map(({ digest }) => digest).toSorted();
  const of = (...images: (typeof image)[]) =>
    images.map(({ manifest }) => manifest.descriptor.digest).toSorted();

  behaviour(trial, "referrers are found by their subject", needs, [], async (s) => {
    for (const each of [image, signature, bill]) await pushImage(s, each);
    assert.deepEqual(await digests(s.listReferrers(subject.digest)), of(signature, bill));
    assert.deepEqual(await digests(s.listReferrers(signature.manifest.descriptor.digest)), []);
  });

  behaviour(trial, "a referrer may come before its subject", needs, [], async (s) => {
    await pushImage(s, signature);
    assert.deepEqual(await digests(s.listReferrers(subject.digest)), of(signature));
    await pushImage(s, image, "late");
    assert.deepEqual(await digests(s.listReferrers(subject.digest)), of(signature));
  });

  behaviour(trial, "referrers are filtered by their type", needs, [], async (s) => {
    for (const each of [image, signature, bill]) await pushImage(s, each);
    const artifactType = "application/vnd.example.sbom";
    assert.deepEqual(await digests(s.listReferrers(subject.digest, { artifactType })), of(bill));
    const other = { artifactType: "application/vnd.example.none" };
    assert.deepEqual(await digests(s.listReferrers(subject.digest, other)), []);
  });

  behaviour(trial, "a referrer is listed with its type and annotations", needs, [], async (s) => {
    await pushImage(s, signature);
    const [listed] = await collect(s.listReferrers(subject.digest));
    const { digest, size, mediaType } = signature.manifest.descriptor;
    assert.equal(listed?.digest, digest);
    assert.equal(listed?.size, size);
    assert.equal(listed?.mediaType, mediaType);
    assert.equal(listed?.artifactType, "application/vnd.example.signature");
    assert.equal(listed?.annotations?.["org.example.by"], "me");
  });

  behaviour(
    trial,
    "an image without a type is listed by its configuration's",
    needs,
    [],
    async (s) => {
      await pushImage(s, imageOf("typeless", { subject }));
      const [listed] = await collect(s.listReferrers(subject.digest));
      assert.equal(listed?.artifactType, "application/vnd.oci.image.config.v1+json");
    },
  );

  behaviour(trial, "a referrer with a tag is still one", needs, [], async (s) => {
    await pushImage(s, signature, "signature");
    assert.deepEqual(await digests(s.listReferrers(subject.digest)), of(signature));
  });

  behaviour(trial, "a subject that is nowhere has no referrers", needs, [], async (s) => {
    assert.deepEqual(await digests(s.listReferrers(absent)), []);
  });

  behaviour(
    trial,
    "a deleted referrer is not listed any more",
    [...needs, "deleteManifest"],
    [],
    async (s) => {
      for (const each of [image, signature, bill]) await pushImage(s, each);
      await s.deleteManifest(signature.manifest.descriptor.digest);
      assert.deepEqual(await digests(s.listReferrers(subject.digest)), of(bill));
    },
  );
}
