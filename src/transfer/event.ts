/**
 * What a copy tells while it runs. Each event is plain JSON, so a stream of them can be written as NDJSON;
 * names and fields are stable: more may come, none changes its meaning.
 */
import type { Descriptor, Platform } from "../reference/descriptor.ts";

/** What an event says about content; a descriptor without what only matters to machines. */
export interface Content {
  readonly mediaType: string;
  readonly digest: string;
  /** Bytes; -1 where nobody knows (layers of a schema 1 manifest, before they are asked for). */
  readonly size: number;
  readonly platform?: Platform;
}

/**
 * A manifest: `started` when it is fetched, then one of
 * `exists` (the target has it; where the target is a registry, with all that it names) and `copied`.
 */
export interface ManifestEvent {
  readonly type: "manifest";
  readonly state: "started" | "exists" | "copied";
  readonly content: Content;
}

/**
 * A blob, once for each digest: `found` when a manifest names it (the sum of these sizes is what there is to do),
 * `started` when its bytes begin to flow and `progress` while they do; it ends as
 * `exists` (the target has it), `mounted` (taken over inside the registry), `copied`,
 * or `skipped` (not to be distributed; whoever needs it fetches it from its `urls`).
 */
export interface BlobEvent {
  readonly type: "blob";
  readonly state: "found" | "started" | "progress" | "exists" | "mounted" | "copied" | "skipped";
  readonly content: Content;
  /** Bytes sent so far; goes back when a piece is sent again. */
  readonly bytes: number;
}

/** A tag of the target: it named this already, or does now. */
export interface TagEvent {
  readonly type: "tag";
  readonly state: "exists" | "copied";
  readonly tag: string;
  readonly digest: string;
}

/** Why something is not in the target although the source has it. */
export type NoteCode =
  /** The index was reduced, so what refers to the whole index stays behind. */
  | "REFERRERS_LEFT_OUT"
  /** The source refuses to list referrers; only digest tags were looked for. */
  | "REFERRERS_UNKNOWN"
  /** One platform's manifest was copied; its attestations are named by the index only. */
  | "ATTESTATIONS_LEFT_OUT"
  /** A layer that must not be distributed stays where its `urls` say. */
  | "LAYER_SKIPPED";

/** Something that is not in the target although the source may have it, and why. */
export interface Note {
  readonly code: NoteCode;
  /** One sentence for people. */
  readonly message: string;
}

/** Something that a person should know although nothing went wrong. */
export interface NoteEvent extends Note {
  readonly type: "note";
}

/** Numbers of a copy, or of all copies of a repository. */
export interface Totals {
  readonly manifests: { readonly copied: number; readonly existing: number };
  readonly blobs: {
    readonly copied: number;
    readonly existing: number;
    readonly mounted: number;
    readonly skipped: number;
  };
  /** Bytes of blobs. What lies below a manifest that a registry has is not looked at, so it is not in `existing`. */
  readonly bytes: { readonly copied: number; readonly existing: number; readonly mounted: number };
  /** Signatures, SBOMs and the like that were taken along, new or not. */
  readonly referrers: number;
}

/** The copy succeeded: the last event of it. */
export interface DoneEvent {
  readonly type: "done";
  readonly content: Content;
  readonly tags: readonly string[];
  readonly totals: Totals;
}

/** What happened in the copy of `reference` (the tag or digest that `copy` was called with). */
export type CopyEvent = { readonly reference: string } & (
  | ManifestEvent
  | BlobEvent
  | TagEvent
  | NoteEvent
  | DoneEvent
);

/** The part of a descriptor that events carry. */
export function contentOf({ mediaType, digest, size, platform }: Descriptor): Content {
  return { mediaType, digest, size, ...(platform && { platform }) };
}
