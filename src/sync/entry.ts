/** What a sync file means, once it is read: what is copied where, and how. */
import { join } from "node:path";

import type { Digest, Platform } from "../reference/descriptor.ts";
import { formatReference } from "../reference/reference.ts";
import type { TagFilter } from "../image/tags/filter.ts";
import { folderName } from "../store/collection/records.ts";

/** A repository: of a registry, a folder in the OCI layout, or one of those in a registry's data directory. */
export type RepositoryPlace =
  | { readonly transport: "docker"; readonly registry: string; readonly repository: string }
  | { readonly transport: "oci"; readonly path: string }
  | { readonly transport: "data"; readonly path: string; readonly repository: string };

/** Many repositories: those of a registry whose names begin with `prefix/`, or a registry's data directory. */
export type RegistryPlace =
  | { readonly transport: "docker"; readonly registry: string; readonly prefix: string }
  | { readonly transport: "data"; readonly path: string };

/** One image in its repository. */
export interface ImageName {
  readonly tag?: string;
  /** With a tag too, the digest says what is meant. */
  readonly digest?: Digest;
}

/** Tags by name, or digests; or what a filter finds. */
export type TagWish = { readonly names: readonly string[] } | TagFilter;

/** Which names of repositories are wanted; expressions as of {@link TagFilter}. */
export type RepositoryFilter = Pick<TagFilter, "match" | "exclude">;

export interface PruneWish {
  /** `gone`: tags that the source lacks; `unselected`: also those that it has, and the filters leave out. */
  readonly tags: "gone" | "unselected";
  /** Where more tags of a repository would go, none does. */
  readonly limit: number;
}

/** What is copied where. */
export type SyncEntry = EntryOptions &
  (
    | {
        readonly type: "image";
        readonly source: RepositoryPlace;
        readonly image: ImageName;
        readonly target: RepositoryPlace;
        /** In the target; none where it is to have the digest only. */
        readonly tag?: string;
      }
    | {
        readonly type: "repository";
        readonly source: RepositoryPlace;
        readonly target: RepositoryPlace;
        /** What any of them wants; undefined for all. */
        readonly tags?: readonly TagWish[];
      }
    | {
        readonly type: "registry";
        readonly source: RegistryPlace;
        readonly target: RegistryPlace;
        readonly repositories?: RepositoryFilter;
        readonly tags?: readonly TagWish[];
      }
  );

export interface EntryOptions {
  /** Place in the file, from 0. */
  readonly number: number;
  /** `FILE:LINE`, for messages. */
  readonly where: string;
  /** Empty for all. */
  readonly platforms: readonly Platform[];
  /** `new`: with what is copied; `always`: also looked for on images that are there already. */
  readonly referrers: "new" | "always" | "none";
  readonly overwrite: boolean;
  /** Pattern of the tag that keeps what an overwritten tag named. */
  readonly backup?: string;
  readonly prune?: PruneWish;
}

/** A sync file, read and checked. */
export interface SyncFile {
  /** As it was called, for messages. */
  readonly name: string;
  readonly entries: readonly SyncEntry[];
}

/** A place as people write it: `docker.io/library/alpine:3.20`, `oci:images:1.0`. */
export function nameOf(place: RepositoryPlace | RegistryPlace, image: ImageName = {}): string {
  const { tag, digest } = image;
  const end = `${tag === undefined ? "" : `:${tag}`}${digest === undefined ? "" : `@${digest}`}`;
  if (place.transport === "oci") return `oci:${place.path}${end}`;
  if (place.transport === "data") {
    if (!("repository" in place)) return `oci:${place.path}`;
    // Where the layout lies that other commands, and other tools, can read.
    return `oci:${join(place.path, "repositories", folderName(place.repository))}${end}`;
  }
  if ("repository" in place) return formatReference({ ...place, ...image });
  return place.prefix === "" ? place.registry : `${place.registry}/${place.prefix}`;
}
