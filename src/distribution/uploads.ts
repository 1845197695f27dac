/** Blobs on their way in: distribution-spec 1.1, "Pushing blobs"; cancelling and `digest-algorithm` from its main branch. */
import type { Digest } from "../reference/descriptor.ts";
import { parseDigest } from "../reference/digest.ts";
import { name as repositoryName, path } from "../reference/path.ts";
import type { Upload } from "../store/store.ts";
import { hasBody, receive } from "./receive.ts";
import type { Exchange } from "./exchange.ts";
import { mount } from "./mount.ts";
import { parseContentRange } from "./range.ts";
import { Refusal } from "./refusal.ts";
import type { Route } from "./route.ts";
import type { Turns } from "./turns.ts";

type UploadsRoute = Extract<Route, { kind: "uploads" }>;
type UploadRoute = Extract<Route, { kind: "upload" }>;

/** POST: starts an upload, or does without one by a mount or by taking the whole blob at once. */
export async function startUpload(exchange: Exchange, { name }: UploadsRoute): Promise<void> {
  const { query } = exchange;
  const mounted = query.get("mount");
  if (mounted !== null) {
    parseDigest(mounted);
    if (await mount(exchange, name, mounted, query.get("from") ?? undefined))
      return created(exchange, name, mounted);
  }
  const digest = query.get("digest");
  const algorithm =
    digest === null ? (query.get("digest-algorithm") ?? undefined) : parseDigest(digest).algorithm;
  if (algorithm !== undefined && algorithm !== "sha256" && algorithm !== "sha512")
    throw new Refusal("DIGEST_INVALID", "digests may be sha256 or sha512");

  const upload = await exchange.repository(name).createUpload(algorithm ? { algorithm } : {});
  if (digest === null) return exchange.reply(202, progress(name, upload));
  try {
    await upload.append(receive(exchange), { offset: 0, signal: exchange.signal });
  } catch (error) {
    // Nobody has been told of this upload, so nobody can resume it.
    await upload.cancel();
    throw error;
  }
  await commit(exchange, name, upload, digest);
}

/** GET: how far the upload is. */
export async function getUpload(exchange: Exchange, { name, id }: UploadRoute): Promise<void> {
  const upload = await exchange.repository(name).openUpload(id);
  exchange.reply(204, progress(name, upload));
}

/** PATCH: takes a piece, with `Content-Range`, or a stream to the upload's end. */
export async function patchUpload(
  exchange: Exchange,
  { name, id }: UploadRoute,
  turns: Turns,
): Promise<void> {
  await turns.take(`${name} ${id}`, exchange.signal, async (signal) => {
    const upload = await exchange.repository(name).openUpload(id);
    await append(exchange, name, upload, signal);
    exchange.reply(202, progress(name, upload));
  });
}

/** PUT: takes the last piece, where there is one, and makes the blob. */
export async function putUpload(
  exchange: Exchange,
  { name, id }: UploadRoute,
  turns: Turns,
): Promise<void> {
  const digest = exchange.query.get("digest");
  if (!digest) throw new Refusal("DIGEST_INVALID", "the last request names the blob: ?digest=");
  parseDigest(digest);
  await turns.take(`${name} ${id}`, exchange.signal, async (signal) => {
    const upload = await exchange.repository(name).openUpload(id);
    if (hasBody(exchange.request)) await append(exchange, name, upload, signal);
    await commit(exchange, name, upload, digest);
  });
}

/** DELETE: forgets the upload. */
export async function cancelUpload(
  exchange: Exchange,
  { name, id }: UploadRoute,
  turns: Turns,
): Promise<void> {
  await turns.take(`${name} ${id}`, exchange.signal, async () => {
    const upload = await exchange.repository(name).openUpload(id);
    await upload.cancel();
    exchange.reply(204, {});
  });
}

async function append(
  exchange: Exchange,
  name: string,
  upload: Upload,
  signal: AbortSignal,
): Promise<void> {
  const field = exchange.header("content-range");
  const range = field === undefined ? undefined : parseContentRange(field);
  if (field !== undefined && !range)
    throw new Refusal("BLOB_UPLOAD_INVALID", "Content-Range must read <first>-<last>");
  if (range && range.start !== upload.size)
    throw new Refusal("BLOB_UPLOAD_INVALID", `the upload goes on at byte ${upload.size}`, {
      status: 416,
      headers: progress(name, upload),
    });
  const length = exchange.header("content-length");
  if (range && length !== undefined && Number(length) !== range.end - range.start + 1)
    throw new Refusal("SIZE_INVALID", "Content-Length and Content-Range contradict each other");

  const before = upload.size;
  await upload.append(receive(exchange, signal), { offset: before, signal });
  if (range && upload.size - before !== range.end - range.start + 1)
    throw new Refusal("SIZE_INVALID", "the body had another length than Content-Range said", {
      headers: progress(name, upload),
    });
}

async function commit(
  exchange: Exchange,
  name: string,
  upload: Upload,
  digest: Digest,
): Promise<void> {
  // Not aborted when the client goes away: all bytes are here, and it may look for the blob when it comes back.
  const { size } = await upload.commit(digest);
  exchange.event({ action: "push", kind: "blob", repository: name, digest, size });
  created(exchange, name, digest);
}

function created(exchange: Exchange, name: string, digest: Digest): void {
  exchange.reply(201, {
    location: path`/v2/${repositoryName(name)}/blobs/${digest}`,
    "docker-content-digest": digest,
  });
}

/**
 * Where to go on, and the bytes that are here. An upload without any says `0-0` too, as Docker's registry does:
 * clients want a number.
 * The location is relative (RFC 9110, section 10.2.2), so that it is right behind any proxy.
 */
function progress(name: string, { id, size }: Upload): Record<string, string> {
  return {
    location: path`/v2/${repositoryName(name)}/blobs/uploads/${id}`,
    range: `0-${Math.max(size - 1, 0)}`,
    "docker-upload-uuid": id,
  };
}
