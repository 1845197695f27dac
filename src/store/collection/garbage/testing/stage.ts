/** A data directory whose clock is in our hand, and content to collect. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { contentOf, imageOf } from "../../../behaviours/content.ts";
import type { Content, Image } from "../../../behaviours/content.ts";
import { temporaryFolder } from "../../../disk/testing.ts";
import { openCollection } from "../../collection.ts";
import type { StoredCollection } from "../../collection.ts";
import type { StoredRepository } from "../../repository.ts";

export const minute = 60_000;
export const hour = 60 * minute;
export const day = 24 * hour;

export interface Stage {
  readonly folder: string;
  readonly collection: StoredCollection;
  readonly repository: StoredRepository;
  /** Lets time pass. */
  wait(milliseconds: number): void;
  /** Milliseconds since 1970. */
  now(): number;
  /** Closes and opens again, as a restart does, with something done in between. */
  restart(between?: () => Promise<void>): Promise<Stage>;
}

/** A test on a stage of its own. */
export function onStage(title: string, run: (stage: Stage) => Promise<void>): void {
  test(title, async () => {
    const { folder, remove } = await temporaryFolder();
    let time = Date.UTC(2026, 0, 1);
    const opened: StoredCollection[] = [];
    const open = async (): Promise<Stage> => {
      const collection = await openCollection(folder, { now: () => time });
      opened.push(collection);
      return {
        folder,
        collection,
        repository: collection.repository("a/b"),
        wait: (milliseconds) => (time += milliseconds),
        now: () => time,
        async restart(between) {
          await opened.pop()?.close();
          await between?.();
          return open();
        },
      };
    };
    try {
      await run(await open());
    } finally {
      for (const collection of opened) await collection.close();
      await remove();
    }
  });
}

export const image = imageOf("image");
export const { descriptor } = image.manifest;
export const signature = imageOf("signature", {
  artifactType: "application/x.sig",
  subject: descriptor,
});

export const blobsOf = ({ blobs, children, manifest }: Image): Content[] => [
  manifest,
  ...blobs,
  ...children.flatMap(blobsOf),
];
export const bytesOf = (image: Image) =>
  blobsOf(image).reduce((sum, { bytes }) => sum + bytes.length, 0);

/** Not by `statBlob`, which would confirm it. */
export function isHere(
  { folder }: Stage,
  { descriptor: { digest } }: Content,
  name = "a+b",
): boolean {
  return existsSync(join(folder, "repositories", name, "blobs", "sha256", digest.slice(7)));
}

export async function hasManifest({ repository }: Stage, { manifest }: Image): Promise<boolean> {
  const { digest } = manifest.descriptor;
  const found = await repository.resolve(digest).catch(() => undefined);
  return found !== undefined;
}

/** An image with the same layer and another configuration. */
export function sharing({ blobs, manifest }: Image, seed: string): Image {
  const config = imageOf(seed).blobs[0]!;
  const fields = JSON.parse(new TextDecoder().decode(manifest.bytes)) as object;
  const text = JSON.stringify({ ...fields, config: config.descriptor });
  return {
    manifest: contentOf(text, manifest.descriptor.mediaType),
    blobs: [config, blobs[1]!],
    children: [],
  };
}
