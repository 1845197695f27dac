/** Serves a registry until it is told to end. */
import { printable } from "./format.ts";
import type { AccessEntry } from "../server/server.ts";
import type { RepositoryCollection } from "../store/store.ts";
import type { Output } from "./output.ts";

export interface ServeFlags {
  readonly store: string;
  readonly host: string;
  readonly port: number;
  readonly memory: boolean;
  readonly "allow-anonymous": boolean;
  readonly seed: boolean;
  readonly quickstart: boolean;
  readonly log: boolean;
}

/** Serves until the signal aborts; prints the address first. */
export async function serve(flags: ServeFlags, output: Output, signal: AbortSignal): Promise<void> {
  const { startServer } = await import("../server/server.ts");
  const collection = await openData(flags);
  try {
    if (flags.seed || flags.quickstart) {
      const { seed } = await import("../distribution/seed.ts");
      await seed(collection);
    }
    const server = await startServer({
      collection,
      host: flags.host,
      port: flags.port,
      portFallback: flags.quickstart,
      allowAnonymous: flags["allow-anonymous"],
      ...(flags.log && { onAccess: (entry) => output.say(accessLine(entry, output.json)) }),
    });
    try {
      const kept = flags.memory ? "memory" : flags.store;
      if (output.json)
        await output.item({ url: server.url, host: server.host, port: server.port, store: kept });
      else {
        await output.line(`Serving ${kept} at ${server.url}`);
        if (flags.quickstart) await output.line(suggestions(server.port));
      }
      await output.flush();
      await aborted(signal);
      if (!output.json) output.note("Ending after running requests; Ctrl-C again ends at once");
    } finally {
      await server.close();
    }
  } finally {
    await collection.close();
  }
}

async function openData({ memory, store }: ServeFlags): Promise<RepositoryCollection> {
  if (memory) return (await import("../store/memory.ts")).createMemoryCollection();
  return (await import("../store/collection/collection.ts")).openCollection(store);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** Five things to try, that work as printed. */
export function suggestions(port: number, environment = process.env): string {
  // Whoever came by npm has no `wharf` on the path.
  const wharf = environment.npm_execpath ? "npx wharf" : "wharf";
  const image = `localhost:${port}/hello/wharf`;
  return [
    "",
    "In another terminal, in this folder, try:",
    `  ${wharf} inspect ${image}`,
    `  ${wharf} tags ${image}`,
    `  ${wharf} copy ${image} oci:wharf-hello:latest`,
    `  ${wharf} copy oci:wharf-hello:latest localhost:${port}/mine/hello:v1`,
    `  ${wharf} repos localhost:${port}`,
    "",
    "Ctrl-C ends it.",
  ].join("\n");
}

function accessLine(entry: AccessEntry, json: boolean): string {
  const time = new Date().toISOString();
  if (json) return JSON.stringify({ time, ...entry });
  const { method, target, status, bytes, duration, address, cut } = entry;
  const how = `${status}${cut ? " cut" : ""} ${bytes} B ${duration.toFixed(1)} ms`;
  return `${time} ${address ?? "-"} ${method} ${printable(target)} ${how}`;
}
