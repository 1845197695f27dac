/** A client that pushes as docker does: looks for each blob, sends those that are missing, then the manifest. */
import type { Content, Image } from "../../src/store/behaviours/content.ts";

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** How often a client tries again that was told that a blob has gone since it looked. */
const attempts = 20;

/** @param content what is sent, with its media type */
export async function request(method: string, url: string, content?: Content): Promise<Answer> {
  const response = await fetch(url, {
    method,
    ...(content && {
      body: Buffer.from(content.bytes),
      headers: { "content-type": content.descriptor.mediaType },
    }),
  });
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: Buffer.from(await response.arrayBuffer()),
  };
}

/** Pushes an image under a tag or, without one, its blobs only. @throws where something was not confirmed */
export async function pushOver(
  url: string,
  name: string,
  image: Image,
  tag: string | undefined,
): Promise<void> {
  for (const child of image.children)
    await pushOver(url, name, child, child.manifest.descriptor.digest);
  for (let attempt = 1; ; attempt++) {
    for (const blob of image.blobs) await pushBlob(url, name, blob);
    if (tag === undefined) return;
    const answer = await request("PUT", `${url}/v2/${name}/manifests/${tag}`, image.manifest);
    if (answer.status === 201) return;
    const gone = answer.body.includes("MANIFEST_BLOB_UNKNOWN");
    if (!gone || attempt === attempts) throw unexpected(answer);
  }
}

async function pushBlob(url: string, name: string, blob: Content): Promise<void> {
  const { digest } = blob.descriptor;
  const found = await request("HEAD", `${url}/v2/${name}/blobs/${digest}`);
  if (found.status === 200) return;
  const answer = await request("POST", `${url}/v2/${name}/blobs/uploads/?digest=${digest}`, blob);
  if (answer.status !== 201) throw unexpected(answer);
}

function unexpected({ status, body }: Answer): Error {
  return new Error(`answered ${status}: ${body.toString()}`);
}
