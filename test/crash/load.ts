/** Several clients that push without end, and what was confirmed to them. */
import { contentOf, imageOf, noise } from "../../src/store/behaviours/content.ts";
import type { Content, Image } from "../../src/store/behaviours/content.ts";
import { pushOver, request } from "./pushing.ts";

/** What one client knows of its repository. */
export interface Client {
  readonly name: string;
  /** The image of each tag that was last confirmed; and the one whose push was cut off. */
  readonly tags: Map<string, { readonly confirmed: Image | undefined; readonly tried?: Image }>;
  /** Blobs that no manifest names. */
  readonly lone: Content[];
  count: number;
}

export function createClients(count: number): Client[] {
  return Array.from({ length: count }, (_, n) => ({
    name: `load/client-${n}`,
    tags: new Map(),
    lone: [],
    count: 0,
  }));
}

/** Layers that images of all clients share, so that some are always about to be collected. */
const shared = Array.from({ length: 3 }, (_, n) => contentOf(noise(20_000, `shared ${n}`)));

/**
 * Pushes until the server is gone. Each image takes one of three tags from another, which is garbage from then on.
 * @param onConfirmed told after each push
 */
export async function pushUntilCut(client: Client, url: string, onConfirmed: () => void) {
  for (;;) {
    const count = ++client.count;
    const tag = `t${count % 3}`;
    const image = imageWith(`${client.name} ${count}`, shared[count % shared.length]!);
    const confirmed = client.tags.get(tag)?.confirmed;
    client.tags.set(tag, { confirmed, tried: image });
    const lone = contentOf(noise(500, `${client.name} ${count} lone`));
    try {
      await pushOver(url, client.name, image, tag);
      client.tags.set(tag, { confirmed: image });
      onConfirmed();
      await pushOver(url, client.name, { ...image, blobs: [lone] }, undefined);
      client.lone.push(lone);
    } catch (error) {
      // What `fetch` throws where there is no answer.
      if (error instanceof TypeError) return;
      throw error;
    }
  }
}

/** An image that has a layer of its own and one that others have too. */
function imageWith(seed: string, layer: Content): Image {
  const { manifest, blobs } = imageOf(seed);
  const fields = JSON.parse(new TextDecoder().decode(manifest.bytes)) as { layers: object[] };
  const layers = [...fields.layers, layer.descriptor];
  const text = JSON.stringify({ ...fields, layers });
  return {
    manifest: contentOf(text, manifest.descriptor.mediaType),
    blobs: [...blobs, layer],
    children: [],
  };
}

/** Reads all that was confirmed. @returns what is missing or wrong */
export async function findLosses(client: Client, url: string): Promise<string[]> {
  const losses: string[] = [];
  const read = async (path: string, { bytes }: Content) => {
    const { status, body } = await request("GET", `${url}/v2/${client.name}/${path}`);
    if (status !== 200 || !body.equals(bytes)) losses.push(`${client.name}/${path}: ${status}`);
  };
  for (const blob of client.lone) await read(`blobs/${blob.descriptor.digest}`, blob);
  for (const [tag, { confirmed, tried }] of client.tags) {
    const { status, body } = await request("GET", `${url}/v2/${client.name}/manifests/${tag}`);
    const found = [confirmed, tried].find((image) => image && body.equals(image.manifest.bytes));
    if (found === undefined) {
      if (confirmed !== undefined || status !== 404)
        losses.push(`${client.name}:${tag}: ${status}`);
      continue;
    }
    client.tags.set(tag, { confirmed: found });
    for (const blob of found.blobs) await read(`blobs/${blob.descriptor.digest}`, blob);
  }
  return losses;
}
