/** Pushes without a client. */
import assert from "node:assert/strict";

import { registryFor } from "./registry-calls.ts";
import type { Stage } from "./stage.ts";

/**
 * What puts the image that `latest` names under another tag.
 * @returns the status of the answer
 */
export async function pusher(
  at: Stage,
  who: string,
  repository: string,
): Promise<(tag: string) => Promise<number>> {
  const call = await registryFor(at, who, repository);
  const manifest = await call("GET", "manifests/latest");
  assert.equal(manifest.status, 200);
  const type = manifest.headers.get("content-type")!;
  const body = await manifest.text();
  return async (tag) => (await call("PUT", `manifests/${tag}`, body, type)).status;
}
