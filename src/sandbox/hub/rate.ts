/** How many requests a minute Hub takes from an account or an address; of IPv6, from a /64. */
import { type Puller, sourceOf } from "../registry/pulls.ts";
import { HubRefusal } from "./refusal.ts";

const window = 60_000;
/** Callers that are remembered. */
const callers = 10_000;

export class HubRate {
  readonly #limit: number;
  readonly #seen = new Map<string, { count: number; until: number }>();

  /** @param limit requests a minute */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /**
   * Counts a request.
   * @returns what every answer says of the limit
   * @throws HubRefusal 429
   */
  count(whoever: Puller, now: number): Record<string, string> {
    const caller = sourceOf(whoever);
    let entry = this.#seen.get(caller);
    if (!entry || entry.until <= now) {
      if (this.#seen.size >= callers) this.#seen.clear();
      entry = { count: 0, until: now + window };
      this.#seen.set(caller, entry);
    }
    entry.count += 1;
    const headers = {
      "x-ratelimit-limit": String(this.#limit),
      "x-ratelimit-remaining": String(Math.max(0, this.#limit - entry.count)),
      "x-ratelimit-reset": String(Math.ceil(entry.until / 1000)),
    };
    if (entry.count > this.#limit)
      throw new HubRefusal(
        429,
        { detail: "Rate limit exceeded", error: false },
        { ...headers, "retry-after": String(Math.max(1, Math.ceil((entry.until - now) / 1000))) },
      );
    return headers;
  }
}
