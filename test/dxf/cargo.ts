/** What registries hold before the programs come: blobs, aliases and images of several platforms. */
import { digestOf } from "../../src/reference/digest.ts";
import { mediaTypes } from "../../src/reference/descriptor.ts";

export const sha = (text: string): string => digestOf(Buffer.from(text));

/** Says to a registry what it needs to know, with nothing of ours in between. */
export class Cargo {
  readonly #base: string;

  /** @param host `HOST:PORT`, spoken to over http */
  constructor(host: string, repository: string) {
    this.#base = `http://${host}/v2/${repository}`;
  }

  async blob(text: string): Promise<{ digest: string; size: number }> {
    const digest = sha(text);
    const opened = await fetch(`${this.#base}/blobs/uploads/`, { method: "POST" });
    const place = new URL(opened.headers.get("location")!, opened.url);
    place.searchParams.set("digest", digest);
    await expect(fetch(place, { method: "PUT", body: text }), 201);
    return { digest, size: Buffer.byteLength(text) };
  }

  async manifest(document: object, mediaType: string, tag?: string) {
    const body = JSON.stringify(document);
    const digest = sha(body);
    await expect(
      fetch(`${this.#base}/manifests/${tag ?? digest}`, {
        method: "PUT",
        headers: { "content-type": mediaType },
        body,
      }),
      201,
    );
    return { mediaType, digest, size: Buffer.byteLength(body) };
  }

  /** @param named whether the manifest says what it is */
  async image(label: string, tag?: string, { layers = 2, named = true } = {}) {
    const config = { ...(await this.blob(`{"os":"linux","label":"${label}"}`)) };
    const all = [];
    for (let at = 0; at < layers; at += 1)
      all.push({
        mediaType: mediaTypes.ociLayer,
        ...(await this.blob(`${label} ${at};`.repeat(at + 1))),
      });
    const mediaType = mediaTypes.ociManifest;
    return this.manifest(
      {
        schemaVersion: 2,
        ...(named && { mediaType }),
        config: { mediaType: mediaTypes.ociConfig, ...config },
        layers: all,
      },
      mediaType,
      tag,
    );
  }

  async index(tag: string, manifests: readonly object[], mediaType: string = mediaTypes.ociIndex) {
    return this.manifest({ schemaVersion: 2, mediaType, manifests }, mediaType, tag);
  }

  /** Blobs `abc` and `def` with aliases `one`, `twin` and `both`; images under `multi`, `list`, `nested`, … */
  async load(): Promise<void> {
    const [abc, def] = [await this.blob("abc"), await this.blob("def")];
    await this.blob("loose");
    for (const [tag, blobs] of [
      ["one", [abc]],
      ["twin", [abc]],
      ["both", [abc, def]],
    ] as const)
      await this.alias(tag, blobs);
    const arm = await this.image("arm");
    const amd = await this.image("amd");
    const on = (os: string, architecture: string, more = {}) => ({
      platform: { os, architecture, ...more },
    });
    const amd64 = { ...amd, ...on("linux", "amd64") };
    const attached = [];
    for (const label of ["first", "second"])
      attached.push({
        ...(await this.image(label, undefined, { layers: 1 })),
        ...on("unknown", "unknown"),
      });
    const manifests = [{ ...arm, ...on("linux", "arm", { variant: "v7" }) }, amd64];
    await this.index("multi", [...manifests, ...attached]);
    const docker = [];
    for (const manifest of manifests) docker.push(manifest);
    await this.index("list", docker, mediaTypes.dockerManifestList);
    await this.index("strange", [{ ...amd, ...on("linux", "amd64", { variant: "caf\u00e9😀" }) }]);
    await this.index("empty", []);
    await this.index("nameless", [amd]);
    const inner = await this.index("inner", [amd64]);
    await this.index("nested", [{ ...inner, ...on("linux", "amd64") }]);
    await this.image("single", "single");
    await this.image("bare", "bare", { named: false });
  }

  /** An alias whose manifest is not spelled as dxf does. */
  private async alias(tag: string, blobs: readonly { digest: string; size: number }[]) {
    const mediaType = mediaTypes.dockerManifest;
    const layers = blobs.map((blob) => ({ mediaType: "application/octet-stream", ...blob }));
    const config = { mediaType: mediaTypes.dockerConfig, ...blobs[0]! };
    await this.manifest({ schemaVersion: 2, mediaType, config, layers }, mediaType, tag);
  }

  /** Tags with the digests they stand for, and which of some blobs are there. */
  async state(blobs: readonly string[]): Promise<object> {
    const listed = await fetch(`${this.#base}/tags/list`);
    const { tags } = listed.ok
      ? ((await listed.json()) as { tags: string[] | null })
      : { tags: [] };
    const found: Record<string, string | number | null> = {};
    for (const tag of (tags ?? []).toSorted()) {
      const accept = [
        mediaTypes.dockerManifest,
        mediaTypes.dockerManifestList,
        mediaTypes.ociManifest,
        mediaTypes.ociIndex,
      ];
      const headers = { accept: accept.join(", ") };
      const answer = await fetch(`${this.#base}/manifests/${tag}`, { method: "HEAD", headers });
      found[tag] = answer.headers.get("docker-content-digest");
    }
    for (const digest of blobs)
      found[digest] = (await fetch(`${this.#base}/blobs/${digest}`, { method: "HEAD" })).status;
    return found;
  }
}

async function expect(answer: Promise<Response>, status: number): Promise<void> {
  const { status: got, url } = await answer;
  if (got !== status) throw new Error(`${url}: ${got}`);
}
