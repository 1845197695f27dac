/** One suite of behaviours for all stores: each is held to what the interfaces that it declares promise. */
import { describe } from "node:test";

import { naming, deleting } from "./behaviours/naming.ts";
import { pushing } from "./behaviours/pushing.ts";
import { reading } from "./behaviours/reading.ts";
import { referring } from "./behaviours/referring.ts";
import type { OpenStore, Trial } from "./behaviours/trial.ts";
import { mounting, uploading } from "./behaviours/uploading.ts";

export type { OpenedStore, OpenStore, TaggedImage } from "./behaviours/trial.ts";

const methods = [
  "resolve",
  "fetchManifest",
  "fetchBlob",
  "statBlob",
  "pushBlob",
  "pushManifest",
  "canMount",
  "mountBlob",
  "tag",
  "listTags",
  "listReferrers",
  "deleteManifest",
  "deleteTag",
  "deleteBlob",
  "createUpload",
  "openUpload",
];

/**
 * Declares the tests that fit the store: those whose methods it has.
 *
 * @param holds what reading is tried with, for a store that does not hold any image: docker archives have no indexes
 * @param open opens a fresh store for each test. Where nothing can be pushed to it, it must hold the content it is given.
 *
 * @example
 * await describeStore("memory", async () => ({ store: createMemoryRepository() }));
 */
export async function describeStore(
  name: string,
  open: OpenStore,
  { holds }: Pick<Trial, "holds"> = {},
): Promise<void> {
  const probe = await open(holds ?? []);
  const trial: Trial = {
    open,
    ...(holds && { holds }),
    methods: new Set(
      methods.filter(
        (method) => typeof (probe.store as Record<string, unknown>)[method] === "function",
      ),
    ),
  };
  await probe.close?.();
  describe(name, () => {
    for (const declare of [reading, pushing, naming, deleting, referring, uploading, mounting]) {
      declare(trial);
    }
  });
}
