/** Repositories that follow others: by a file, tag by tag. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "../../src/registry/index.ts";
import { ImageBuilder } from "../../test/image-builder.ts";
import type { Line } from "../line.ts";
import { rivals, wharf } from "../peers.ts";
import { startRegistry } from "../registry.ts";

const repository = "bench/tags";

/** Images of two small layers, one of which is the same for all. */
async function fill(host: string, count: number): Promise<void> {
  const builder = new ImageBuilder();
  const base = await builder.addLayer([{ name: "base", body: "the same for all" }]);
  const registry = connect(host);
  const store = registry.repository(repository);
  for (let i = 0; i < count; i += 1) {
    const own = await builder.addLayer([{ name: "own", body: `of ${i}` }]);
    const image = builder.addImage({ os: "linux", architecture: "amd64" }, [base, own]);
    const { blobs, manifests } = builder.finish(`v1.${i}.0`, image, [image]);
    for (const { descriptor, source } of i === 0 ? blobs : blobs.slice(-2))
      await store.pushBlob(descriptor, source);
    const { bytes, descriptor, tag } = manifests.at(-1)!;
    await store.pushManifest({ bytes, descriptor }, { tag: tag! });
  }
  await registry.close();
}

/** Files that say the same to each; skopeo's destination stands on its command line. */
function files(source: string, target: string) {
  const folder = mkdtempSync(join(tmpdir(), "wharf-bench-"));
  const write = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  const creds = [source, target].map((host) => `{ registry: "${host}", tls: disabled }`);
  const names = `source: ${source}/${repository}, target: ${target}/${repository}`;
  const ours = write("wharf.yaml", `sync: [{ ${names}, referrers: false }]`);
  const theirs = write(
    "regsync.yaml",
    `version: 1\ncreds: [${creds.join(", ")}]\ndefaults: { parallel: 6 }\nsync: [{ ${names}, type: repository }]`,
  );
  const skopeo = write(
    "skopeo.yaml",
    `${source}: { tls-verify: false, images: { ${repository}: [] } }`,
  );
  const from = ["--src", "yaml", "--dest", "docker", "--dest-tls-verify=false", skopeo];
  return {
    commands: {
      wharf: wharf("sync", ours, "--quiet"),
      regsync: ["regsync", "once", "-c", theirs],
      skopeo: ["skopeo", "--insecure-policy", "sync", ...from, `${target}/bench`],
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function line(title: string, count: number, prefilled: boolean): Line {
  return {
    title,
    rounds: 3,
    warmUp: prefilled ? 1 : 0,
    async prepare() {
      const [source, target] = [await startRegistry(), await startRegistry()];
      await fill(source.host, count);
      if (prefilled) await fill(target.host, count);
      const { commands, remove } = files(source.host, target.host);
      const reset = prefilled ? undefined : target.empty;
      const contenders = [
        { name: "wharf", command: () => commands.wharf, ...(reset && { reset }) },
        ...rivals(
          {
            regsync: { command: () => commands.regsync },
            skopeo: { command: () => commands.skopeo },
          },
          reset,
        ),
      ];
      const close = async () => {
        remove();
        await source.close();
        await target.close();
      };
      return { contenders, close };
    },
  };
}

export const fresh = line("sync 300 small images", 300, false);
export const unchanged = line("sync 300 images that are there", 300, true);
