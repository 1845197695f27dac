/** All scenarios against our server over a data directory. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";

import { openCollection } from "../../src/store/collection/collection.ts";
import { access } from "./access.ts";
import { chapters } from "./chapters.ts";
import { serveGuarded, serveOwn } from "./own.ts";
import { runScenarios } from "./scenario.ts";

const folder = await mkdtemp(join(tmpdir(), "wharf-specification-"));
const open = async () => {
  const collection = await openCollection(join(folder, "registry"));
  return { collection, close: () => collection.close() };
};
const everybody = await serveOwn(open);
const guarded = await serveGuarded(open);
after(async () => {
  await everybody.close();
  await guarded.close();
  await rm(folder, { recursive: true, force: true });
});

runScenarios(chapters, everybody.registry);
runScenarios([access], guarded.registry);
