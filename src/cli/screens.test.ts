import assert from "node:assert/strict";
import { test } from "node:test";
import type { Attachment, Inspection } from "../image/index.ts";
import type { Digest } from "../reference/descriptor.ts";
import { attachmentList, attachmentTree } from "./attachments.ts";
import { inspectionScreen } from "./screens.ts";

const digest = (letter: string): Digest => `sha256:${letter.repeat(64)}`;
const layer = "application/vnd.oci.image.layer.v1.tar+gzip";
const manifest = "application/vnd.oci.image.manifest.v1+json";

const attachment = (letter: string, more: Partial<Attachment>): Attachment => ({
  kind: "other",
  descriptor: { mediaType: manifest, digest: digest(letter), size: 500 },
  subject: digest("0"),
  via: "referrer",
  contents: [],
  attachments: [],
  ...more,
});

const attachments = [
  attachment("a", {
    kind: "sbom",
    format: "spdx",
    artifactType: "application/spdx+json",
    attachments: [
      attachment("b", {
        kind: "signature",
        format: "cosign",
        subject: digest("a"),
        artifactType: "application/vnd.dev.cosign.artifact.sig.v1+json",
      }),
    ],
  }),
  attachment("c", {
    kind: "signature",
    format: "cosign",
    via: "tag",
    tag: `sha256-${"0".repeat(64)}.sig`,
    artifactType: "application/vnd.oci.image.config.v1+json",
  }),
  attachment("d", {
    kind: "attestation",
    subject: digest("1"),
    via: "index",
    contents: [
      {
        kind: "provenance",
        format: "slsa",
        predicateType: "https://slsa.dev/provenance/v1",
        descriptor: { mediaType: "application/vnd.in-toto+json", digest: digest("e"), size: 9 },
      },
      {
        kind: "sbom",
        format: "spdx",
        predicateType: "https://spdx.dev/Document",
        descriptor: { mediaType: "application/vnd.in-toto+json", digest: digest("f"), size: 9 },
      },
    ],
  }),
];

const inspection: Inspection = {
  reference: "1",
  digest: digest("0"),
  mediaType: "application/vnd.oci.image.index.v1+json",
  kind: "index",
  annotations: {},
  size: 7_340_032,
  created: "2026-01-01T00:00:00Z",
  platforms: [
    {
      platform: { os: "linux", architecture: "amd64" },
      digest: digest("1"),
      size: 3_670_016,
      layers: 2,
    },
    {
      platform: { os: "linux", architecture: "arm", variant: "v7" },
      digest: digest("2"),
      layers: 1,
    },
    {
      platform: { os: "windows", architecture: "amd64", "os.version": "10.0.1" },
      digest: digest("3"),
    },
  ],
  image: {
    digest: digest("1"),
    mediaType: manifest,
    layers: [
      { mediaType: layer, digest: digest("4"), size: 3_145_728 },
      { mediaType: layer.replace("gzip", "zstd"), digest: digest("5"), size: 524_288 },
    ],
    annotations: {},
    run: {
      platform: { os: "linux", architecture: "amd64" },
      entrypoint: ["/bin/app", "--port", "80", "two words"],
      cmd: [],
      env: ["PATH=/bin", `LONG=${"x".repeat(100)}`],
      labels: { title: "App\nof two lines\u001b[2J" },
      user: "app",
      exposedPorts: ["80/tcp"],
      volumes: [],
      diffIds: [],
      history: [
        { createdBy: "/bin/sh -c #(nop) ADD file:123 in / ", emptyLayer: false },
        { createdBy: 'CMD ["x"]', emptyLayer: true },
        { createdBy: "RUN /bin/sh -c apt-get update  && make # buildkit", emptyLayer: false },
      ],
    },
  },
  attachments,
  attachmentsIncomplete: false,
};

const screen = {
  columns: 80,
  now: Date.parse("2026-03-05T00:00:00Z"),
  heading: (text: string) => text,
};

test("an index is on one screen", () => {
  assert.equal(
    inspectionScreen(inspection, "example.com/team/app:1", screen).join("\n"),
    `Name     example.com/team/app:1
Digest   ${digest("0")}
Type     index (application/vnd.oci.image.index.v1+json)
Created  2026-01-01 00:00:00 UTC, 2 months ago
Size     7.0 MiB compressed

Platforms
  linux/amd64            3.5 MiB  2 layers  111111111111  shown below
  linux/arm/v7                 ?   1 layer  222222222222
  windows(10.0.1)/amd64        ?         ?  333333333333

Layers of linux/amd64
  444444444444    3.0 MiB  tar+gzip  ADD file:123 in /
  555555555555  512.0 KiB  tar+zstd  RUN apt-get update && make

Configuration
  Entrypoint  /bin/app --port 80 "two words"
  User        app
  Ports       80/tcp

Environment
  PATH=/bin
  LONG=${"x".repeat(72)}…

Labels
  title=App of two lines\ufffd[2J

Attached
  ├─ sbom (spdx)              aaaaaaaaaaaa  application/spdx+json
  │  └─ signature (cosign)    bbbbbbbbbbbb  application/vnd.dev.cosign.artifact…
  ├─ signature (cosign)       cccccccccccc  under sha256-000000000000….sig
  └─ linux/amd64
     └─ attestation           dddddddddddd
        ├─ provenance (slsa)  eeeeeeeeeeee  https://slsa.dev/provenance/v1
        └─ sbom (spdx)        ffffffffffff  https://spdx.dev/Document`,
  );
});

test("an artifact shows what it holds and what it belongs to", () => {
  const artifact: Inspection = {
    reference: digest("a"),
    digest: digest("a"),
    mediaType: manifest,
    kind: "artifact",
    artifactType: "application/spdx+json",
    subject: { mediaType: manifest, digest: digest("0"), size: 1 },
    annotations: {},
    size: 189,
    platforms: [],
    image: {
      digest: digest("a"),
      mediaType: manifest,
      layers: [
        {
          mediaType: "application/spdx+json",
          digest: digest("4"),
          size: 187,
          annotations: { "org.opencontainers.image.title": "app.spdx.json" },
        },
      ],
      annotations: {},
    },
    attachments: [],
    attachmentsIncomplete: true,
  };
  assert.equal(
    inspectionScreen(artifact, `example.com/app@${digest("a")}`, screen).join("\n"),
    `Name      example.com/app@${digest("a")}
Digest    ${digest("a")}
Type      artifact (application/vnd.oci.image.manifest.v1+json)
Artifact  application/spdx+json
Subject   ${digest("0")}
Size      189 B

Content
  444444444444  187 B  application/spdx+json  app.spdx.json

Attached
  … and what the registry does not tell`,
  );
});

test("long lists are counted, not shown", () => {
  const env = Array.from({ length: 40 }, (_, i) => `V${i}=1`);
  const found = {
    ...inspection,
    image: { ...inspection.image!, run: { ...inspection.image!.run!, env } },
  };
  const lines = inspectionScreen(found, "x", screen);
  assert.ok(lines.includes("  V11=1"));
  assert.ok(!lines.includes("  V12=1"));
  assert.ok(lines.includes("  … and 28 more"));
});

test("a history that does not fit the layers says nothing about them", () => {
  const run = { ...inspection.image!.run!, history: [{ createdBy: "COPY x", emptyLayer: false }] };
  const found = { ...inspection, image: { ...inspection.image!, run } };
  assert.ok(inspectionScreen(found, "x", screen).includes("  444444444444    3.0 MiB  tar+gzip"));
});

test("a date that says nothing stands as it is", () => {
  for (const created of ["1970-01-01T00:00:00Z", "long ago"])
    assert.ok(
      inspectionScreen({ ...inspection, created }, "x", screen).includes(`Created  ${created}`),
    );
});

test("referrers have whole digests, as a tree and as a list", () => {
  const found = attachments.slice(0, 2);
  assert.deepEqual(attachmentTree(found), [
    `├─ sbom (spdx)            ${digest("a")}  application/spdx+json`,
    `│  └─ signature (cosign)  ${digest("b")}  application/vnd.dev.cosign.artifact.sig.v1+json`,
    `└─ signature (cosign)     ${digest("c")}  under sha256-000000000000….sig`,
  ]);
  assert.deepEqual(attachmentList(found), [
    `sbom (spdx)         ${digest("a")}  application/spdx+json`,
    `signature (cosign)  ${digest("c")}  under sha256-000000000000….sig`,
  ]);
});
