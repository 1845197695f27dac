/**
 * Which repository of a registry has which blob, as far as this run has seen. Images share bases across repositories: what
 * one of them got is mounted into the next, and crosses the network once.
 */
import type { Digest } from "../reference/descriptor.ts";
import type { Siblings } from "../transfer/session.ts";

/** Blobs that are remembered of a registry; some 200 bytes each. */
const limit = 20_000;

export class Landed {
  readonly #registries = new Map<string, Map<Digest, object>>();

  /**
   * What is known of the repositories beside `target`.
   * @param registry the target's; what is known stays within it
   */
  beside(target: object, registry: string): Siblings {
    const known = this.#registries.get(registry) ?? new Map<Digest, object>();
    this.#registries.set(registry, known);
    return {
      find(digest) {
        const holder = known.get(digest);
        return holder === target ? undefined : holder;
      },
      add(digest) {
        if (known.has(digest)) return;
        // The oldest goes first: bases are met again and again, and soon.
        if (known.size >= limit) known.delete(known.keys().next().value!);
        known.set(digest, target);
      },
    };
  }
}
