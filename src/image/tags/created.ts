/** When an image was made, as it says of itself. Source: image-spec 1.1, "OCI Image Configuration" and "Pre-Defined Annotation Keys". */
import { isError } from "../../errors.ts";
import type { Descriptor, Digest, Platform } from "../../reference/descriptor.ts";
import { isIndexType, type ParsedManifest } from "../../reference/manifest.ts";
import { choosePlatform, formatPlatform } from "../../reference/platform.ts";
import type { Cancellable, Fetcher } from "../../store/store.ts";
import { isAttestation } from "../../transfer/platforms.ts";
import { configOf } from "../config.ts";
import { leaves } from "../platforms.ts";
import { readManifest } from "../read.ts";
import { judge, type Moment } from "./moment.ts";

/** When an image was made, and where that is written. */
export type Created = Moment & { readonly source?: "created" | "annotation" };

/** What is known from earlier: what a digest names never changes, so it never grows old. */
export interface CreatedCache {
  /** @returns milliseconds since 1970; null where nothing is written; undefined where it is not known from earlier */
  get(key: string): CreatedRecord | undefined;
  /** Keeps what was found out. */
  set(key: string, record: CreatedRecord): void;
}

/** The date that an image has, and where that is written: in its configuration (`created`) or its annotations. */
export interface CreatedRecord {
  /** Milliseconds since 1970 as they are written, believable or not; null where no date is. */
  readonly date: number | null;
  readonly source: "created" | "annotation";
}

export interface CreatedOptions extends Cancellable {
  /** Of an index, the image whose date counts. @default the newest */
  readonly platform?: Platform;
  readonly cache?: CreatedCache;
  /** Milliseconds since 1970. @default Date.now() */
  readonly now?: number;
}

const annotation = "org.opencontainers.image.created";
/** Images of an index that are looked at; no honest one has as many. */
const mostImages = 256;

/**
 * Finds out when an image was made: by its configuration, else by its annotations; of an index the newest of its images, or
 * the one for `platform`. Annotations of the index on its images are believed first, since they save a request each.
 *
 * @param digest of an image, an index or an artifact
 * @throws WharfError MANIFEST_NOT_FOUND, and what says nothing about this image (UNAUTHORIZED, CONNECTION_FAILED, …)
 */
export async function createdAt(
  store: Fetcher,
  digest: Digest,
  options: CreatedOptions = {},
): Promise<Created> {
  const { cache, platform, now = Date.now() } = options;
  const key = platform === undefined ? digest : `${digest} ${formatPlatform(platform)}`;
  const known = cache?.get(key);
  if (known !== undefined) return believed(known, now);
  let manifest;
  try {
    manifest = await readManifest(store, digest, only(options));
  } catch (error) {
    if (isUnreadable(error)) return { doubt: "unreadable" };
    throw error;
  }
  const { parsed } = manifest;
  if (parsed.kind !== "index") {
    const found = await ofImage(store, parsed, now, options);
    if (found === undefined) return { doubt: "unreadable" };
    cache?.set(key, found);
    return believed(found, now);
  }
  const own = dateOf(parsed.annotations);
  const images = chosen(await leaves(store, manifest, only(options)), platform);
  const dates: Created[] = [];
  for (const image of images.slice(0, mostImages)) dates.push(await ofChild(store, image, options));
  const newest = dates.reduce<Created | undefined>((best, one) => newer(best, one), undefined);
  const found = newest?.date === undefined && own !== undefined ? believed(own, now) : newest;
  // What is doubtful today may be believed tomorrow, or be read at the next try.
  const settled = dates.every(({ doubt }) => doubt !== "future" && doubt !== "unreadable");
  if (settled && found !== undefined && found.doubt !== "future") {
    const { date = null, source = "created" } = found;
    cache?.set(key, { date, source });
  }
  return found ?? { doubt: "missing" };
}

async function ofChild(store: Fetcher, child: Descriptor, options: CreatedOptions) {
  const { now = Date.now() } = options;
  const noted = dateOf(child.annotations);
  const moment = noted && believed(noted, now);
  if (moment?.date !== undefined) return moment;
  const { platform: _, ...rest } = options;
  try {
    return await createdAt(store, child.digest, rest);
  } catch (error) {
    // An index may name what was never copied along.
    if (isError(error, "MANIFEST_NOT_FOUND")) return { doubt: "missing" } as const;
    throw error;
  }
}

/** @returns undefined where the configuration cannot be read */
async function ofImage(
  store: Fetcher,
  manifest: ParsedManifest,
  now: number,
  options: CreatedOptions,
): Promise<CreatedRecord | undefined> {
  const noted = manifest.kind === "schema1" ? undefined : dateOf(manifest.annotations);
  let written: CreatedRecord | undefined;
  try {
    const config = await configOf(store, manifest, only(options));
    written = recordOf(config?.created, "created");
  } catch (error) {
    if (!isUnreadable(error) && !isError(error, "BLOB_NOT_FOUND")) throw error;
    return noted;
  }
  if (noted === undefined || (written && believed(written, now).date !== undefined)) {
    return written ?? { date: null, source: "created" };
  }
  return believed(noted, now).date === undefined ? (written ?? noted) : noted;
}

function chosen(found: readonly Descriptor[], platform: Platform | undefined): Descriptor[] {
  const images = found.filter((leaf) => !isAttestation(leaf) && !isIndexType(leaf.mediaType));
  if (platform === undefined) return images;
  const image = choosePlatform(platform, images);
  return image === undefined ? [] : [image];
}

/** The one with a date, the later of two; a doubt about the future counts more than other doubts, because it passes. */
function newer(best: Created | undefined, one: Created): Created {
  if (best === undefined) return one;
  if (best.date === undefined || one.date === undefined) return one.date === undefined ? best : one;
  return one.date > best.date ? one : best;
}

function believed({ date, source }: CreatedRecord, now: number): Created {
  const moment = judge(date ?? undefined, now);
  return moment.date === undefined ? moment : { ...moment, source };
}

function dateOf(annotations: Readonly<Record<string, string>> | undefined) {
  return recordOf(annotations?.[annotation], "annotation");
}

function recordOf(text: string | undefined, source: CreatedRecord["source"]) {
  const date = Date.parse(text ?? "");
  return Number.isNaN(date) ? undefined : { date, source };
}

/** What is wrong with this image and no other. */
function isUnreadable(error: unknown): boolean {
  return isError(
    error,
    "MANIFEST_INVALID",
    "MANIFEST_TOO_LARGE",
    "DIGEST_MISMATCH",
    "SIZE_MISMATCH",
  );
}

const only = ({ signal }: Cancellable): Cancellable => (signal ? { signal } : {});
