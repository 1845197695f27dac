/** How many pulls a registry still allows: Docker's docs, "Docker Hub pull usage and limits". */
import { responseError } from "../http/errors.ts";
import type { HttpHeaders } from "../http/http.ts";
import { manifestAccept } from "../reference/manifest.ts";
import type { Descriptor } from "../reference/descriptor.ts";
import type { Cancellable, Manifest } from "../store/store.ts";
import { name as nameOf, path } from "../reference/path.ts";
import { type Connection, pulling } from "./connection.ts";

/** How many pulls a registry still allows. */
export interface PullLimit {
  /** Pulls in a window. */
  readonly limit: number;
  /** Pulls left in it. */
  readonly remaining: number;
  /** Milliseconds of the window. */
  readonly window?: number;
  /** What the pulls are counted for: an address, or the identifier of an account. */
  readonly source?: string;
}

/** A read of a manifest that the registry may count as a pull. */
export interface CountedRead extends Cancellable {
  /** As in references: `docker.io`. */
  readonly registry: string;
  /** Repository. */
  readonly name: string;
  /** Tag or digest. */
  readonly reference: string;
  /** Reads it. */
  get(): Promise<Manifest>;
  /**
   * What the reference names, by a `HEAD`, which counts as no pull; undefined where that does not tell.
   * @throws WharfError MANIFEST_NOT_FOUND
   */
  ask(): Promise<Descriptor | undefined>;
}

/** Stands between us and a registry that counts pulls. */
export interface PullGuard {
  /** Reads a manifest: now, after a wait, from what it has, or not at all. */
  read(request: CountedRead): Promise<Manifest>;
  /** Called with each answer about a manifest; undefined where it states no limit. */
  stated(limit: PullLimit | undefined): void;
}

/** By which image a registry is asked for its limit. */
export interface PullLimitOptions extends Cancellable {
  /** An image whose manifest is asked for. @default ratelimitpreview/test:latest, which Docker Hub has for this */
  readonly image?: { readonly repository: string; readonly reference: string };
}

/**
 * Asks for the head of a manifest, which counts as no pull, and reads the limit from it.
 * @returns undefined where the registry states no limit
 * @throws WharfError MANIFEST_NOT_FOUND, UNAUTHORIZED
 */
export async function pullLimit(
  connection: Connection,
  {
    image = { repository: "ratelimitpreview/test", reference: "latest" },
    signal,
  }: PullLimitOptions = {},
): Promise<PullLimit | undefined> {
  const { repository, reference } = image;
  const response = await connection.request({
    method: "HEAD",
    path: path`${nameOf(repository)}/manifests/${reference}`,
    headers: { accept: manifestAccept },
    scopes: pulling(repository),
    ...(signal && { signal }),
  });
  const limit = readPullLimit(response.headers);
  if (limit === undefined && response.status !== 200) {
    throw await responseError(response, { code404: "MANIFEST_NOT_FOUND" });
  }
  await response.discard();
  return limit;
}

/** Reads `RateLimit-Limit: 100;w=21600` and `RateLimit-Remaining: 76;w=21600`; the window is in seconds there. */
export function readPullLimit(headers: HttpHeaders): PullLimit | undefined {
  const limit = countOf(headers.get("ratelimit-limit"));
  const remaining = countOf(headers.get("ratelimit-remaining"));
  if (!limit || !remaining) return undefined;
  const seconds = limit.window ?? remaining.window;
  const source = headers.get("docker-ratelimit-source");
  return {
    limit: limit.count,
    remaining: remaining.count,
    ...(seconds !== undefined && { window: seconds * 1000 }),
    ...(source !== undefined && { source }),
  };
}

function countOf(text: string | undefined): { count: number; window?: number } | undefined {
  const match = /^\s*(\d{1,12})\s*(?:[;,]|$)/.exec(text ?? "");
  if (!match) return undefined;
  const window = /;\s*w=(\d{1,9})/.exec(text ?? "")?.[1];
  return { count: Number(match[1]), ...(window !== undefined && { window: Number(window) }) };
}
