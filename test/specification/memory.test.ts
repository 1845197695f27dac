/** All scenarios against our server over memory. */
import { after } from "node:test";

import { createMemoryCollection } from "../../src/store/memory.ts";
import { chapters } from "./chapters.ts";
import { serveOwn } from "./own.ts";
import { runScenarios } from "./scenario.ts";

const collection = createMemoryCollection();
// A restart that forgets is none: the server is another, the collection stays.
const { registry, close } = await serveOwn(async () => ({ collection, close: async () => {} }));
after(async () => {
  await close();
  await collection.close();
});

runScenarios(chapters, registry);
