/** Counts what a copy does, and tells it to whoever listens. */
import type { Descriptor } from "../reference/descriptor.ts";
import { contentOf, type BlobEvent, type CopyEvent, type Note, type Totals } from "./event.ts";

type Told<Event> = Event extends unknown ? Omit<Event, "reference"> : never;

/** The numbers of nothing. */
export const noTotals: Totals = {
  manifests: { copied: 0, existing: 0 },
  blobs: { copied: 0, existing: 0, mounted: 0, skipped: 0 },
  bytes: { copied: 0, existing: 0, mounted: 0 },
  referrers: 0,
};

/** The numbers of two copies. */
export function addTotals(a: Totals, b: Totals): Totals {
  return {
    manifests: add(a.manifests, b.manifests),
    blobs: add(a.blobs, b.blobs),
    bytes: add(a.bytes, b.bytes),
    referrers: a.referrers + b.referrers,
  };
}

function add<Counts extends object>(a: Counts, b: Counts): Counts {
  const keys = Object.keys(a) as (keyof Counts)[];
  return Object.fromEntries(keys.map((key) => [key, Number(a[key]) + Number(b[key])])) as Counts;
}

/** The numbers of one copy. */
export class Tally {
  readonly notes: Note[] = [];
  readonly #manifests = { ...noTotals.manifests };
  readonly #blobs = { ...noTotals.blobs };
  readonly #bytes = { ...noTotals.bytes };
  readonly #reference: string;
  readonly #onEvent: ((event: CopyEvent) => void) | undefined;
  referrers = 0;

  constructor(reference: string, onEvent?: (event: CopyEvent) => void) {
    this.#reference = reference;
    this.#onEvent = onEvent;
  }

  get totals(): Totals {
    return {
      manifests: { ...this.#manifests },
      blobs: { ...this.#blobs },
      bytes: { ...this.#bytes },
      referrers: this.referrers,
    };
  }

  manifest(state: "started" | "exists" | "copied", descriptor: Descriptor): void {
    if (state === "copied") this.#manifests.copied += 1;
    if (state === "exists") this.#manifests.existing += 1;
    this.#tell(() => ({ type: "manifest", state, content: contentOf(descriptor) }));
  }

  blob(state: BlobEvent["state"], descriptor: Descriptor, bytes = 0): void {
    if (state === "copied" || state === "mounted") {
      this.#blobs[state] += 1;
      this.#bytes[state] += descriptor.size;
    } else if (state === "exists") {
      this.#blobs.existing += 1;
      this.#bytes.existing += descriptor.size;
    } else if (state === "skipped") {
      this.#blobs.skipped += 1;
    }
    this.#tell(() => ({ type: "blob", state, content: contentOf(descriptor), bytes }));
  }

  tag(state: "exists" | "copied", tag: string, digest: string): void {
    this.#tell(() => ({ type: "tag", state, tag, digest }));
  }

  note(note: Note): void {
    this.notes.push(note);
    this.#tell(() => ({ type: "note", ...note }));
  }

  done(descriptor: Descriptor, tags: readonly string[]): void {
    this.#tell(() => ({ type: "done", content: contentOf(descriptor), tags, totals: this.totals }));
  }

  /**
   * A listener for the progress of one blob, or nothing where nobody listens. A push reports each piece; what is
   * passed on is at most some 256 steps a blob, so that a log of events does not grow with the number of pieces.
   */
  progressOf(descriptor: Descriptor): ((bytes: number) => void) | undefined {
    if (this.#onEvent === undefined) return undefined;
    const step = Math.max(64 * 1024, descriptor.size / 256);
    let told = 0;
    return (bytes) => {
      if (bytes >= told && bytes < told + step) return;
      told = bytes;
      this.blob("progress", descriptor, bytes);
    };
  }

  #tell(event: () => Told<CopyEvent>): void {
    if (this.#onEvent === undefined) return;
    this.#onEvent({ reference: this.#reference, ...event() } as CopyEvent);
  }
}
