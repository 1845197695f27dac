/**
 * Calls webhooks when a tag was pushed. What is to be sent stands in the state, a hook's deliveries go out one after another in
 * the order of the pushes, and no push waits for them.
 */
import { randomBytes } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";

import { redactUrl } from "../../http/redact.ts";
import type { SandboxUrls } from "../listen.ts";
import { type State, written } from "../state/state.ts";
import { payloadOf, type TagPush } from "./payload.ts";
import { send } from "./send.ts";

/** Deliveries that may wait, those that come when so many do are dropped; and as many are remembered. */
const most = 500;
/** Hooks that are called at the same time. */
const parallel = 8;
/** Milliseconds until an answer must have begun. */
const timeout = 5000;
/** Milliseconds before each further try. */
const pauses: readonly number[] = [1000, 4000];

/** What came of a push, for one address. */
export interface WebhookDelivery {
  readonly repository: string;
  readonly webhook: string;
  /** Without a password. */
  readonly hook_url: string;
  readonly state: "waiting" | "delivered" | "failed" | "dropped";
  /** Whether it was received and, where the webhook waits for a callback, the callback told of success. */
  readonly complete: boolean;
  readonly tries: number;
  /** How the last try ended, in words. */
  readonly outcome: string;
  /** ISO 8601. */
  readonly made: string;
  /** What the receiver has said at the callback's address. */
  readonly callback: WebhookCallback | null;
  /** What was sent. */
  readonly payload: unknown;
}

/** What a receiver posts to `callback_url`. */
export interface WebhookCallback {
  readonly state: "success" | "failure" | "error";
  readonly description?: string;
  readonly context?: string;
  readonly target_url?: string;
}

export interface WebhookOptions {
  readonly state: State;
  /** Hosts besides this machine that may be called, with or without a port. */
  readonly allowed?: readonly string[];
  /** @default 1 s and 4 s */
  readonly pauses?: readonly number[];
  /** Told of failures that are ours. */
  onFailure?(error: unknown): void;
}

export class Webhooks {
  readonly #state: State;
  readonly #options: WebhookOptions;
  readonly #allowed: readonly string[];
  readonly #running = new Map<number, Promise<void>>();
  readonly #abort = new AbortController();
  #hubUrl = "";
  #ownPorts: ReadonlySet<number> = new Set();

  constructor(options: WebhookOptions) {
    this.#state = options.state;
    this.#options = options;
    this.#allowed = (options.allowed ?? []).map((host) => host.toLowerCase());
    this.#giveUp();
  }

  /** Where the sandbox is: callbacks go there, deliveries do not. */
  set urls(urls: SandboxUrls) {
    this.#hubUrl = urls.hub;
    this.#ownPorts = new Set(Object.values(urls).map((url) => Number(new URL(url).port)));
  }

  /** To be called within the transaction that sets the tag. */
  pushed(push: TagPush): void {
    const state = this.#state;
    const hooks = state.all<{ id: number }>(
      "SELECT h.id FROM webhook_hooks h JOIN webhooks w ON w.id = webhook WHERE repository = ?",
      push.repository.id,
    );
    if (hooks.length === 0) return;
    let waiting = state.count(
      "SELECT count(*) AS count FROM webhook_deliveries WHERE state = 'waiting'",
    );
    for (const { id } of hooks) {
      const secret = randomBytes(20).toString("hex");
      const dropped = waiting >= most;
      const made = state.run(
        "INSERT INTO webhook_deliveries (hook, secret, payload, made, state, outcome) VALUES (?, ?, ?, ?, ?, ?)",
        id,
        secret,
        JSON.stringify(payloadOf(state, push, this.#hubUrl, secret)),
        written(push.time),
        dropped ? "dropped" : "waiting",
        dropped ? `${most} deliveries are waiting` : "",
      );
      if (!dropped) waiting += 1;
      state.run(
        "DELETE FROM webhook_deliveries WHERE id <= ? AND state <> 'waiting'",
        made.id - most,
      );
    }
    // After the transaction.
    queueMicrotask(() => this.#wake());
  }

  /**
   * Notes what a receiver says of a delivery.
   * @returns whether there is one
   */
  answered(secret: string, callback: WebhookCallback): boolean {
    return (
      this.#state.run(
        "UPDATE webhook_deliveries SET callback = ? WHERE secret = ?",
        JSON.stringify(callback),
        secret,
      ).changes > 0
    );
  }

  /** The last ones, newest first. */
  history(limit = 100): WebhookDelivery[] {
    return this.#state
      .all<HistoryRow>(
        `SELECT a.name || '/' || r.name AS repository, w.name AS webhook, address AS hook_url,
           d.state, tries, outcome, made, callback, payload, awaits_callback
         FROM webhook_deliveries d JOIN webhook_hooks h ON h.id = hook JOIN webhooks w ON w.id = webhook
           JOIN repositories r ON r.id = w.repository JOIN accounts a ON a.number = r.owner
         ORDER BY d.id DESC LIMIT ?`,
        limit,
      )
      .map(({ awaits_callback, ...row }) => {
        const callback =
          row.callback === null ? null : (JSON.parse(row.callback) as WebhookCallback);
        const isSuccess = awaits_callback === 0 || callback?.state === "success";
        return {
          ...row,
          hook_url: redactUrl(row.hook_url),
          complete: row.state === "delivered" && isSuccess,
          callback,
          payload: JSON.parse(row.payload) as unknown,
        };
      });
  }

  /** Resolves when everything was sent, or given up. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running.values());
  }

  /** Ends all of it; what was waiting is not sent any more. */
  async close(): Promise<void> {
    this.#abort.abort();
    await this.settled();
    this.#giveUp();
  }

  #giveUp(): void {
    this.#state.run(
      "UPDATE webhook_deliveries SET state = 'failed', outcome = 'the sandbox has ended' WHERE state = 'waiting'",
    );
  }

  #wake(): void {
    if (this.#abort.signal.aborted) return;
    const hooks = this.#state.all<{ hook: number }>(
      "SELECT DISTINCT hook FROM webhook_deliveries WHERE state = 'waiting' ORDER BY id",
    );
    for (const { hook } of hooks) {
      if (this.#running.size >= parallel) return;
      if (this.#running.has(hook)) continue;
      const running = this.#run(hook).then(
        () => {
          this.#running.delete(hook);
          this.#wake();
        },
        (error: unknown) => {
          this.#running.delete(hook);
          this.#options.onFailure?.(error);
        },
      );
      this.#running.set(hook, running);
    }
  }

  /** Sends what waits for a hook, the oldest first. */
  async #run(hook: number): Promise<void> {
    const { signal } = this.#abort;
    const between = this.#options.pauses ?? pauses;
    while (!signal.aborted) {
      const next = this.#state.one<Waiting>(
        `SELECT secret, payload, address, tries FROM webhook_deliveries d JOIN webhook_hooks h ON h.id = hook
         WHERE hook = ? AND d.state = 'waiting' ORDER BY d.id LIMIT 1`,
        hook,
      );
      if (!next) return;
      const url = new URL(next.address);
      const sent = await send({
        url,
        payload: next.payload,
        reach: { allowed: this.#allowed, own: this.#ownPorts },
        timeout,
        signal,
      });
      if (signal.aborted) return;
      const pause = sent.state === "failed" ? between[next.tries] : undefined;
      const over = sent.state === "delivered" ? "delivered" : "failed";
      this.#state.run(
        "UPDATE webhook_deliveries SET tries = tries + 1, outcome = ?, state = ? WHERE secret = ?",
        sent.outcome,
        pause === undefined ? over : "waiting",
        next.secret,
      );
      // A pause that is broken off is one after which there is nothing to do.
      if (pause !== undefined) await wait(pause, undefined, { signal }).catch(() => undefined);
    }
  }
}

interface HistoryRow extends Omit<WebhookDelivery, "callback" | "payload" | "complete"> {
  readonly callback: string | null;
  readonly payload: string;
  readonly awaits_callback: number;
}

interface Waiting {
  readonly secret: string;
  readonly payload: string;
  readonly address: string;
  readonly tries: number;
}
