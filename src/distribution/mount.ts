/** Blobs taken over from another repository: distribution-spec 1.1, "Mounting a blob from another repository". */
import type { Digest } from "../reference/descriptor.ts";
import { checkRepositoryName } from "../reference/reference.ts";
import type { Exchange } from "./exchange.ts";
import { Refusal } from "./refusal.ts";

/** Repositories that are searched for a mount which names none; more would make a slow answer where an upload does. */
const searchLimit = 1000;

/**
 * Mounts the blob, from the repository `from` or from any that the caller may pull from.
 * @returns false where that cannot be done, and the blob must be uploaded
 */
export async function mount(
  exchange: Exchange,
  name: string,
  digest: Digest,
  from: string | undefined,
): Promise<boolean> {
  const target = exchange.repository(name);
  const { signal } = exchange;
  const candidates = from === undefined ? search(exchange) : [checkRepositoryName(from)];
  for await (const candidate of candidates) {
    const source = exchange.repository(candidate);
    if (!target.canMount(source) || exchange.permit?.mayPull(candidate) === false) continue;
    const blob = await source.statBlob(digest, { signal });
    if (!blob || !(exchange.permit || (await mayPull(exchange, candidate)))) continue;
    if (candidate !== name && !(await target.mountBlob(blob, source, { signal }))) continue;
    const { size } = blob;
    exchange.event({
      action: "mount",
      kind: "blob",
      repository: name,
      digest,
      size,
      from: candidate,
    });
    return true;
  }
  return false;
}

async function* search(exchange: Exchange): AsyncGenerator<string> {
  let searched = 0;
  for await (const name of exchange.collection.listRepositories({ signal: exchange.signal })) {
    if (searched++ === searchLimit) return;
    yield name;
  }
}

async function mayPull(exchange: Exchange, name: string): Promise<boolean> {
  try {
    await exchange.options.authorize?.(exchange.request, {
      type: "repository",
      name,
      actions: ["pull"],
    });
    return true;
  } catch (error) {
    if (error instanceof Refusal && (error.status === 401 || error.status === 403)) return false;
    throw error;
  }
}
