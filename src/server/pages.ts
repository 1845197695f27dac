/** What the server says of itself: whether it lives, whether it is ready, and its metrics. */
import type { IncomingMessage, ServerResponse } from "node:http";

import { isError } from "../errors.ts";
import { isLoopback } from "../reference/hosts.ts";
import type { RepositoryCollection } from "../store/store.ts";

/** Milliseconds that the store gets to answer. */
const patience = 5000;

/** What the server shows at `/metrics`, and to whom. */
export interface MetricsPage {
  /** Whether others than this machine may read it. @default false */
  readonly public?: boolean;
  /** Makes the page, once for each request; `type` is its media type. */
  render(): Promise<{ readonly type: string; readonly body: string }>;
}

export interface PagesOptions {
  readonly collection: Pick<RepositoryCollection, "hasRepository">;
  readonly metrics?: MetricsPage | undefined;
  /** Whether the server takes requests, and does not close. */
  isOpen(): boolean;
}

type Page = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void;

/** By path. */
export function createPages({
  collection,
  metrics,
  isOpen,
}: PagesOptions): ReadonlyMap<string, Page> {
  const pages = new Map<string, Page>([
    ["/", (_, response) => answer(response, 200, "Wharfinger: a registry at /v2/\n")],
    ["/livez", (_, response) => answer(response, 200, "ok\n")],
    [
      "/readyz",
      async (_, response) => {
        const wrong = isOpen() ? await complaintOf(collection) : "closing";
        answer(response, wrong === undefined ? 200 : 503, `${wrong ?? "ok"}\n`);
      },
    ],
  ]);
  if (metrics)
    pages.set("/metrics", async (request, response) => {
      if (!metrics.public && !isLocal(request))
        return answer(response, 403, "Metrics are for this machine, unless --metrics-public.\n");
      const page = await metrics.render().catch(() => undefined);
      if (page) answer(response, 200, page.body, page.type);
      else answer(response, 500, "The metrics cannot be read now.\n");
    });
  return pages;
}

/** What keeps the store from answering; its own words stay with us. */
async function complaintOf(collection: PagesOptions["collection"]): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  try {
    const late = new Promise<string>((resolve) => {
      timer = setTimeout(() => resolve("the store does not answer"), patience);
    });
    return await Promise.race([collection.hasRepository("readyz").then(() => undefined), late]);
  } catch (error) {
    return `the store fails: ${isError(error) ? error.code : "INTERNAL"}`;
  } finally {
    clearTimeout(timer);
  }
}

/** Whether a request comes from this machine itself, and not through a proxy on it. */
function isLocal({ socket, headers }: IncomingMessage): boolean {
  const proxied = ["x-forwarded-for", "x-real-ip", "forwarded", "via"].some(
    (name) => headers[name] !== undefined,
  );
  return !proxied && isLoopback((socket.remoteAddress ?? "").replace(/^::ffff:/, ""));
}

export function answer(
  response: ServerResponse,
  status: number,
  body: string | Buffer,
  type = "text/plain; charset=utf-8",
): void {
  response.writeHead(status, {
    "content-type": type,
    "content-length": Buffer.byteLength(body),
    "x-content-type-options": "nosniff",
  });
  response.end(body);
}
