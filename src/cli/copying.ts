/** The work behind `wharf copy`: opens both ends, copies, shows how far it is. */
import { isIndexType } from "../reference/manifest.ts";
import { formatLocation, parseLocation, type Location } from "../reference/location.ts";
import { localPlatform, parsePlatform } from "../reference/platform.ts";
import type { Platform } from "../reference/descriptor.ts";
import { copy, type CopyOptions } from "../transfer/copy.ts";
import type { CopyEvent, Totals } from "../transfer/event.ts";
import { openSource, openTarget, type OpenedSource } from "../transfer/location.ts";
import type { Call } from "./call.ts";
import { usage } from "./flags.ts";
import { openRepository } from "./open.ts";
import { Progress } from "./progress.ts";

export interface CopyWish {
  readonly allTags: boolean;
  /** Which tags, of all; undefined for every one. */
  readonly matches: ((tag: string) => boolean) | undefined;
  readonly platforms: readonly string[];
  readonly tags: readonly string[];
  readonly options: Pick<CopyOptions, "concurrency" | "verify" | "referrers" | "signal">;
}

export interface Copied {
  /** Names in the target, and what they stand for now. */
  readonly images: readonly { readonly name: string; readonly digest: string }[];
  readonly totals: Totals;
}

/** Copies, with progress on stderr, or events as lines of JSON. */
export async function copyImages(
  call: Call,
  from: string,
  to: string,
  wish: CopyWish,
): Promise<Copied> {
  const progress = new Progress(call.output);
  const onEvent = (event: CopyEvent) => show(call, progress, event);
  try {
    return await (wish.allTags ? copyAllTags : copyOne)(call, from, to, {
      ...wish,
      options: { ...wish.options, onEvent },
    });
  } finally {
    progress.stop();
  }
}

type Told = Omit<CopyWish, "options"> & { readonly options: CopyOptions };

async function copyOne(call: Call, from: string, to: string, wish: Told): Promise<Copied> {
  const target = parseLocation(to);
  const context = await call.openContext();
  const source = await openSource(parseLocation(from), context);
  try {
    const opened = await openTarget(target, source, context);
    try {
      const platforms = await platformsFor(source, opened.imagesOnly, wish);
      const tags = [...opened.tags, ...wish.tags];
      const { descriptor, totals } = await copy(source.store, source.reference, opened.store, {
        ...wish.options,
        tag: tags,
        ...(platforms.length > 0 ? { platforms } : {}),
      });
      if (opened.digest !== undefined && opened.digest !== descriptor.digest)
        throw usage(`${to} names another digest than what was copied: ${descriptor.digest}`);
      await opened.finish();
      const { digest } = descriptor;
      const names = tags.length > 0 ? tags.map((tag) => nameIn(target, tag)) : [nameIn(target)];
      return { images: names.map((name) => ({ name, digest })), totals };
    } finally {
      await opened.abort();
    }
  } finally {
    await source.close();
  }
}

/** What fits one platform only takes this machine's out of an index. */
async function platformsFor(
  source: OpenedSource,
  imagesOnly: boolean,
  wish: Told,
): Promise<Platform[]> {
  const wanted = wish.platforms.map(parsePlatform);
  if (!imagesOnly || wanted.length > 0) return wanted;
  const { mediaType } = await source.store.resolve(source.reference, wish.options);
  return isIndexType(mediaType) ? [localPlatform()] : [];
}

async function copyAllTags(call: Call, from: string, to: string, wish: Told): Promise<Copied> {
  const { copyRepository } = await import("../transfer/repository.ts");
  const source = await openRepository(
    call,
    from,
    "resolve",
    "fetchManifest",
    "fetchBlob",
    "listTags",
  );
  const target = await openRepository(call, to, "resolve", "statBlob", "pushBlob", "pushManifest");
  const { images, totals } = await copyRepository(source.store, target.store, {
    ...wish.options,
    ...(wish.matches ? { tags: wish.matches } : {}),
  });
  const place = parseLocation(to);
  return {
    images: images.map(({ tag, descriptor }) => ({
      name: nameIn(place, tag),
      digest: descriptor.digest,
    })),
    totals,
  };
}

/** A location with another tag, without its digest. */
function nameIn(location: Location, tag?: string): string {
  if (location.transport === "docker") {
    const { registry, repository } = location.reference;
    return `${registry}/${repository}${tag === undefined ? "" : `:${tag}`}`;
  }
  if (location.transport === "oci" || location.transport === "oci-archive") {
    const { transport, path } = location;
    return formatLocation({ transport, path, ...(tag === undefined ? {} : { tag }) });
  }
  return formatLocation(location);
}

function show({ output }: Call, progress: Progress, event: CopyEvent): void {
  if (output.json) return void output.item(event);
  if (event.type === "note") return progress.note(event.message);
  if (event.type !== "blob") return;
  const { digest, size } = event.content;
  const total = size < 0 ? undefined : size;
  if (event.state === "found") progress.expect(digest, total);
  else if (event.state === "started" || event.state === "progress")
    progress.update(digest, event.bytes, total);
  else progress.finish(digest);
}
