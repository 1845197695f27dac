/** The same images as our data directory and as docker-registry's, written as files: pushing them would take minutes. */
import { createHash } from "node:crypto";
import { linkSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

export interface Amount {
  readonly repositories: number;
  /** In each repository; every other one has a tag. */
  readonly images: number;
  /** Of each image, its configuration included. */
  readonly blobs: number;
}

interface Blob {
  readonly digest: string;
  readonly size: number;
}

/** Where one registry keeps what it is given. */
interface Writer {
  blob(repository: string, bytes: string): Blob;
  manifest(repository: string, bytes: string, tag: string | undefined): void;
  close(): void;
}

const manifestType = "application/vnd.oci.image.manifest.v1+json";

/** Writes the images into a folder, for each kind of registry. */
export function writeStores(ours: string, docker: string, amount: Amount): void {
  for (const writer of [ourWriter(ours), dockerWriter(docker)]) {
    for (let r = 0; r < amount.repositories; r++) {
      for (let i = 0; i < amount.images; i++) {
        const name = `bench/app${r}`;
        const blobs = Array.from({ length: amount.blobs }, (_, b) =>
          writer.blob(name, `blob ${r} ${i} ${b}`.padEnd(400, "x")),
        );
        const [config, ...layers] = blobs.map((blob, b) => ({
          mediaType: `application/vnd.oci.image.${b ? "layer.v1.tar" : "config.v1+json"}`,
          ...blob,
        }));
        const manifest = { schemaVersion: 2, mediaType: manifestType, config, layers };
        writer.manifest(name, JSON.stringify(manifest), i % 2 ? `v${i}` : undefined);
      }
    }
    writer.close();
  }
}

function ourWriter(root: string): Writer {
  const entries = new Map<string, object[]>();
  const folderOf = (name: string) => join(root, "repositories", name.replaceAll("/", "+"));
  const blob = (name: string, bytes: string) => {
    const described = describe(bytes);
    const hex = described.digest.slice(7);
    const path = join(folderOf(name), "blobs", "sha256", hex);
    write(path, bytes);
    mkdirSync(join(root, "pool", "sha256"), { recursive: true });
    linkSync(path, join(root, "pool", "sha256", hex));
    return described;
  };
  return {
    blob,
    manifest(name, bytes, tag) {
      const entry = {
        mediaType: manifestType,
        ...blob(name, bytes),
        ...(tag && { annotations: { "org.opencontainers.image.ref.name": tag } }),
      };
      entries.set(name, [...(entries.get(name) ?? []), entry]);
    },
    close() {
      for (const [name, manifests] of entries) {
        write(join(folderOf(name), "oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
        write(join(folderOf(name), "index.json"), JSON.stringify({ schemaVersion: 2, manifests }));
      }
    },
  };
}

/** The filesystem driver's layout: distribution's `registry/storage/paths.go` describes it. */
function dockerWriter(root: string): Writer {
  const top = join(root, "docker", "registry", "v2");
  const put = (bytes: string) => {
    const described = describe(bytes);
    const hex = described.digest.slice(7);
    write(join(top, "blobs", "sha256", hex.slice(0, 2), hex, "data"), bytes);
    return { ...described, hex };
  };
  return {
    blob(name, bytes) {
      const { hex, ...described } = put(bytes);
      write(join(top, "repositories", name, "_layers", "sha256", hex, "link"), described.digest);
      return described;
    },
    manifest(name, bytes, tag) {
      const { digest, hex } = put(bytes);
      const manifests = join(top, "repositories", name, "_manifests");
      write(join(manifests, "revisions", "sha256", hex, "link"), digest);
      if (tag === undefined) return;
      write(join(manifests, "tags", tag, "current", "link"), digest);
      write(join(manifests, "tags", tag, "index", "sha256", hex, "link"), digest);
    },
    close() {},
  };
}

function describe(bytes: string): Blob {
  const hex = createHash("sha256").update(bytes).digest("hex");
  return { digest: `sha256:${hex}`, size: Buffer.byteLength(bytes) };
}

function write(path: string, bytes: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
}
