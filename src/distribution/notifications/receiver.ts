/** An endpoint with its queue: whether it wants an event, and has room for it. */
import { createHash } from "node:crypto";

import { Delivery, type DeliveryOptions } from "./delivery.ts";
import { createFilter, type Endpoint } from "./endpoint.ts";
import type { Notification } from "./envelope.ts";
import type { Queues } from "./queue.ts";
import type { DeliveryReport, EndpointCounts } from "./report.ts";

/** Milliseconds between two counts of a queue that seems full. */
const recountEvery = 1000;

export class Receiver {
  readonly key: string;
  readonly wants: (event: Notification) => boolean;
  readonly #endpoint: Endpoint;
  readonly #queues: Queues;
  readonly #report: (report: DeliveryReport) => void;
  #delivery: Delivery | undefined;
  /** Events that there was no room for, and those of them that the log does not know of. */
  #dropped = 0;
  #unreported = 0;
  #recounted = -recountEvery;

  /** @param before the endpoints before it in the list */
  constructor(
    endpoint: Endpoint,
    before: readonly Endpoint[],
    queues: Queues,
    report: (report: DeliveryReport) => void,
  ) {
    this.key = keyOf(endpoint, before);
    this.wants = createFilter(endpoint);
    this.#endpoint = endpoint;
    this.#queues = queues;
    this.#report = report;
  }

  /**
   * Whether a further event may wait; one that may not is counted.
   * @param arriving events that are not in the queue yet
   */
  hasRoom(arriving: number): boolean {
    const { queue: bound = 10_000 } = this.#endpoint;
    if (this.#queues.count(this.key) + arriving >= bound) {
      // Perhaps another process has taken some.
      const now = performance.now();
      const recount = now - this.#recounted >= recountEvery;
      if (recount) this.#recounted = now;
      if (!recount || this.#queues.recount(this.key) + arriving >= bound) {
        this.drop(1, `${bound} events wait; further ones are dropped`);
        return false;
      }
    }
    if (this.#unreported > 0) {
      this.#say("dropped", `${this.#unreported} events were dropped; there is room again`);
      this.#unreported = 0;
    }
    return true;
  }

  /** Counts events that will not be sent; the log is told of the first of many. */
  drop(count: number, why: string): void {
    if (this.#unreported === 0) this.#say("full", why);
    this.#dropped += count;
    this.#unreported += count;
  }

  deliver(http: DeliveryOptions["http"]): void {
    this.#delivery = new Delivery({
      endpoint: this.#endpoint,
      key: this.key,
      queues: this.#queues,
      http,
      report: this.#report,
    });
  }

  /** There is something in the queue. */
  wake(): void {
    this.#delivery?.wake();
  }

  counts(): EndpointCounts {
    return {
      endpoint: this.#endpoint.name,
      queued: this.#queues.count(this.key),
      sent: this.#delivery?.sent ?? 0,
      failures: this.#delivery?.failures ?? 0,
      dropped: this.#dropped + (this.#delivery?.refused ?? 0),
    };
  }

  /** @param patience milliseconds */
  async close(patience: number): Promise<void> {
    await this.#delivery?.close(patience, !this.#queues.shared);
  }

  #say(state: DeliveryReport["state"], message: string): void {
    this.#report({ endpoint: this.#endpoint.name, state, message });
  }
}

/**
 * By what an endpoint is known from one start to the next: its address, which itself may be a secret, and how many have the
 * same before it.
 */
function keyOf({ url }: Endpoint, before: readonly Endpoint[]): string {
  const same = before.filter((other) => other.url.href === url.href).length;
  return createHash("sha256").update(`${same} ${url.href}`).digest("hex").slice(0, 32);
}
