/** Images of the seed that have no bill of materials of their own: Scout knows what is in them all the same. */
import type { Digest } from "../../../reference/descriptor.ts";
import { parseManifest } from "../../../reference/manifest.ts";
import { createMemoryRepository } from "../../../store/memory.ts";
import type { Repository } from "../../../store/store.ts";
import { sbomOf } from "../../seed/attestations.ts";
import { pushHello } from "../../seed/hello.ts";
import { ready } from "../../seed/ready.ts";
import { packagesIn } from "../sbom/documents.ts";
import type { FoundPackage } from "../sbom/package.ts";

/** The version of `plain`, where a seed says none. */
const plainVersion = "1.0";

/** One version of the program, as a seed places it. */
export interface Seeded {
  readonly repository: Repository;
  readonly index: Digest;
  readonly images: readonly {
    readonly digest: string;
    readonly platform: string;
    /** Bytes, compressed. */
    readonly size: number;
  }[];
}

let packages: ReadonlyMap<string, readonly FoundPackage[]> | undefined;
const made = new Map<string, Promise<Seeded>>();

/** By the digest of an image: of the one that seeds place, for what is built here may be compressed otherwise. */
export function seededPackages(): ReadonlyMap<string, readonly FoundPackage[]> {
  if (packages) return packages;
  const { predicate } = sbomOf(plainVersion, { mediaType: "", digest: "sha256:", size: 0 }, "");
  const found = packagesIn(predicate) ?? [];
  const { rows } = ready().images["plain"]!;
  packages = new Map(rows.map(({ descriptor: { digest } }) => [digest, found]));
  return packages;
}

/** A version of the program, apart from any registry. @param attested as pipelines build it */
export function seeded(version: string, attested: boolean): Promise<Seeded> {
  const key = `${version} ${attested}`;
  let known = made.get(key);
  if (!known) made.set(key, (known = make(version, attested)));
  return known;
}

async function make(version: string, attested: boolean): Promise<Seeded> {
  const repository = createMemoryRepository();
  const index = await pushHello(repository, version, { attested });
  const read = async (digest: string) => {
    const { bytes, descriptor } = await repository.fetchManifest(digest);
    return parseManifest(bytes, descriptor.mediaType);
  };
  const parsed = await read(index);
  const images: Seeded["images"][number][] = [];
  for (const { digest, platform } of parsed.kind === "index" ? parsed.manifests : []) {
    if (platform === undefined || platform.os === "unknown") continue;
    const manifest = await read(digest);
    if (manifest.kind !== "image") continue;
    images.push({
      digest,
      platform: `${platform.os}/${platform.architecture}`,
      size: manifest.layers.reduce((sum, layer) => sum + layer.size, 0),
    });
  }
  return { repository, index, images };
}
