/** All scenarios against our server over memory. */
import { after } from "node:test";

import { createMemoryCollection } from "../../src/store/memory.ts";
import { access } from "./access.ts";
import { chapters } from "./chapters.ts";
import { serveGuarded, serveOwn } from "./own.ts";
import { runScenarios } from "./scenario.ts";

const collection = createMemoryCollection();
// A restart that forgets is none: the server is another, the collection stays.
const open = async () => ({ collection, close: async () => {} });
const everybody = await serveOwn(open);
const guarded = await serveGuarded(open);
after(async () => {
  await everybody.close();
  await guarded.close();
  await collection.close();
});

runScenarios(chapters, everybody.registry);
runScenarios([access], guarded.registry);
