/** What a run tells: plain JSON, stable: more fields may come, none changes its meaning. */
import type { Digest } from "../reference/descriptor.ts";
import type { ErrorCode, WharfError } from "../errors.ts";
import type { Totals } from "../transfer/event.ts";

/** An error in an event. */
export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
}

/** A repository: `begun` once its tags are listed and selected, `failed` where the rest of it was given up. */
export type RepositoryEvent = {
  readonly type: "repository";
  /** Place of the entry in the file, from 0. */
  readonly entry: number;
  readonly source: string;
  readonly target: string;
} & (
  | {
      readonly state: "begun";
      /** Images to look at. */
      readonly selected: number;
    }
  | {
      readonly state: "failed";
      readonly error: Failure;
      /** Images that were not tried. */
      readonly left: number;
    }
);

/**
 * What became of an image; in a dry run, what would.
 * `new`: the target had no such tag; `updated`: it named something else; `same`: nothing was to do; `kept`: the target's
 * tag is not to be overwritten; `failed`: see `error`.
 */
export interface ImageEvent {
  readonly type: "image";
  readonly entry: number;
  readonly state: "new" | "updated" | "same" | "kept" | "failed";
  readonly source: string;
  readonly target: string;
  /** What the target has now; in a dry run with `platforms`, what the source has. */
  readonly digest?: Digest;
  /** What the tag named before. */
  readonly previous?: Digest;
  /** The tag that keeps what was there before. */
  readonly backup?: string;
  /** What the copy did; left out where there was none. */
  readonly totals?: Totals;
  readonly error?: Failure;
}

/** A tag of the target: `planned` for deletion, then `deleted`, `spared` (see `reason`) or `failed`. */
export interface PruneEvent {
  readonly type: "prune";
  readonly entry: number;
  readonly state: "planned" | "deleted" | "spared" | "failed";
  /** The tag, or the repository where all its tags were spared together. */
  readonly target: string;
  readonly reason?: string;
  readonly error?: Failure;
}

/** Something worth knowing although nothing failed. */
export interface SyncNote {
  readonly type: "note";
  readonly entry: number;
  readonly target: string;
  readonly message: string;
}

/** Anything that a run tells; `type` says what. */
export type SyncEvent = RepositoryEvent | ImageEvent | PruneEvent | SyncNote;

export function failureOf({ code, message, hint }: WharfError): Failure {
  return { code, message, hint };
}
