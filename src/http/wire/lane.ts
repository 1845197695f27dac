/** HTTP/1.1 over our own connections, kept open for the next request to the same place. */
import type { ConnectOptions, Route } from "../connect.ts";
import { Failure } from "../failure.ts";
import type { Answer, Exchange } from "../lane.ts";
import { Blocks } from "./blocks.ts";
import { Connection } from "./connection.ts";
import { requestHead } from "./request.ts";

export interface LaneOptions {
  route(exchange: Exchange): Route;
  connecting(route: Route, url: URL): ConnectOptions;
}

interface Idle {
  readonly connection: Connection;
  readonly timer: NodeJS.Timeout;
}

/** Connections kept for one place. */
const idleLimit = 16;

export class WireLane {
  readonly #options: LaneOptions;
  readonly #blocks = new Blocks();
  /** By route; the one used last is the last. */
  readonly #idle = new Map<string, Idle[]>();
  readonly #open = new Set<Connection>();
  #closed = false;

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  async send(exchange: Exchange): Promise<Answer> {
    if (this.#closed)
      throw new Failure("CONNECTION_FAILED", "client is closed", {
        unsent: true,
        repeatable: false,
      });
    const route = this.#options.route(exchange);
    const head = requestHead(exchange, route);
    const connection =
      (await this.#reuse(route, exchange)) ?? (await this.#connect(route, exchange));
    return connection.send(exchange, head);
  }

  close(): void {
    this.#closed = true;
    for (const connection of this.#open) connection.close();
  }

  async #reuse(route: Route, exchange: Exchange): Promise<Connection | undefined> {
    for (;;) {
      const connection = this.#pop(route.key);
      if (!connection) return undefined;
      // What cannot be repeated gets a look whether the host has closed meanwhile: one round of the loop brings its FIN.
      if (exchange.method === "POST" || exchange.method === "PATCH")
        await new Promise<void>((resolve) => setImmediate(resolve));
      if (connection.alive) return connection;
    }
  }

  #pop(key: string): Connection | undefined {
    const idle = this.#idle.get(key)?.pop();
    clearTimeout(idle?.timer);
    return idle?.connection;
  }

  async #connect(route: Route, exchange: Exchange): Promise<Connection> {
    const { signal, url } = exchange;
    const options = { ...this.#options.connecting(route, url), ...(signal && { signal }) };
    const connection = await Connection.open(route, options, this.#blocks, {
      onIdle: (idle, keepAlive) => this.#keep(route.key, idle, keepAlive),
      onClosed: (closed) => this.#forget(route.key, closed),
    });
    this.#open.add(connection);
    return connection;
  }

  #keep(key: string, connection: Connection, keepAlive: number): void {
    const list = this.#idle.get(key) ?? [];
    this.#idle.set(key, list);
    if (this.#closed || list.length >= idleLimit) {
      connection.close();
      return;
    }
    const timer = setTimeout(() => connection.close(), keepAlive);
    timer.unref();
    list.push({ connection, timer });
  }

  #forget(key: string, connection: Connection): void {
    this.#open.delete(connection);
    const list = this.#idle.get(key) ?? [];
    const at = list.findIndex((idle) => idle.connection === connection);
    if (at >= 0) clearTimeout(list.splice(at, 1)[0]?.timer);
    if (list.length === 0) this.#idle.delete(key);
  }
}
