/** Two registries on free ports, and what was asked of them. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { connect } from "../src/registry/remote.ts";
import { startServer, type AccessEntry } from "../src/server/server.ts";
import { createMemoryCollection } from "../src/store/memory.ts";
import type { Repository } from "../src/store/store.ts";
import type { SyncEvent } from "../src/sync/event.ts";
import { readText } from "../src/sync/file.ts";
import { run, type SyncOptions } from "../src/sync/run.ts";

export interface Site {
  readonly host: string;
  repository(name: string): Repository;
  /** `GET /v2/a/manifests/1`, as they came. */
  readonly requests: string[];
}

/** A registry in memory. @param before called when a request has been answered */
async function openSite(closers: (() => Promise<void>)[]): Promise<Site> {
  const collection = createMemoryCollection();
  const requests: string[] = [];
  const server = await startServer({
    collection,
    port: 0,
    onAccess: ({ method, target }: AccessEntry) => void requests.push(`${method} ${target}`),
  });
  closers.push(async () => {
    await server.close();
    await collection.close();
  });
  const repository = (name: string) => collection.repository(name);
  return { host: `127.0.0.1:${server.port}`, repository, requests };
}

export interface Stage {
  readonly from: Site;
  readonly to: Site;
  readonly folder: string;
  /** Runs a file in which FROM and TO are the registries. */
  sync(text: string, options?: SyncOptions): Promise<Ran>;
  close(): Promise<void>;
}

export interface Ran extends Awaited<ReturnType<typeof run>> {
  readonly events: SyncEvent[];
  /** What became of each image, `new TO/x:1`. */
  readonly images: string[];
}

export async function openStage(): Promise<Stage> {
  const closers: (() => Promise<void>)[] = [];
  const [from, to] = [await openSite(closers), await openSite(closers)];
  const folder = await mkdtemp(join(tmpdir(), "wharf-sync-"));
  closers.push(() => rm(folder, { recursive: true, force: true }));
  return {
    from,
    to,
    folder,
    async sync(text, options = {}) {
      const written = text.replaceAll("FROM", from.host).replaceAll("TO", to.host);
      const file = readText(written, { folder, environment: {} });
      const events: SyncEvent[] = [];
      const registries = new Map([from.host, to.host].map((host) => [host, connect(host)]));
      try {
        const result = await run(file, {
          registry: async (host) => registries.get(host)!,
          cacheFile: join(folder, "platforms.txt"),
          ...options,
          onEvent(event) {
            events.push(event);
            options.onEvent?.(event);
          },
        });
        return { ...result, events, images: namesOf(events, to.host, folder) };
      } finally {
        for (const registry of registries.values()) await registry.close();
      }
    },
    async close() {
      for (const close of closers) await close();
    },
  };
}

function namesOf(events: readonly SyncEvent[], host: string, folder: string): string[] {
  const lines = events.flatMap((event) =>
    event.type === "image" ? [`${event.state} ${event.target}`] : [],
  );
  return lines.map((line) => line.replace(host, "TO").replace(folder, "DIR")).toSorted();
}
