/** Images that tests and benches push, pull and copy. */
import { createCipheriv, createHash } from "node:crypto";

import { type Descriptor, mediaTypes, type Platform } from "../src/reference/descriptor.ts";
import { parsePlatform } from "../src/reference/platform.ts";
import { createDigester } from "../src/store/digester.ts";
import type { BlobSource } from "../src/store/store.ts";
import { archiveEnd, entryHead } from "../src/store/tar/writer.ts";
import { debianPackage, packageFile } from "./debian-package.ts";
import { ImageBuilder, json, type Layer, type TestImage } from "./image-builder.ts";

export type { TestImage } from "./image-builder.ts";

/** {@link busyboxImage}, with what is attached to its index. */
export interface BusyboxImage extends TestImage {
  /** SPDX, a referrer. */
  readonly sbom: Descriptor;
  /** As a referrer. */
  readonly signature: Descriptor;
  /** The same signature as an image under a tag of the digest's name, as older cosigns keep it. */
  readonly signatureTag: string;
}

const applets = "cat echo env id ls mkdir mount rm sh sleep true uname wc".split(" ");

/**
 * A real image: Debian's static busybox for linux/amd64 and linux/arm64, three layers each, of which two are the same
 * for both; with an SBOM and a signature attached. It runs `/bin/busybox`, by default `echo hello from busybox`.
 *
 * @returns `{ skip }` with the reason where the packages cannot be had
 */
export async function busyboxImage(): Promise<BusyboxImage | { readonly skip: string }> {
  const programs = new Map<string, Uint8Array>();
  try {
    for (const architecture of ["amd64", "arm64"]) {
      const deb = await debianPackage("busybox-static", architecture);
      programs.set(architecture, await packageFile(deb, "bin/busybox"));
    }
  } catch (error) {
    return { skip: (error as Error).message };
  }

  const builder = new ImageBuilder();
  const settings = await builder.addLayer([
    { name: "etc" },
    { name: "etc/motd", body: "Welcome to the wharf.\n" },
    { name: "etc/passwd", body: "root:x:0:0:root:/root:/bin/sh\n" },
  ]);
  const data = await builder.addLayer([
    { name: "srv" },
    { name: "srv/cargo", body: pseudoRandom("cargo", 0, 512 << 10) },
    { name: "tmp", mode: 0o1777 },
  ]);
  const platforms: Descriptor[] = [];
  for (const [architecture, program] of programs) {
    const links = applets.map((name) => ({ name: `bin/${name}`, link: "busybox" }));
    const files = [{ name: "bin" }, { name: "bin/busybox", body: program, mode: 0o755 }, ...links];
    const layers = [await builder.addLayer(files), settings, data];
    platforms.push(
      builder.addImage({ os: "linux", architecture }, layers, {
        Entrypoint: ["/bin/busybox"],
        Cmd: ["echo", "hello from busybox"],
        Env: ["PATH=/bin", "WHARF=yes"],
        Labels: { "org.opencontainers.image.title": "busybox" },
        WorkingDir: "/",
      }),
    );
  }
  const tag = "1.35";
  const root = builder.addIndex(platforms, {
    annotations: { "org.opencontainers.image.title": "busybox" },
  });
  const attached = attach(builder, root);
  return { ...builder.finish(tag, root, platforms), ...attached };
}

function attach(builder: ImageBuilder, root: Descriptor) {
  const spdx = {
    spdxVersion: "SPDX-2.3",
    SPDXID: "SPDXRef-DOCUMENT",
    name: "busybox",
    dataLicense: "CC0-1.0",
    packages: [{ name: "busybox-static", SPDXID: "SPDXRef-busybox", downloadLocation: "NONE" }],
  };
  const document = builder.addBlob("application/spdx+json", json(spdx), {
    "org.opencontainers.image.title": "busybox.spdx.json",
  });
  const payload = json({
    critical: {
      identity: { "docker-reference": "busybox" },
      image: { "docker-manifest-digest": root.digest },
      type: "cosign container image signature",
    },
    optional: null,
  });
  const signed = builder.addBlob("application/vnd.dev.cosign.simplesigning.v1+json", payload, {
    // Not a signature that anybody could check: these are only carried.
    "dev.cosignproject.cosign/signature": createHash("sha512").update(payload).digest("base64"),
  });
  const signatureTag = `${root.digest.replace(":", "-")}.sig`;
  const config = builder.addBlob(
    mediaTypes.ociConfig,
    json({ os: "", architecture: "", rootfs: { type: "layers", diff_ids: [signed.digest] } }),
  );
  builder.addManifest(
    { mediaType: mediaTypes.ociManifest, config, layers: [signed] },
    signatureTag,
  );
  const signatureType = "application/vnd.dev.cosign.artifact.sig.v1+json";
  return {
    sbom: builder.addArtifact(root, "application/spdx+json", document),
    signature: builder.addArtifact(root, signatureType, signed),
    signatureTag,
  };
}

export interface SyntheticOptions {
  /** Layers of each platform. @default 3 */
  readonly layers?: number;
  /** Bytes of a layer, rounded up to a multiple of 512; at least 2048. @default 65536 */
  readonly layerSize?: number;
  /** With several the tag names an index. @default ["linux/amd64"] */
  readonly platforms?: readonly string[];
  /** Other seeds make other content. @default "1" */
  readonly seed?: string;
  /** @default "latest" */
  readonly tag?: string;
}

/**
 * An image of any size, the same every time: each layer is a tar of one file of pseudo-random bytes, which are made when
 * they are read and never kept.
 */
export async function syntheticImage(options: SyntheticOptions = {}): Promise<TestImage> {
  const { layers = 3, layerSize = 64 << 10, seed = "1", tag = "latest" } = options;
  const builder = new ImageBuilder();
  const platforms: Descriptor[] = [];
  const wanted = (options.platforms ?? ["linux/amd64"]).map((text) => parsePlatform(text));
  for (const platform of wanted) {
    const made: Layer[] = [];
    for (let index = 0; index < layers; index++)
      made.push(await syntheticLayer(builder, platform, layerSize, `${seed}-${index}`));
    platforms.push(builder.addImage(platform, made, { Cmd: ["/none"] }));
  }
  const root = platforms.length > 1 ? builder.addIndex(platforms) : platforms[0];
  return builder.finish(tag, root!, platforms);
}

async function syntheticLayer(
  builder: ImageBuilder,
  { architecture }: Platform,
  layerSize: number,
  seed: string,
): Promise<Layer> {
  const end = archiveEnd();
  const size = Math.max(Math.ceil(layerSize / 512) * 512, 2048);
  const fileSize = size - 512 - end.byteLength;
  const head = entryHead({ name: `data-${seed}`, size: fileSize });
  const key = `${architecture}-${seed}`;
  const source: BlobSource = {
    size,
    replayable: true,
    async open(offset) {
      return after(offset, async function* () {
        yield head.slice();
        for (let at = 0; at < fileSize; at += 1 << 20)
          yield pseudoRandom(key, at, Math.min(1 << 20, fileSize - at));
        yield end.slice();
      });
    },
  };
  const digester = createDigester("sha256");
  for await (const chunk of await source.open(0)) await digester.update(chunk);
  const digest = await digester.digest();
  const descriptor = { mediaType: mediaTypes.ociLayer, digest, size };
  builder.addSource(descriptor, source);
  return { descriptor, diffId: digest };
}

async function* after(offset: number, open: () => AsyncIterable<Uint8Array>) {
  let position = 0;
  for await (const chunk of open()) {
    const from = Math.max(offset - position, 0);
    position += chunk.byteLength;
    if (from < chunk.byteLength) yield chunk.subarray(from);
  }
}

/** Bytes that no compression shrinks, the same for the same key and offset; the offset is a multiple of 16. */
export function pseudoRandom(key: string, offset: number, length: number): Uint8Array {
  const counter = Buffer.alloc(16);
  counter.writeBigUInt64BE(BigInt(offset / 16), 8);
  const secret = createHash("sha256").update(key).digest();
  return createCipheriv("aes-256-ctr", secret, counter).update(Buffer.alloc(length));
}
