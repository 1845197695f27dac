/** How a behaviour gets a fresh store with content in it. */
import assert from "node:assert/strict";
import { test } from "node:test";

import type { ErrorCode } from "../../errors.ts";
import { isError } from "../../errors.ts";
import { bytesSource } from "../sources.ts";
import type { Pusher, Repository } from "../store.ts";
import type { Content, Image } from "./content.ts";

/** What `open` gives the suite: a store that is empty, or holds what was asked for. */
export interface OpenedStore {
  readonly store: object;
  /** An empty store beside it that blobs can be mounted into. */
  readonly sibling?: object;
  close?(): Promise<void>;
}

/** An image under a tag, for stores that are read only. */
export interface TaggedImage {
  readonly tag: string;
  readonly image: Image;
}

/** @param content what a store that cannot be pushed to must hold; others are opened empty */
export type OpenStore = (content: readonly TaggedImage[]) => Promise<OpenedStore>;

/** Methods of a store that a behaviour needs. */
export type Method = keyof Repository;

export interface Trial {
  readonly open: OpenStore;
  /** The methods that the store has. */
  readonly methods: ReadonlySet<string>;
  /** What reading is tried with, where a store does not hold any image. */
  readonly holds?: readonly [TaggedImage, ...TaggedImage[]];
}

/**
 * Declares a test that runs where the store has all the methods named.
 * `content` is pushed before, or given to `open` where nothing can be pushed.
 */
export function behaviour<Needed extends Method>(
  { open, methods }: Trial,
  title: string,
  needed: readonly Needed[],
  content: readonly TaggedImage[],
  run: (store: Pick<Repository, Needed>, sibling: Pick<Repository, Needed>) => Promise<void>,
): void {
  if (!needed.every((method) => methods.has(method))) return;
  test(title, async () => {
    const opened = await open(content);
    try {
      const store = opened.store as Repository;
      if (methods.has("pushManifest")) {
        for (const { tag, image } of content) await pushImage(store, image, tag);
      }
      await run(store, opened.sibling as Repository);
    } finally {
      await opened.close?.();
    }
  });
}

/** Pushes an image, what it names first. */
export async function pushImage(
  store: Pick<Pusher, "pushBlob" | "pushManifest">,
  image: Image,
  tag?: string,
): Promise<void> {
  for (const blob of image.blobs) await pushContent(store, blob);
  for (const child of image.children) await pushImage(store, child);
  await store.pushManifest(image.manifest, tag === undefined ? {} : { tag });
}

export function pushContent(store: Pick<Pusher, "pushBlob">, { descriptor, bytes }: Content) {
  return store.pushBlob(descriptor, bytesSource(bytes));
}

/** Expects a promise to fail with one of the codes. */
export async function refuses(work: Promise<unknown>, ...codes: ErrorCode[]): Promise<void> {
  await assert.rejects(work, (error) => {
    if (!isError(error, ...codes)) throw error;
    return true;
  });
}
