/** Serves a registry until it is told to end. */
import type { Call } from "../call.ts";
import { accessPart, warnOfPlainHttp } from "./access.ts";
import { accessLogPart } from "./accessLog.ts";
import { addressPart } from "./address.ts";
import { collectingPart, readCollecting } from "./collecting.ts";
import { contentPart } from "./content.ts";
import { openData } from "./data.ts";
import type { ServeFlags } from "./flags.ts";
import { logPart } from "./log.ts";
import { metricsPart } from "./metrics.ts";
import { notificationsPart } from "./notifications.ts";
import { closeAll, optionsOf, type Part } from "./part.ts";
import { tlsPart } from "./tls.ts";

/** Serves until the signal aborts; prints the address first. */
export async function serve({
  flags,
  output,
  signal,
  config,
}: Pick<Call<ServeFlags>, "flags" | "output" | "signal" | "config">): Promise<void> {
  const parts: Part[] = [];
  try {
    parts.push(addressPart(flags), logPart(flags, output));
    parts.push(await tlsPart(flags, output));
    parts.push(await accessPart(flags, output));
    parts.push(await accessLogPart(flags, output), contentPart(flags));
    const collecting = readCollecting(flags);
    const collection = await openData(flags, collecting);
    parts.push({ close: () => collection.close() });
    parts.push(collectingPart(collecting, collection, output));
    const notifications = await notificationsPart(flags, config, output);
    parts.push(notifications);
    parts.push(await metricsPart(flags, collection, notifications));
    if (flags.seed || flags.quickstart) {
      const { seed } = await import("../../distribution/seed.ts");
      await seed(collection);
    }
    const { startServer } = await import("../../server/server.ts");
    const server = await startServer({
      ...optionsOf(parts),
      collection,
      portFallback: flags.quickstart,
    });
    parts.push({ close: () => server.close() });
    for (const part of parts) part.started?.(server);
    warnOfPlainHttp(flags, output);

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
    await closeAll(parts);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** Five things to try, that work as printed. */
function suggestions(port: number, environment = process.env): string {
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
