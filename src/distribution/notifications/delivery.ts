/** Brings the events of one endpoint to it, one after another. */
import { isError } from "../../errors.ts";
import type { HttpClient, HttpResponse } from "../../http/http.ts";
import { redactUrl } from "../../http/redact.ts";
import { retryAfter } from "../../http/retry.ts";
import type { Endpoint } from "./endpoint.ts";
import { envelopeType } from "./envelope.ts";
import type { Queues } from "./queue.ts";
import type { DeliveryReport } from "./report.ts";
import { Stop } from "./stop.ts";

/** Milliseconds of the longest wait before another try. */
const longestWait = 60_000;
/** Milliseconds that a receiver may ask for with `Retry-After`. */
const longestAsked = 600_000;
/** Milliseconds between two looks for events that other processes have added. */
const lookEvery = 1000;
/** Statuses that say that the event itself is no good, so that it would hold up the others for ever. */
const refusals: ReadonlySet<number> = new Set([400, 405, 413, 414, 415, 422]);
/** Tries after which such an event is dropped. */
const refusalLimit = 3;

export interface DeliveryOptions {
  readonly endpoint: Endpoint;
  /** Of the endpoint's queue. */
  readonly key: string;
  readonly queues: Queues;
  readonly http: HttpClient;
  report(report: DeliveryReport): void;
}

/** How a try ended. */
type Outcome =
  | { readonly kind: "delivered" }
  | { readonly kind: "failed"; readonly why: string; readonly wait?: number }
  | { readonly kind: "refused"; readonly why: string };

export class Delivery {
  readonly #options: DeliveryOptions;
  readonly #stop = new Stop();
  readonly #running: Promise<void>;
  #drains = false;
  /** Events that were received. */
  sent = 0;
  /** Tries that failed. */
  failures = 0;
  /** Events that the receiver refused for good. */
  refused = 0;

  /** Begins at once. */
  constructor(options: DeliveryOptions) {
    this.#options = options;
    this.#running = this.#run();
  }

  /** There is something in the queue. */
  wake(): void {
    this.#stop.wake();
  }

  /**
   * Ends after what is being sent.
   * @param patience milliseconds, after which that is broken off and will be sent again
   * @param drain whether to go on until the queue is empty or a try fails
   */
  async close(patience: number, drain: boolean): Promise<void> {
    const timer = setTimeout(() => this.#stop.abort(), patience);
    this.#drains = drain;
    this.#stop.end();
    await this.#running;
    clearTimeout(timer);
  }

  async #run(): Promise<void> {
    const { key, queues } = this.#options;
    let tries = 0;
    while (!this.#stop.aborted && (!this.#stop.ending || this.#drains)) {
      try {
        const next = queues.first(key);
        if (!next) {
          if (this.#stop.ending) return;
          await this.#stop.wait(queues.shared ? lookEvery : undefined);
          continue;
        }
        const outcome = await this.#post(next.event);
        if (this.#stop.aborted && outcome.kind !== "delivered") return;
        const wait = this.#note(outcome, tries);
        tries = wait === undefined ? 0 : tries + 1;
        if (wait === undefined) queues.remove(key, next.id);
        else if (this.#stop.ending) return;
        else await this.#stop.wait(wait, { asleep: true });
      } catch (error) {
        // The queue itself, such as a full disk.
        this.#report("failing", describe(error));
        if (this.#stop.ending) return;
        await this.#stop.wait(longestWait, { asleep: true });
      }
    }
  }

  /** @returns milliseconds to wait before the event is tried again; undefined where it is over with it */
  #note(outcome: Outcome, tries: number): number | undefined {
    if (outcome.kind === "delivered") {
      this.sent += 1;
      if (tries > 0) this.#report("recovered", `works again after ${tries + 1} tries`);
      return undefined;
    }
    this.failures += 1;
    if (outcome.kind === "refused" && tries + 1 >= refusalLimit) {
      this.refused += 1;
      this.#report("dropped", `an event was refused ${refusalLimit} times: ${outcome.why}`);
      return undefined;
    }
    if (tries === 0) this.#report("failing", outcome.why);
    const { backoff = 1000, threshold = 1 } = this.#options.endpoint;
    const doubled = backoff * 2 ** Math.max(0, Math.min(tries + 1 - threshold, 20));
    const asked = outcome.kind === "failed" ? (outcome.wait ?? 0) : 0;
    return Math.max(Math.min(doubled, longestWait), Math.min(asked, longestAsked));
  }

  async #post(event: string): Promise<Outcome> {
    const { endpoint, http } = this.#options;
    const { url, headers = {}, timeout = 10_000 } = endpoint;
    const abort = new AbortController();
    const onStop = () => abort.abort();
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      abort.abort();
    }, timeout);
    this.#stop.signal.addEventListener("abort", onStop);
    try {
      const answer = await http.request({
        method: "POST",
        url,
        headers: { accept: "*/*", ...headers, "content-type": envelopeType },
        secretHeaders: Object.keys(headers),
        body: Buffer.from(`{"events":[${event}]}`),
        redirect: "manual",
        // Sent twice does no harm, since the event has an id; a connection that was closed while idle is replaced.
        repeat: "always",
        retries: 0,
        signal: abort.signal,
      });
      await answer.discard();
      return outcomeOf(answer);
    } catch (error) {
      if (late) return { kind: "failed", why: `no answer for ${timeout / 1000} s` };
      return { kind: "failed", why: describe(error, `POST ${redactUrl(url)}: `) };
    } finally {
      clearTimeout(timer);
      this.#stop.signal.removeEventListener("abort", onStop);
    }
  }

  #report(state: DeliveryReport["state"], message: string): void {
    const { endpoint, report } = this.#options;
    report({ endpoint: endpoint.name, state, message });
  }
}

function outcomeOf({ status, headers }: HttpResponse): Outcome {
  if (status >= 200 && status < 300) return { kind: "delivered" };
  if (status >= 300 && status < 400)
    return { kind: "failed", why: `it redirects (${status}); name the address it redirects to` };
  if (refusals.has(status)) return { kind: "refused", why: `status ${status}` };
  const wait = retryAfter(headers, Date.now());
  return { kind: "failed", why: `status ${status}`, ...(wait !== undefined && { wait }) };
}

/** The message without the address, whose path may be a secret. */
function describe(error: unknown, address = ""): string {
  const { message } = error as Error;
  return isError(error) && address !== "" ? message.replace(address, "") : message;
}
