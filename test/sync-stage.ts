/** Two registries on free ports, and what was asked of them. */
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { createRegistryHandler } from "../src/distribution/handler.ts";
import { connect } from "../src/registry/remote.ts";
import { createMemoryCollection } from "../src/store/memory.ts";
import type { Repository } from "../src/store/store.ts";
import type { SyncEvent } from "../src/sync/event.ts";
import { readText } from "../src/sync/file.ts";
import { run, type SyncOptions } from "../src/sync/run.ts";

export interface Site {
  host: string;
  /** Where it is set, the registry counts pulls as Docker Hub does. */
  pullsLeft?: number;
  /** Whether it deletes a manifest with all its tags, whichever of them is named. */
  greedy?: boolean;
  repository(name: string): Repository;
  /** `GET /v2/a/manifests/1`, as they came. */
  readonly requests: string[];
}

/** A registry in memory. */
async function openSite(closers: (() => Promise<void>)[]): Promise<Site> {
  const collection = createMemoryCollection();
  const handler = createRegistryHandler(collection);
  const site: Site = { host: "", repository: (name) => collection.repository(name), requests: [] };
  const server = createServer(async (request, response) => {
    const { method = "", url = "" } = request;
    site.requests.push(`${method} ${url}`);
    if (site.pullsLeft !== undefined && url.includes("/manifests/")) {
      if (method === "GET") site.pullsLeft -= 1;
      response.setHeader("ratelimit-limit", "100;w=21600");
      response.setHeader("ratelimit-remaining", `${site.pullsLeft};w=21600`);
    }
    const [, name, tag] = /^\/v2\/(.+)\/manifests\/([^:]+)$/.exec(url) ?? [];
    if (site.greedy && method === "DELETE" && name && tag) {
      const found = await collection.repository(name).resolve(tag);
      request.url = `/v2/${name}/manifests/${found.digest}`;
    }
    handler(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  site.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  closers.push(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
    await collection.close();
  });
  return site;
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
          cacheFolder: folder,
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
