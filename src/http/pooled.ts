/** The ordinary lane: undici's connection pools. Loaded with the first request. */
import { createRequire } from "node:module";
import type { Dispatcher, Pool } from "undici";
import { interrupted } from "../errors.ts";
import { Incoming } from "./incoming.ts";
import { openConnection, type Route } from "./connect.ts";
import { classify, failed, Failure } from "./failure.ts";
import { createHeaders } from "./headers.ts";
import type { LaneOptions } from "./wire/lane.ts";
import type { StreamBody } from "./http.ts";
import type { Answer, Exchange, Lane } from "./lane.ts";

// undici's index loads fetch, WebSocket, caches: 55 ms. The pool alone is half of that.
const PoolOf = createRequire(import.meta.url)("undici/lib/dispatcher/pool.js") as typeof Pool;

/** Bytes handed to a socket at once: what a slow peer takes well within an idle time-out. */
const pieceSize = 256 * 1024;

export function createLane(options: LaneOptions): Lane {
  const pools = new Map<string, Pool>();

  function poolFor(route: Route, url: URL): Pool {
    let pool = pools.get(route.key);
    if (!pool) {
      pool = new PoolOf(url.origin, {
        connect: (_, callback) => {
          openConnection(route, options.connecting(route, url)).then(
            (socket) => callback(null, socket),
            (error: Error) => callback(error, null),
          );
        },
        allowH2: false,
        pipelining: 1,
        headersTimeout: 0,
        bodyTimeout: 0,
        maxHeaderSize: 64 * 1024,
      });
      pools.set(route.key, pool);
    }
    return pool;
  }

  return {
    send(exchange) {
      const route = options.route(exchange);
      return dispatch(poolFor(route, exchange.url), exchange, route);
    },
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.destroy()));
      pools.clear();
    },
  };
}

/** One exchange over a pool: waits are watched by a single timer that changes its meaning. */
function dispatch(pool: Pool, exchange: Exchange, route: Route): Promise<Answer> {
  const { method, url, signal } = exchange;
  return new Promise((resolve, reject) => {
    let controller: Dispatcher.DispatchController | undefined;
    let incoming: Incoming | undefined;
    let over = false;
    let timer: NodeJS.Timeout | undefined;

    const stop = (error: unknown) => {
      if (over) return;
      over = true;
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      if (incoming) incoming.fail(error);
      else reject(error);
      controller?.abort(error instanceof Error ? error : new Error("aborted"));
    };
    const onAbort = () => stop(interrupted(signal));
    const wait = (milliseconds: number, message: string) => {
      clearTimeout(timer);
      if (over || incoming) return;
      timer = setTimeout(() => stop(new Failure("TIMEOUT", message)), milliseconds);
    };
    const waitForHead = () =>
      wait(exchange.headersTimeout, `no answer for ${exchange.headersTimeout / 1000} s`);

    async function* outgoing(body: StreamBody): AsyncGenerator<Uint8Array, void> {
      try {
        clearTimeout(timer);
        exchange.onBodyOpened?.();
        const bytes = await body.open(signal && { signal });
        for await (const chunk of bytes) {
          for (let at = 0; at < chunk.byteLength; at += pieceSize) {
            wait(
              exchange.idleTimeout,
              `host has read nothing for ${exchange.idleTimeout / 1000} s`,
            );
            yield chunk.subarray(at, at + pieceSize);
          }
          clearTimeout(timer);
        }
        waitForHead();
      } catch (error) {
        stop(error);
        throw error;
      }
    }

    const { body } = exchange;
    const size = body && !(body instanceof Uint8Array) ? body.size : undefined;
    const headers: Record<string, string> = { host: url.host, ...exchange.headers };
    if (size !== undefined) headers["content-length"] = String(size);
    const path = url.pathname + url.search;
    if (route.proxy && !route.secure && route.proxy.authorization) {
      headers["proxy-authorization"] = route.proxy.authorization;
    }

    const handler: Dispatcher.DispatchHandler = {
      onRequestStart(started) {
        controller = started;
        if (over) started.abort(new Error("aborted"));
        else if (!body || body instanceof Uint8Array) waitForHead();
      },
      onResponseStart(_, status) {
        if (status < 200 || over) return;
        clearTimeout(timer);
        incoming = new Incoming({
          valve: {
            pause: () => controller?.pause(),
            resume: () => controller?.resume(),
            abort: () => stop(new Failure("CONNECTION_FAILED", "given up")),
          },
          idleTimeout: exchange.idleTimeout,
          explain: (failure) => failed(failure, method, url),
        });
        resolve({ status, headers: headersOf(controller), body: incoming });
      },
      onResponseData(_, chunk) {
        incoming?.write(chunk);
      },
      onResponseEnd() {
        over = true;
        clearTimeout(timer);
        signal?.removeEventListener("abort", onAbort);
        incoming?.end();
      },
      onResponseError(_, error) {
        stop(controller ? explain(error, incoming !== undefined) : classify(error, "connecting"));
      },
    };

    if (signal?.aborted) return stop(interrupted(signal));
    signal?.addEventListener("abort", onAbort, { once: true });
    pool.dispatch(
      {
        method,
        path: route.proxy && !route.secure ? url.origin + path : path,
        headers,
        // undici closes after each HEAD, against servers that answer it with a body; registries do not.
        reset: false,
        body: body && !(body instanceof Uint8Array) ? (outgoing(body) as never) : (body ?? null),
      },
      handler,
    );
  });
}

function headersOf(controller: Dispatcher.DispatchController | undefined) {
  const raw = (controller?.rawHeaders ?? []) as (Buffer | string)[];
  const lines: [string, string][] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) {
    lines.push([text(raw[at]), text(raw[at + 1])]);
  }
  return createHeaders(lines);
}

function text(value: Buffer | string | undefined): string {
  return typeof value === "string" ? value : (value?.toString("latin1") ?? "");
}

/** undici's errors in our words. */
function explain(error: Error, inBody: boolean): Failure {
  const code = (error as { code?: string }).code ?? "";
  const options = { cause: error };
  if (code === "UND_ERR_SOCKET" || code === "UND_ERR_RES_CONTENT_LENGTH_MISMATCH") {
    const message = inBody
      ? "connection closed in the middle of the body"
      : "connection closed before the answer";
    return new Failure("CONNECTION_FAILED", message, options);
  }
  if (code.startsWith("HPE_") || code === "UND_ERR_HEADERS_OVERFLOW") {
    return new Failure("CONNECTION_FAILED", "host does not speak HTTP/1.1 properly", {
      ...options,
      repeatable: false,
    });
  }
  return classify(error, "exchanging");
}
