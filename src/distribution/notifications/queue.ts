/** Events that wait to be delivered. */

/** An event in the queue of an endpoint. */
export interface Waiting {
  readonly id: number;
  /** As JSON. */
  readonly event: string;
}

/** An event on its way into the queues of some endpoints. */
export interface Arriving {
  readonly keys: readonly string[];
  /** As JSON. */
  readonly event: string;
}

/** Queues of several endpoints, each known by a key, in the order of arrival. */
export interface Queues {
  /** Whether other processes may add to the same queues. */
  readonly shared: boolean;
  /** Adds events, all or none. @throws WharfError DISK_FULL, FILE_FAILED */
  add(events: readonly Arriving[]): void;
  /** The oldest event. */
  first(key: string): Waiting | undefined;
  remove(key: string, id: number): void;
  /** Events that wait; may lag behind what other processes do. */
  count(key: string): number;
  /** The same, counted anew. */
  recount(key: string): number;
  /** Forgets the queues of all other endpoints. @returns events that were in them */
  keepOnly(keys: readonly string[]): number;
  close(): void;
}

/** Queues that end with the process. */
export function createMemoryQueues(): Queues {
  const queues = new Map<string, Map<number, string>>();
  let last = 0;
  const count = (key: string) => queues.get(key)?.size ?? 0;
  return {
    shared: false,
    add(events) {
      for (const { keys, event } of events) {
        last += 1;
        for (const key of keys) {
          const queue = queues.get(key) ?? new Map<number, string>();
          queues.set(key, queue.set(last, event));
        }
      }
    },
    first(key) {
      for (const [id, event] of queues.get(key) ?? []) return { id, event };
      return undefined;
    },
    remove: (key, id) => void queues.get(key)?.delete(id),
    count,
    recount: count,
    keepOnly: () => 0,
    close: () => queues.clear(),
  };
}
