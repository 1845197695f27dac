import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describeStore } from "../behaviours.ts";
import { openLayout } from "./layout.ts";

for (const durability of ["each", "batch"] as const) {
  await describeStore(`a layout, ${durability}`, async () => {
    const folder = await mkdtemp(join(tmpdir(), "layout-"));
    const store = await openLayout(folder, { create: true, durability });
    return {
      store,
      close: async () => {
        await store.close();
        await rm(folder, { recursive: true });
      },
    };
  });
}
