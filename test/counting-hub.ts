/** A registry that counts pulls as Docker Hub does: each `GET` of a manifest is one, `HEAD` and blobs are none. */
import type { Descriptor } from "../src/reference/descriptor.ts";
import { mediaTypes } from "../src/reference/descriptor.ts";
import type { Digest } from "../src/reference/descriptor.ts";
import { digestOf } from "../src/reference/digest.ts";
import { json } from "./image-builder.ts";
import { startScriptedServer, type Recorded, type Reply } from "./scripted-server.ts";

export interface CountingHub {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  /** Pulls that are left; undefined where the registry states no limit. */
  remaining: number | undefined;
  /** Pulls counted so far. */
  readonly pulls: number;
  /** The fewest that were ever left. */
  readonly lowest: number;
  /** Called before each `HEAD` of a manifest is answered. */
  onHead: () => void;
  close(): Promise<void>;
}

/** Milliseconds are written in seconds, as Docker does. */
const window = "w=1";

/**
 * Starts a registry with the repository `library/app`: under each tag an index of so many images of two layers each.
 * @param tags images under each tag
 */
export async function startCountingHub(
  tags: Readonly<Record<string, number>>,
  { limit = 100, remaining = limit }: { limit?: number; remaining?: number } = {},
): Promise<CountingHub> {
  const manifests = new Map<string, { mediaType: string; bytes: Buffer; digest: Digest }>();
  const blobs = new Map<Digest, Buffer>();
  const addBlob = (mediaType: string, bytes: Buffer): Descriptor => {
    const digest = digestOf(bytes);
    blobs.set(digest, bytes);
    return { mediaType, digest, size: bytes.length };
  };
  const addManifest = (mediaType: string, document: object, tag?: string): Descriptor => {
    const bytes = json({ schemaVersion: 2, mediaType, ...document });
    const digest = digestOf(bytes);
    for (const name of [digest, ...(tag === undefined ? [] : [tag])])
      manifests.set(name, { mediaType, bytes, digest });
    return { mediaType, digest, size: bytes.length };
  };
  for (const [tag, count] of Object.entries(tags)) {
    const images = Array.from({ length: count }, (_, at) => {
      const platform = { os: "linux", architecture: ["amd64", "arm64"][at] ?? `cpu${at}` };
      const config = addBlob(mediaTypes.ociConfig, json({ ...platform, tag }));
      const layers = [`${tag}/${at}`, "shared"].map((text) =>
        addBlob(mediaTypes.ociLayerGzip, Buffer.from(text.padEnd(1000, "."))),
      );
      return { ...addManifest(mediaTypes.ociManifest, { config, layers }), platform };
    });
    addManifest(mediaTypes.ociIndex, { manifests: images }, tag);
  }

  const state = { remaining: remaining as number | undefined, pulls: 0, lowest: remaining };
  const hub = { onHead: () => {} };
  const limits = (): Record<string, string> =>
    state.remaining === undefined
      ? {}
      : {
          "ratelimit-limit": `${limit};${window}`,
          "ratelimit-remaining": `${state.remaining};${window}`,
          "docker-ratelimit-source": "192.0.2.1",
        };
  const answer = ({ method, path }: Recorded): Reply => {
    if (method === "HEAD") hub.onHead();
    const found = manifests.get(path.slice(path.lastIndexOf("/") + 1));
    if (!found) return { status: 404, body: { errors: [{ code: "MANIFEST_UNKNOWN" }] } };
    if (method === "GET") {
      if (state.remaining === 0) {
        const message = "You have reached your pull rate limit.";
        const body = { errors: [{ code: "TOOMANYREQUESTS", message }] };
        // No registry of Docker's says when to come back; a client that repeats at once is refused again.
        return { status: 429, headers: { ...limits(), "retry-after": "3600" }, body };
      }
      state.pulls += 1;
      if (state.remaining !== undefined) {
        state.remaining -= 1;
        state.lowest = Math.min(state.lowest, state.remaining);
      }
    }
    const { mediaType, bytes, digest } = found;
    const headers = { ...limits(), "content-type": mediaType, "docker-content-digest": digest };
    return { headers, body: bytes };
  };
  const server = await startScriptedServer([
    { request: { method: "GET", path: "/v2/" }, answer: { body: {} } },
    {
      request: { method: "GET", path: "/v2/library/app/tags/list" },
      answer: { body: { name: "library/app", tags: Object.keys(tags).toSorted() } },
    },
    { request: { method: "HEAD", path: /\/manifests\// }, answer },
    { request: { method: "GET", path: /\/manifests\// }, answer },
    { request: { method: "GET", path: /\/referrers\// }, answer: { status: 404 } },
    {
      request: { method: "GET", path: /\/blobs\// },
      answer: ({ path }) => ({ body: blobs.get(path.slice(path.lastIndexOf("/") + 1)) }),
    },
  ]);
  return {
    host: server.host,
    get remaining() {
      return state.remaining;
    },
    set remaining(left) {
      state.remaining = left;
    },
    get pulls() {
      return state.pulls;
    },
    get lowest() {
      return state.lowest;
    },
    get onHead() {
      return hub.onHead;
    },
    set onHead(call) {
      hub.onHead = call;
    },
    close: () => server.close(),
  };
}
