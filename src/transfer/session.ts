/** What copies from one store to another share: whom they ask, how much at once, and what they know already. */
import type { ParsedManifest } from "../reference/manifest.ts";
import type { Descriptor, Digest } from "../reference/descriptor.ts";
import { supports, type Manifest, type Mounter, type Source, type Target } from "../store/store.ts";
import { Batch } from "./batch.ts";
import { Flights } from "./flights.ts";
import { Presence } from "./presence.ts";
import { Hosts, type Lane, type Slots } from "./slots.ts";
import type { Tally } from "./tally.ts";

export interface SessionOptions {
  /** Jobs a host at the same time. @default 6 */
  readonly concurrency?: number;
  /** Shared by several sessions, whose jobs then count together; `concurrency` is theirs. @default its own */
  readonly hosts?: Hosts;
  /** Stores beside the target, from which a blob is taken over before it is sent. @default none */
  readonly siblings?: Siblings;
  /** Hash blobs between registries too, although the target must do so. @default false */
  readonly verify?: boolean;
  /** Look at everything below a manifest that the target registry has, and mend what is missing. @default false */
  readonly thorough?: boolean;
}

/** What other stores beside the target have. */
export interface Siblings {
  /** One that has the blob, and that the target can mount from. */
  find(digest: Digest): object | undefined;
  /** Notes that the target has the blob now. */
  add(digest: Digest): void;
}

/** Two stores and what is known about them. */
export interface Session {
  readonly source: Source;
  readonly target: Target;
  /** For messages: `source localhost:5000/a`. */
  readonly sourceName: string;
  readonly targetName: string;
  /** Both sides are one repository: whatever is there needs no copying. */
  readonly same: boolean;
  /** A manifest that the target has vouches for all it names: registries refuse others. In a layout that is checked. */
  readonly trusting: boolean;
  /** Manifests that the target has are read there: a store on the disk is cheaper, and the source may count pulls. */
  readonly targetReads: boolean;
  readonly verify: boolean;
  readonly slots: Slots;
  readonly reading: Lane;
  readonly writing: Lane;
  readonly both: Lane;
  readonly manifests: Flights;
  readonly blobs: Flights;
  /** Images whose referrers and digest tags have gone along. */
  readonly attached: Flights;
  readonly manifestPresence: Presence;
  readonly blobPresence: Presence;
  readonly mounts: Mounts | undefined;
  readonly siblings: Siblings | undefined;
  readonly siblingMounts: Mounts | undefined;
}

/** One copy within a session. */
export interface Run {
  readonly session: Session;
  readonly batch: Batch;
  readonly tally: Tally;
  /** `tolerant`: nobody asked for referrers, so a registry that cannot list them is no failure. */
  readonly referrers: boolean | "tolerant";
  /** Manifests that no store has yet: indexes that were reduced. */
  readonly made: Map<Digest, Manifest>;
  /** Indexes that were read, since both the content and the referrers of their children are looked after. */
  readonly indexes: Map<Digest, Promise<Loaded>>;
  /** What this copy has counted. */
  readonly seen: Set<string>;
  /** What manifests have cost so far: a limit on hostile graphs. */
  readonly spent: { manifests: number; bytes: number };
}

/** A manifest, and what it says. */
export interface Loaded {
  readonly manifest: Manifest;
  readonly parsed: ParsedManifest;
}

/** A target that takes blobs over from the source, until it has refused often enough. */
export class Mounts {
  readonly #store: Mounter;
  #refused = 0;
  #worked = false;

  constructor(store: Mounter) {
    this.#store = store;
  }

  /** A refusal costs an upload session: who refuses three times and never accepts is not asked again. */
  get worthTrying(): boolean {
    return this.#worked || this.#refused < 3;
  }

  async mount(descriptor: Descriptor, source: object, signal: AbortSignal): Promise<boolean> {
    const mounted = await this.#store.mountBlob(descriptor, source, { signal });
    if (mounted) this.#worked = true;
    else this.#refused += 1;
    return mounted;
  }
}

export function openSession(
  source: Source,
  target: Target,
  { concurrency = 6, hosts = new Hosts(concurrency), ...options }: SessionOptions,
): Session {
  const { verify = false, thorough = false, siblings } = options;
  const from = remoteOf(source);
  const to = remoteOf(target);
  const same =
    (source as object) === target ||
    (from !== undefined && from.registry === to?.registry && from.name === to.name);
  // Stores on this machine share its disk; one session's source and target are told apart, so that both get on.
  const sourceHost = from?.registry ?? "source";
  const targetHost = same ? sourceHost : (to?.registry ?? "target");
  const local = to === undefined;
  const mounter = !same && supports(target, "canMount", "mountBlob") ? target : undefined;
  return {
    source,
    target,
    sourceName: nameOf("source", source),
    targetName: nameOf("target", target),
    same,
    trusting: same || (!local && !thorough),
    targetReads: supports(target, "fetchManifest"),
    verify,
    slots: hosts.slots,
    reading: hosts.lane("reading", sourceHost),
    writing: hosts.lane("writing", targetHost),
    both: hosts.lane("both", sourceHost, targetHost),
    manifests: new Flights(),
    blobs: new Flights(),
    attached: new Flights(),
    manifestPresence: new Presence(local || thorough),
    blobPresence: new Presence(local || thorough),
    mounts: mounter?.canMount(source) ? new Mounts(mounter) : undefined,
    siblings,
    siblingMounts: siblings && mounter ? new Mounts(mounter) : undefined,
  };
}

/** A repository of a registry says which; other stores are on this machine. */
function remoteOf(store: object): { registry: string; name: string } | undefined {
  const { registry, name } = store as { registry?: unknown; name?: unknown };
  if (typeof registry !== "string" || typeof name !== "string") return undefined;
  return { registry, name };
}

/** The side, and where it is if the store says so. */
function nameOf(side: string, store: object): string {
  const remote = remoteOf(store);
  if (remote !== undefined) return `${side} ${remote.registry}/${remote.name}`;
  const { folder } = store as { folder?: unknown };
  return typeof folder === "string" ? `${side} ${folder}` : side;
}
