/** A repository of 10,000 tags, listed. */
import type { Line } from "../line.ts";
import { regctlHosts, rivals, wharf } from "../peers.ts";
import { startRegistry } from "../registry.ts";

const repository = "bench/tags";

async function fill(host: string, tags: number): Promise<void> {
  const url = `http://${host}/v2/${repository}`;
  const config = "{}";
  const digest = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
  const started = await fetch(`${url}/blobs/uploads/`, { method: "POST" });
  const location = new URL(started.headers.get("location")!, url);
  location.searchParams.set("digest", digest);
  await fetch(location, { method: "PUT", body: config });
  const mediaType = "application/vnd.oci.image.manifest.v1+json";
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType,
    config: { mediaType: "application/vnd.oci.image.config.v1+json", digest, size: config.length },
    layers: [],
  });
  let next = 0;
  const worker = async () => {
    for (let tag = next++; tag < tags; tag = next++) {
      const answer = await fetch(`${url}/manifests/tag-${tag}`, {
        method: "PUT",
        headers: { "content-type": mediaType },
        body: manifest,
      });
      if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
    }
  };
  await Promise.all(Array.from({ length: 4 }, worker));
}

export const tags: Line = {
  title: "list 10,000 tags",
  rounds: 5,
  warmUp: 1,
  async prepare() {
    const registry = await startRegistry();
    await fill(registry.host, 10_000);
    const name = `${registry.host}/${repository}`;
    const contenders = [
      { name: "wharf", command: () => wharf("tags", name) },
      ...rivals({
        crane: { command: () => ["crane", "ls", name] },
        regctl: { command: () => ["regctl", ...regctlHosts(registry.host), "tag", "ls", name] },
        oras: { command: () => ["oras", "repo", "tags", "--plain-http", name] },
        skopeo: {
          command: () => ["skopeo", "list-tags", "--tls-verify=false", `docker://${name}`],
        },
      }),
    ];
    return { contenders, close: () => registry.close() };
  },
};
