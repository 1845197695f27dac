/** What the server counts, in the words of Prometheus. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";

import type { RegistryEvent } from "../distribution/exchange.ts";
import type { EndpointCounts } from "../distribution/notifications/report.ts";
import { parseRoute } from "../distribution/route.ts";
import type { CollectionCounts } from "../store/store.ts";
import type { MetricsPage } from "./pages.ts";
import type { AccessEntry } from "./server.ts";

export interface MetricsOptions {
  /** Requests that are being answered. */
  running(): number;
  /** What the store holds. */
  count?(): Promise<CollectionCounts>;
  notifications?(): readonly EndpointCounts[];
  /** Whether others than this machine may read them. @default false */
  readonly public?: boolean;
  /** Milliseconds that a count of the store holds. @default 30000 */
  readonly countEvery?: number;
}

/** The functions that are told of what is counted, and the page that shows it. */
export interface Metrics extends MetricsPage {
  onAccess(entry: AccessEntry): void;
  onEvent(event: RegistryEvent): void;
  onFailure(): void;
}

/** Seconds: from what memory answers to a large blob on a thin line. */
const buckets = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60, 600];

/**
 * Counts from now on.
 *
 * @example
 * const metrics = createMetrics({ running: () => server.running });
 * const server = await startServer({ collection, metrics, onAccess: metrics.onAccess, onEvent: metrics.onEvent });
 */
export function createMetrics(options: MetricsOptions): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const counter = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
    new Counter({ name: `wharf_${name}`, help, labelNames, registers });

  const requests = counter("http_requests_total", "Requests that were answered", [
    "method",
    "route",
    "status",
  ]);
  const duration = new Histogram({
    name: "wharf_http_request_duration_seconds",
    help: "Time from a request's head to the answer's end",
    labelNames: ["method", "route"],
    buckets,
    registers,
  });
  const received = counter("http_received_bytes_total", "Bytes of requests", ["route"]);
  const sent = counter("http_sent_bytes_total", "Bytes of answers", ["route"]);
  const cut = counter("http_cut_total", "Answers whose connection ended first", ["route"]);
  const failures = counter("failures_total", "Failures of the server itself", []);
  const events = counter("events_total", "What happened to content", ["action", "kind"]);
  new Gauge({
    name: "wharf_http_requests_running",
    help: "Requests that are being answered",
    registers,
    collect() {
      this.set(options.running());
    },
  });
  if (options.count) addCounts(registry, options.count, options.countEvery ?? 30_000);
  if (options.notifications) addNotifications(registry, options.notifications);

  return {
    ...(options.public !== undefined && { public: options.public }),
    onAccess(entry) {
      const method = methodOf(entry);
      const route = routeOf(entry);
      requests.inc({ method, route, status: entry.status });
      duration.observe({ method, route }, entry.duration / 1000);
      received.inc({ route }, Math.max(0, entry.received));
      sent.inc({ route }, Math.max(0, entry.bytes));
      if (entry.cut) cut.inc({ route });
    },
    onEvent: ({ action, kind }) => events.inc({ action, kind }),
    onFailure: () => failures.inc(),
    render: async () => ({ type: registry.contentType, body: await registry.metrics() }),
  };
}

/** What the store holds, counted when somebody asks and the last count is old. */
function addCounts(
  registry: Registry,
  count: () => Promise<CollectionCounts>,
  countEvery: number,
): void {
  let counted: Promise<CollectionCounts> | undefined;
  let at = 0;
  const latest = () => {
    if (counted === undefined || performance.now() - at > countEvery) {
      at = performance.now();
      counted = count();
      counted.catch(() => (counted = undefined));
    }
    return counted;
  };
  for (const [field, help] of Object.entries(countHelp))
    new Gauge({
      name: `wharf_store_${field}`,
      help,
      registers: [registry],
      async collect() {
        this.set((await latest())[field as keyof CollectionCounts]);
      },
    });
}

const countHelp: Readonly<Record<keyof CollectionCounts, string>> = {
  repositories: "Repositories",
  manifests: "Manifests, of each repository that has one",
  tags: "Tags",
  blobs: "Blobs, counted once however many repositories have them",
  uploads: "Uploads that are not finished",
};

function addNotifications(registry: Registry, counts: () => readonly EndpointCounts[]): void {
  const fields = {
    queued: ["notifications_queued", "Events that wait for an endpoint", Gauge],
    sent: ["notifications_sent_total", "Events that an endpoint has received", Counter],
    failures: ["notifications_failed_total", "Tries to send an event that failed", Counter],
    dropped: ["notifications_dropped_total", "Events that will not be sent", Counter],
  } as const;
  for (const [field, [name, help, Metric]] of Object.entries(fields)) {
    const metric: Gauge<"endpoint"> | Counter<"endpoint"> = new Metric({
      name: `wharf_${name}`,
      help,
      labelNames: ["endpoint"],
      registers: [registry],
      collect() {
        metric.reset();
        for (const count of counts())
          metric.inc({ endpoint: count.endpoint }, count[field as keyof typeof fields]);
      },
    });
  }
}

const methods = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]);

/** A client could make up as many as it likes. */
function methodOf({ method }: AccessEntry): string {
  return methods.has(method) ? method : "other";
}

function routeOf({ target }: AccessEntry): string {
  const mark = target.indexOf("?");
  const path = mark < 0 ? target : target.slice(0, mark);
  if (path === "/livez" || path === "/readyz" || path === "/metrics") return path.slice(1);
  return parseRoute(path)?.kind ?? "other";
}
