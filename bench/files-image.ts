/** An image of real files in compressed layers, as people have them: many small ones, some large, half of it repetition. */
import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, openSync, closeSync, renameSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";

import { padding } from "../src/store/tar/reader.ts";
import { archiveEnd, entryHead } from "../src/store/tar/writer.ts";
import { KiB } from "./units.ts";

const sizes = [0.3, 1, 2, 4, 8, 12, 20, 40, 100, 300].map((size) => Math.round(size * KiB));

/** Bytes that shrink to about two fifths. */
function material(length: number): Buffer {
  const words = "the of image layer file digest registry return const function import ".repeat(20);
  const made = Buffer.alloc(length);
  const noise = randomBytes(length);
  for (let at = 0; at < length; at += 96) {
    made.write(words.slice((at / 96) % 600), at);
    noise.copy(made, at, at, at + 32);
  }
  return made;
}

/** Writes a layout with one image of `count` layers, each `size` bytes unpacked, tagged `latest`. */
export async function writeFilesLayout(folder: string, count: number, size: number): Promise<void> {
  const blobs = join(folder, "blobs", "sha256");
  mkdirSync(blobs, { recursive: true });
  const put = (bytes: Buffer, mediaType: string) => {
    const hex = createHash("sha256").update(bytes).digest("hex");
    writeFileSync(join(blobs, hex), bytes);
    return { mediaType, digest: `sha256:${hex}`, size: bytes.length };
  };
  const layers: { mediaType: string; digest: string; size: number }[] = [];
  const diffIds: string[] = [];
  for (let layer = 0; layer < count; layer++) {
    const plain = createHash("sha256");
    const packed = createHash("sha256");
    const path = join(folder, "layer");
    const file = openSync(path, "w");
    let length = 0;
    await pipeline(
      async function* () {
        for (const chunk of filesOf(layer, size)) {
          plain.update(chunk);
          yield chunk;
        }
      },
      createGzip({ level: 6 }),
      async function (chunks) {
        for await (const chunk of chunks as AsyncIterable<Buffer>) {
          packed.update(chunk);
          length += writeSync(file, chunk);
        }
      },
    );
    closeSync(file);
    const hex = packed.digest("hex");
    renameSync(path, join(blobs, hex));
    const mediaType = "application/vnd.oci.image.layer.v1.tar+gzip";
    layers.push({ mediaType, digest: `sha256:${hex}`, size: length });
    diffIds.push(`sha256:${plain.digest("hex")}`);
  }
  const rootfs = { type: "layers", diff_ids: diffIds };
  const config = put(
    Buffer.from(JSON.stringify({ architecture: "amd64", os: "linux", config: {}, rootfs })),
    "application/vnd.oci.image.config.v1+json",
  );
  const mediaType = "application/vnd.oci.image.manifest.v1+json";
  const manifest = put(
    Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, config, layers })),
    mediaType,
  );
  const annotations = { "org.opencontainers.image.ref.name": "latest" };
  writeFileSync(join(folder, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
  writeFileSync(
    join(folder, "index.json"),
    JSON.stringify({ schemaVersion: 2, manifests: [{ ...manifest, annotations }] }),
  );
}

/** A tar of files, every tenth of which the layer above replaces. */
function* filesOf(layer: number, size: number): Generator<Uint8Array> {
  const bytes = material(4 << 20);
  let written = 0;
  for (let at = 0; written < size; at++) {
    const length = sizes[at % sizes.length]!;
    const folder = at % 10 === 0 ? "shared" : `layer-${layer}`;
    const head = entryHead({ name: `usr/${folder}/${at % 100}/file-${at}`, size: length });
    const start = (at * 4099) % (bytes.length - length);
    yield head;
    yield bytes.subarray(start, start + length);
    yield new Uint8Array(padding(length));
    written += head.byteLength + length + padding(length);
  }
  yield archiveEnd();
}
