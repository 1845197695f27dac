/** The work behind `wharf copy`: opens both ends, copies, shows how far it is. */
import { isError, WharfError } from "../errors.ts";
import { formatLocation, parseLocation, type Location } from "../reference/location.ts";
import type { Platform } from "../reference/descriptor.ts";
import { copy, type CopyOptions } from "../transfer/copy.ts";
import type { CopyEvent, Totals } from "../transfer/event.ts";
import type { PullBudget } from "../transfer/budget.ts";
import {
  openSource,
  openTarget,
  type OpenedSource,
  type OpenedTarget,
} from "../transfer/location.ts";
import type { Call } from "./call.ts";
import { usage } from "./flags.ts";
import { formatBytes } from "./format.ts";
import type { Output } from "./output.ts";
import type { Progress } from "./progress.ts";

export interface CopyWish {
  /** Copies a repository in place of one image. */
  readonly allTags: boolean;
  /** Which of all tags; signatures under digest tags then go along with their images only. @default all */
  readonly matches?: (tag: string) => boolean;
  readonly platforms: readonly string[];
  readonly tags: readonly string[];
  /** Whether a layout is to be on the disk at the end. */
  readonly durable: boolean;
  /** Only goes through it: nothing is written, and what is said to be copied would be. */
  readonly plan: boolean;
  /** How many pulls the source may take. */
  readonly budget?: PullBudget;
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
  { allTags, matches, platforms, tags, options, ...manner }: CopyWish,
): Promise<Copied> {
  const target = parseLocation(to);
  const progress = manner.plan ? undefined : await call.progress();
  const onEvent = (event: CopyEvent) => show(call.output, progress, event);
  const told = manner.plan ? options : { ...options, onEvent };
  try {
    if (allTags) {
      return await copyAllTags(
        call,
        from,
        to,
        { ...told, ...(matches && { tags: matches }) },
        manner,
      );
    }
    const wish = { platforms, tags, manner, options: told };
    return await copyOne(call, parseLocation(from), target, wish);
  } catch (error) {
    throw isError(error, "INTERRUPTED") ? resumable(error, target, progress) : error;
  } finally {
    progress?.stop();
  }
}

type Manner = Pick<CopyWish, "durable" | "plan" | "budget">;

interface Wish {
  readonly manner: Manner;
  readonly platforms: readonly string[];
  readonly tags: readonly string[];
  readonly options: CopyOptions;
}

async function copyOne(call: Call, from: Location, to: Location, wish: Wish): Promise<Copied> {
  const { durable, plan, budget } = wish.manner;
  const context = { ...(await call.openContext()), durable };
  const source = await openSource(from, context);
  try {
    if (budget !== undefined) await watch(source.store, budget);
    const opened = plan
      ? await planTarget(to, source, context)
      : await openTarget(to, source, context);
    try {
      const platforms = await platformsFor(source, opened.imagesOnly, wish);
      if (opened.digest !== undefined && platforms.length === 0) {
        const { digest } = await source.store.resolve(source.reference, wish.options);
        checkDigest(to, opened.digest, digest);
      }
      if (plan && budget !== undefined) {
        const { checkPulls } = await import("../transfer/plan.ts");
        await checkPulls(source.store, source.reference, opened.store, budget, { platforms });
      }
      const tags = [...opened.tags, ...wish.tags];
      const { descriptor, totals } = await copy(source.store, source.reference, opened.store, {
        ...wish.options,
        tag: tags,
        ...(platforms.length > 0 && { platforms }),
      });
      const { digest } = descriptor;
      checkDigest(to, opened.digest, digest);
      await opened.finish();
      const names = tags.length > 0 ? tags.map((tag) => nameIn(to, tag)) : [nameIn(to)];
      return { images: names.map((name) => ({ name, digest })), totals };
    } finally {
      await opened.abort();
    }
  } finally {
    await source.close();
  }
}

/** @throws WharfError USAGE where the target names another digest than it gets */
function checkDigest(to: Location, wanted: string | undefined, digest: string): void {
  if (wanted === undefined || wanted === digest) return;
  throw usage(`${formatLocation(to)} names another digest than the image has`, `It is ${digest}`);
}

/** What fits one platform only takes this machine's out of an index. */
async function platformsFor(
  source: OpenedSource,
  imagesOnly: boolean,
  { platforms, options }: Wish,
): Promise<Platform[]> {
  if (platforms.length === 0 && !imagesOnly) return [];
  const [{ localPlatform, parsePlatform }, { isIndexType }] = await Promise.all([
    import("../reference/platform.ts"),
    import("../reference/manifest.ts"),
  ]);
  if (platforms.length > 0) return platforms.map((text) => parsePlatform(text));
  const { mediaType } = await source.store.resolve(source.reference, options);
  return isIndexType(mediaType) ? [localPlatform()] : [];
}

async function copyAllTags(
  call: Call,
  from: string,
  to: string,
  options: CopyOptions & { readonly tags?: (tag: string) => boolean },
  { durable, plan, budget }: Manner,
): Promise<Copied> {
  const [{ openRepository }, { copyRepository }] = await Promise.all([
    import("./open.ts"),
    import("../transfer/repository.ts"),
  ]);
  const reading = ["resolve", "fetchManifest", "fetchBlob", "listTags"] as const;
  const writing = ["resolve", "statBlob", "pushBlob", "pushManifest"] as const;
  const source = await openRepository(call, from, ...reading);
  if (budget !== undefined) await watch(source.store, budget);
  const openContext = async () => ({ ...(await call.openContext()), durable });
  const { repository, onClose, signal } = call;
  const target = await openRepository({ repository, onClose, signal, openContext }, to, ...writing);
  const store = plan ? (await import("../transfer/plan.ts")).planned(target.store) : target.store;
  const { images, totals } = await copyRepository(source.store, store, options);
  const place = parseLocation(to);
  return {
    images: images.map(({ tag, descriptor: { digest } }) => ({ name: nameIn(place, tag), digest })),
    totals,
  };
}

async function watch(source: object, budget: PullBudget): Promise<void> {
  const { guardPulls } = await import("../transfer/plan.ts");
  guardPulls(source, budget);
}

/** A target that is only asked. */
async function planTarget(...words: Parameters<typeof openTarget>): Promise<OpenedTarget> {
  const { openPlanTarget } = await import("./planning.ts");
  return openPlanTarget(...words);
}

/** A location with another tag, without its digest. */
function nameIn(location: Location, tag?: string): string {
  const named = tag === undefined ? {} : { tag };
  if (location.transport === "docker") {
    const { registry, repository } = location.reference;
    return `${registry}/${repository}${tag === undefined ? "" : `:${tag}`}`;
  }
  if (location.transport === "oci" || location.transport === "oci-archive") {
    const { transport, path } = location;
    return formatLocation({ transport, path, ...named });
  }
  return formatLocation(location);
}

/** Says how far it came, and how to go on. */
function resumable(error: WharfError, target: Location, progress: Progress | undefined) {
  const { through = 0, all = 0 } = progress?.sum ?? {};
  const kept = target.transport === "docker" || target.transport === "oci";
  const hint = kept
    ? "Run the same again to go on: what was copied whole is kept."
    : "Run the same again: this kind of target is written in one go.";
  if (through === 0) return new WharfError("INTERRUPTED", error.message, { hint, cause: error });
  const message = `Interrupted after ${formatBytes(through)} of ${formatBytes(all)}`;
  return new WharfError("INTERRUPTED", message, { hint, cause: error });
}

function show(output: Output, progress: Progress | undefined, event: CopyEvent): void {
  if (output.json) return void output.item(event);
  if (event.type === "note") return output.note(event.message);
  if (progress) drawBlob(progress, event);
}

/** Draws how far a blob is. */
export function drawBlob(progress: Progress, event: CopyEvent): void {
  if (event.type !== "blob") return;
  const { digest, size } = event.content;
  const total = size < 0 ? undefined : size;
  if (event.state === "found") progress.expect(digest, total);
  else if (event.state === "started" || event.state === "progress")
    progress.update(digest, event.bytes, total);
  else progress.finish(digest);
}
