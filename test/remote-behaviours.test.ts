import { after, test } from "node:test";

import { connect } from "../src/registry/remote.ts";
import { startServer } from "../src/server/server.ts";
import { describeStore } from "../src/store/behaviours.ts";
import { createMemoryCollection } from "../src/store/memory.ts";
import type { Repository } from "../src/store/store.ts";
import { dockerRegistry, startDockerRegistry } from "./docker-registry.ts";

const anonymous = { find: async () => ({ kind: "anonymous" as const }) };

const collection = createMemoryCollection();
const own = await startServer({ collection, port: 0 });
after(async () => {
  await own.close();
  await collection.close();
});

await describeStore("a repository of our own server", repositories(own.url));

if (dockerRegistry.skip !== false) {
  test("a repository of docker-registry", { skip: dockerRegistry.skip });
} else {
  const registry = await startDockerRegistry();
  after(() => registry.close());
  // It forgets an upload whose piece was cut, and keeps one whose digest was wrong.
  await describeStore(
    "a repository of docker-registry",
    repositories(registry.host, "createUpload", "openUpload"),
  );
}

/** Opens repositories that nobody has used yet, without the methods that the registry does not hold up. */
function repositories(host: string, ...gaps: (keyof Repository)[]) {
  let count = 0;
  return async () => {
    const remote = connect(host, { credentials: anonymous });
    count += 1;
    const store = remote.repository(`trial/${count}`);
    for (const gap of gaps) Object.defineProperty(store, gap, { value: undefined });
    return {
      store,
      sibling: remote.repository(`trial/${count}/sibling`),
      close: () => remote.close(),
    };
  };
}
