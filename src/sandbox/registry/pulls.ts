/**
 * How many pulls are left: counted for an account, or for the address of whoever is anonymous. GET of an image's manifest
 * counts; HEAD does not, and an index does not. Source: Docker's docs, "Docker Hub pull usage and limits".
 */
import { isIPv6 } from "node:net";

import { Refusal } from "../../distribution/refusal.ts";
import type { Account } from "../accounts/accounts.ts";
import type { State } from "../state/state.ts";

/** Pulls in a window; Infinity means no limit. */
export interface PullLimits {
  /** For an address. @default 100 */
  readonly anonymous: number;
  /** For an account without a paid plan. @default 200 */
  readonly account: number;
  /** Seconds. @default 21600 */
  readonly window: number;
}

export const pullLimits: PullLimits = { anonymous: 100, account: 200, window: 21_600 };

/** Whose pulls are counted together. */
export interface Puller {
  readonly account?: Account | undefined;
  readonly address: string;
}

export class Pulls {
  readonly #state: State;
  readonly #limits: PullLimits;
  readonly #now: () => number;

  constructor(state: State, limits: PullLimits, now: () => number) {
    this.#state = state;
    this.#limits = limits;
    this.#now = now;
  }

  /** Counts a pull. @throws Refusal TOOMANYREQUESTS where none was left */
  count(puller: Puller): void {
    const limit = this.#limitOf(puller);
    if (limit === Infinity) return;
    const source = sourceOf(puller);
    this.#state.transaction(() => {
      const { count, since } = this.#window(source);
      if (count >= limit) throw refusal(puller, this.headers(puller));
      const over = this.#now() - this.#limits.window * 1000;
      if (count === 0) this.#state.run("DELETE FROM pulls WHERE since <= ?", over);
      this.#state.run("INSERT OR REPLACE INTO pulls VALUES (?, ?, ?)", source, since, count + 1);
    });
  }

  /** What an answer about a manifest says of the limit; nothing where there is none. */
  headers(puller: Puller): Record<string, string> {
    const limit = this.#limitOf(puller);
    if (limit === Infinity) return {};
    const { window } = this.#limits;
    const source = sourceOf(puller);
    const left = Math.max(0, limit - this.#window(source).count);
    return {
      "ratelimit-limit": `${limit};w=${window}`,
      "ratelimit-remaining": `${left};w=${window}`,
      "docker-ratelimit-source": source,
    };
  }

  #limitOf({ account }: Puller): number {
    if (!account) return this.#limits.anonymous;
    return account.plan === "free" ? this.#limits.account : Infinity;
  }

  #window(source: string): { count: number; since: number } {
    const now = this.#now();
    const row = this.#state.one<{ count: number; since: number }>(
      "SELECT count, since FROM pulls WHERE source = ?",
      source,
    );
    return row && row.since + this.#limits.window * 1000 > now ? row : { count: 0, since: now };
  }
}

/** What requests are counted under. */
export function sourceOf({ account, address }: Puller): string {
  return account?.id ?? networkOf(address);
}

/** What an address counts as: an IPv4 address itself, an IPv6 address its /64, as Docker has it. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [plain = ""] = address.split("%");
  if (!isIPv6(plain)) return address;
  const [head = "", tail] = plain.split("::", 2);
  const groups = head === "" ? [] : head.split(":");
  const rest = tail === undefined || tail === "" ? 0 : tail.split(":").length;
  if (tail !== undefined) {
    const zeros = Array.from({ length: 8 - groups.length - rest }, () => "0");
    groups.push(...zeros, ...(rest === 0 ? [] : tail.split(":")));
  }
  const network = groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${network.join(":").replace(/(:?\b0\b)+$/, "")}::`;
}

function refusal({ account }: Puller, headers: Record<string, string>): Refusal {
  const said = account
    ? `pull rate limit as '${account.name}'. You may increase the limit by upgrading.`
    : "unauthenticated pull rate limit.";
  return new Refusal(
    "TOOMANYREQUESTS",
    `You have reached your ${said} https://www.docker.com/increase-rate-limit`,
    { headers },
  );
}
