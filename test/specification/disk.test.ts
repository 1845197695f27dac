/** All scenarios against our server over a data directory. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";

import { openCollection } from "../../src/store/collection/collection.ts";
import { chapters } from "./chapters.ts";
import { serveOwn } from "./own.ts";
import { runScenarios } from "./scenario.ts";

const folder = await mkdtemp(join(tmpdir(), "wharf-specification-"));
const { registry, close } = await serveOwn(async () => {
  const collection = await openCollection(join(folder, "registry"));
  return { collection, close: () => collection.close() };
});
after(async () => {
  await close();
  await rm(folder, { recursive: true, force: true });
});

runScenarios(chapters, registry);
