import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describeStore } from "../behaviours.ts";
import { openCollection } from "./collection.ts";

await describeStore("a repository of a data directory", async () => {
  const folder = await mkdtemp(join(tmpdir(), "collection-"));
  const collection = await openCollection(folder);
  return {
    store: collection.repository("some/where"),
    sibling: collection.repository("some/where/else"),
    close: async () => {
      await collection.close();
      await rm(folder, { recursive: true });
    },
  };
});
