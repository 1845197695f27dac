/** What the server counts, at /metrics. */
import type { RunningServer } from "../../server/server.ts";
import type { RepositoryCollection } from "../../store/store.ts";
import type { Flag, FlagValues } from "../command.ts";
import type { NotificationsPart } from "./notifications.ts";
import type { Part } from "./part.ts";

export const metricsFlags = {
  metrics: { about: "Serve metrics for Prometheus at /metrics, to this machine only" },
  "metrics-public": { about: "Serve them to everybody" },
} as const satisfies Record<string, Flag>;

export async function metricsPart(
  flags: FlagValues<typeof metricsFlags>,
  collection: RepositoryCollection,
  { counts }: NotificationsPart,
): Promise<Part> {
  if (!flags.metrics && !flags["metrics-public"]) return {};
  const { createMetrics } = await import("../../server/metrics.ts");
  let running: RunningServer | undefined;
  const metrics = createMetrics({
    running: () => running?.running ?? 0,
    public: flags["metrics-public"],
    ...(collection.count && { count: () => collection.count!() }),
    ...(counts && { notifications: counts }),
  });
  const { onAccess, onEvent, onFailure } = metrics;
  return {
    options: { metrics, onAccess, onEvent, onFailure },
    started: (server) => void (running = server),
  };
}
