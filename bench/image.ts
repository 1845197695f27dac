/** Images of random layers, written as an OCI layout, which every contender's registry is then filled from. */
import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const hash = (data: Uint8Array) => createHash("sha256").update(data).digest("hex");

/** Writes a layout with one image of `count` layers of `size` bytes, tagged `latest`. */
export function writeImageLayout(folder: string, count: number, size: number): void {
  const blobs = join(folder, "blobs", "sha256");
  mkdirSync(blobs, { recursive: true });
  const put = (data: Uint8Array, mediaType: string) => {
    const hex = hash(data);
    writeFileSync(join(blobs, hex), data);
    return { mediaType, digest: `sha256:${hex}`, size: data.length };
  };
  const layers = Array.from({ length: count }, () =>
    put(randomBytes(size), "application/vnd.oci.image.layer.v1.tar"),
  );
  const rootfs = { type: "layers", diff_ids: layers.map(({ digest }) => digest) };
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

/** Writes a file of random bytes and returns its digest. */
export function writeRandomFile(file: string, size: number): string {
  const sum = createHash("sha256");
  const piece = 1 << 24;
  writeFileSync(file, "");
  for (let written = 0; written < size; written += piece) {
    const data = randomBytes(Math.min(piece, size - written));
    sum.update(data);
    writeFileSync(file, data, { flag: "a" });
  }
  return `sha256:${sum.digest("hex")}`;
}
