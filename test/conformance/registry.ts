/** Our server, for the conformance suites. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type ServerOptions, startServer } from "../../src/server/server.ts";
import { openCollection } from "../../src/store/collection/collection.ts";
import { createMemoryCollection } from "../../src/store/memory.ts";

/** What a registry may be served from. */
export const stores = {
  memory: async () => createMemoryCollection(),
  "a data directory": (folder: string) => openCollection(join(folder, "registry")),
};

export interface SuiteRegistry {
  /** By name: the suite of release 1.1 does not take 127.0.0.1 for a host without TLS. */
  readonly url: URL;
  /** Empty, for the suite's reports. */
  readonly folder: string;
  /** What went wrong in the server, of which clients only learn that there was something. */
  readonly failures: readonly unknown[];
  close(): Promise<void>;
}

/**
 * Serves an empty registry on a free port, one that takes images whose layers are missing.
 * @param options further ones, such as who is let in
 */
export async function serveFor(
  store: keyof typeof stores,
  options: Partial<ServerOptions> = {},
): Promise<SuiteRegistry> {
  const folder = await mkdtemp(join(tmpdir(), "wharf-conformance-"));
  const collection = await stores[store](folder);
  const failures: unknown[] = [];
  const server = await startServer({
    ...options,
    collection,
    port: 0,
    sparseImages: true,
    onFailure: (failure) => failures.push(failure),
  });
  return {
    url: new URL(`http${options.tls ? "s" : ""}://localhost:${server.port}`),
    folder,
    failures,
    async close() {
      await server.close();
      await collection.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
