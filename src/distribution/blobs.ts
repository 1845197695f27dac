/** Blobs: distribution-spec 1.1, "Pulling blobs", "Deleting Blobs"; ranges and conditions as in RFC 9110. */
import type { Digest } from "../reference/descriptor.ts";
import { parseDigest } from "../reference/digest.ts";
import { send } from "./send.ts";
import type { Exchange } from "./exchange.ts";
import { type OpenBlob, openBlob } from "./openBlob.ts";
import { etagOf, matchesDigest, parseRange } from "./range.ts";
import { Refusal } from "./refusal.ts";
import type { Route } from "./route.ts";

type BlobRoute = Extract<Route, { kind: "blob" }>;

/** Content under a digest never changes, so a cache never needs to ask again. */
export const immutable = "max-age=31536000, immutable";

/** GET and HEAD. */
export async function getBlob(exchange: Exchange, { name, digest }: BlobRoute): Promise<void> {
  parseDigest(digest);
  const repository = exchange.repository(name);
  const { request, signal } = exchange;
  if (request.method === "HEAD" || request.headers["if-none-match"] !== undefined) {
    const blob = await repository.statBlob(digest, { signal });
    if (!blob) throw unknown(name, digest);
    if (matchesDigest(exchange.header("if-none-match"), digest))
      return exchange.reply(304, headersOf(digest));
    if (request.method === "HEAD")
      return exchange.reply(200, { ...headersOf(digest), "content-length": blob.size });
  }
  const blob = await openBlob(repository, digest, signal);
  if (!blob) throw unknown(name, digest);
  try {
    await sendBlob(exchange, digest, blob);
  } finally {
    await blob.close();
  }
  exchange.event({ action: "pull", kind: "blob", repository: name, digest, size: blob.size });
}

async function sendBlob(exchange: Exchange, digest: Digest, blob: OpenBlob): Promise<void> {
  const { size } = blob;
  const condition = exchange.header("if-range");
  const range =
    condition === undefined || condition === etagOf(digest)
      ? parseRange(exchange.header("range"), size)
      : undefined;
  if (range === "unsatisfiable")
    throw new Refusal("SIZE_INVALID", `the blob has ${size} bytes; none lie in that range`, {
      status: 416,
      headers: { "content-range": `bytes */${size}` },
    });

  const { start, end } = range ?? { start: 0, end: size - 1 };
  const length = end - start + 1;
  const bytes = await blob.read(start, length);
  exchange.response.writeHead(range ? 206 : 200, {
    "docker-distribution-api-version": "registry/2.0",
    ...headersOf(digest),
    "content-length": length,
    ...(range && { "content-range": `bytes ${start}-${end}/${size}` }),
  });
  await send(exchange, bytes, length);
}

function headersOf(digest: Digest) {
  return {
    "content-type": "application/octet-stream",
    "docker-content-digest": digest,
    etag: etagOf(digest),
    "accept-ranges": "bytes",
    "cache-control": immutable,
  };
}

function unknown(name: string, digest: Digest): Refusal {
  return new Refusal("BLOB_UNKNOWN", `${name} has no blob ${digest}`);
}

export async function deleteBlob(exchange: Exchange, { name, digest }: BlobRoute): Promise<void> {
  parseDigest(digest);
  const { signal } = exchange;
  await exchange.repository(name).deleteBlob(digest, { signal });
  exchange.event({ action: "delete", kind: "blob", repository: name, digest });
  exchange.reply(202, {});
}
