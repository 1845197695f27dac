/** Tells other services what happened to content: each event goes to every endpoint that wants it, in order, at least once. */
import { join } from "node:path";

import { createHttpClient, type HttpClientOptions } from "../../http/client.ts";
import type { HttpClient } from "../../http/http.ts";
import { type Lock, tryLock } from "../../store/disk/lock.ts";
import type { RegistryEvent } from "../exchange.ts";
import type { Endpoint } from "./endpoint.ts";
import { describeEvent } from "./envelope.ts";
import { type Arriving, createMemoryQueues, type Queues } from "./queue.ts";
import { Receiver } from "./receiver.ts";
import type { DeliveryReport, EndpointCounts } from "./report.ts";
import { openQueues } from "./storedQueues.ts";

/** Who is told of what happens to content, and where events wait until they are delivered. */
export interface NotifierOptions {
  /** Who is told. */
  readonly endpoints: readonly Endpoint[];
  /** Folder where events wait that could not be delivered yet, a data directory for example. @default in memory */
  readonly folder?: string;
  /** By which receivers reach the registry, such as `https://registry.example.com`. @default as the client called it */
  readonly origin?: string;
  /** Settings of the receivers' hosts, such as certificates and proxies. */
  readonly config?: HttpClientOptions["config"];
  /** Milliseconds between two looks whether another process, that delivers from the same folder, has ended. @default 5000 */
  readonly takeOverEvery?: number;
  /** Told when deliveries begin to fail, work again, or events are dropped. */
  report?(report: DeliveryReport): void;
}

/** Tells endpoints of what happens in a registry, each in order and at least once. */
export interface Notifier {
  /** Puts an event into the queues; does not wait for any receiver, and never throws. */
  onEvent(event: RegistryEvent): void;
  /** One for each endpoint. */
  counts(): readonly EndpointCounts[];
  /**
   * Stops delivering. Where events wait in memory, they get `patience` milliseconds to be delivered; in a folder they wait
   * for the next start, and only what is being sent is waited for.
   * @param patience @default 5000
   */
  close(patience?: number): Promise<void>;
}

/**
 * Opens the queues and begins to deliver what waits in them.
 *
 * Of several processes with the same folder one delivers; when it ends, another takes over.
 *
 * @throws WharfError FILE_FAILED, DISK_FULL, LAYOUT_INVALID
 * @example
 * const notifier = openNotifier({ endpoints: [{ name: "ci", url: new URL("https://ci.example.com/hook") }], folder: "/var/lib/registry" });
 * const server = await startServer({ collection, onEvent: notifier.onEvent });
 * // …
 * await server.close();
 * await notifier.close();
 */
export function openNotifier(options: NotifierOptions): Notifier {
  const notifier = new QueuedNotifier(options);
  notifier.start();
  return notifier;
}

class QueuedNotifier implements Notifier {
  readonly #options: NotifierOptions;
  readonly #receivers: readonly Receiver[];
  readonly #queues: Queues;
  readonly #http: HttpClient;
  /** Events of pulls, which are put into the queues together: there may be thousands a second. */
  #gathered: Arriving[] = [];
  #gathering: NodeJS.Immediate | undefined;
  #lock: Lock | undefined;
  #takeOver: NodeJS.Timeout | undefined;
  #closed: Promise<void> | undefined;

  constructor(options: NotifierOptions) {
    const { endpoints, folder, config, report = () => {} } = options;
    this.#options = options;
    this.#queues =
      folder === undefined ? createMemoryQueues() : openQueues(join(folder, "notifications.db"));
    this.#receivers = endpoints.map(
      (endpoint, index) => new Receiver(endpoint, endpoints.slice(0, index), this.#queues, report),
    );
    // A receiver must not wait for another one on the same host.
    const maxConnections = Math.max(16, endpoints.length);
    this.#http = createHttpClient({ ...(config && { config }), maxConnections });
  }

  start(): void {
    if (this.#deliver()) return;
    const again = () => {
      try {
        if (this.#deliver()) clearInterval(this.#takeOver);
      } catch {
        // The disk does not let us now; the process that delivers may be better off.
      }
    };
    this.#takeOver = setInterval(again, this.#options.takeOverEvery ?? 5000).unref();
  }

  readonly onEvent = (event: RegistryEvent): void => {
    const notification = describeEvent(event, this.#options.origin);
    const wanting = this.#receivers.filter((receiver) => receiver.wants(notification));
    if (wanting.length === 0) return;
    try {
      const arriving = this.#gathered.length;
      const keys = wanting.filter((one) => one.hasRoom(arriving)).map(({ key }) => key);
      if (keys.length > 0) this.#gathered.push({ keys, event: JSON.stringify(notification) });
    } catch (error) {
      for (const receiver of wanting) receiver.drop(1, (error as Error).message);
    }
    // What changed content is kept before its request is answered.
    if (event.action !== "pull") this.#keep();
    else this.#gathering ??= setImmediate(() => this.#keep());
  };

  counts(): readonly EndpointCounts[] {
    return this.#receivers.map((receiver) => receiver.counts());
  }

  close(patience = 5000): Promise<void> {
    return (this.#closed ??= this.#close(patience));
  }

  async #close(patience: number): Promise<void> {
    clearInterval(this.#takeOver);
    this.#keep();
    await Promise.all(this.#receivers.map((receiver) => receiver.close(patience)));
    await this.#http.close();
    this.#queues.close();
    await this.#lock?.release();
  }

  /** Begins to deliver, unless another process does. */
  #deliver(): boolean {
    const { folder, report } = this.#options;
    if (folder !== undefined) {
      this.#lock ??= tryLock(join(folder, "notifications.lock"));
      if (!this.#lock) return false;
    }
    const forgotten = this.#queues.keepOnly(this.#receivers.map(({ key }) => key));
    if (forgotten > 0)
      report?.({
        endpoint: "others",
        state: "forgotten",
        message: `${forgotten} events waited for endpoints that are not configured any more`,
      });
    for (const receiver of this.#receivers) receiver.deliver(this.#http);
    return true;
  }

  #keep(): void {
    clearImmediate(this.#gathering);
    this.#gathering = undefined;
    const events = this.#gathered;
    if (events.length === 0) return;
    this.#gathered = [];
    const counted = (key: string) => events.filter(({ keys }) => keys.includes(key)).length;
    const concerned = this.#receivers.filter(({ key }) => counted(key) > 0);
    try {
      this.#queues.add(events);
      for (const receiver of concerned) receiver.wake();
    } catch (error) {
      for (const receiver of concerned)
        receiver.drop(counted(receiver.key), (error as Error).message);
    }
  }
}
