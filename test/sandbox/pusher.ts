/** Pushes without a client. */
import assert from "node:assert/strict";

import type { Stage } from "./stage.ts";

/**
 * What puts the image that `latest` names under another tag.
 * @returns the status of the answer
 */
export async function pusher(
  { sandbox }: Stage,
  who: string,
  repository: string,
): Promise<(tag: string) => Promise<number>> {
  const response = await fetch(
    `${sandbox.url}/token?service=registry.docker.io&scope=repository:${repository}:pull,push`,
    { headers: { authorization: `Basic ${btoa(`${who}:${who}-password`)}` } },
  );
  const { token } = (await response.json()) as { token: string };
  const authorization = `Bearer ${token}`;
  const path = `${sandbox.url}/v2/${repository}/manifests`;
  const manifest = await fetch(`${path}/latest`, { headers: { authorization } });
  assert.equal(manifest.status, 200);
  const type = manifest.headers.get("content-type")!;
  const body = await manifest.text();
  return async (tag) => {
    const headers = { authorization, "content-type": type };
    return (await fetch(`${path}/${tag}`, { method: "PUT", headers, body })).status;
  };
}
