/**
 * Who may work at the same time.
 *
 * A job names every host that it needs and starts only when all of them have room, so none ever holds one host while
 * it waits for another: there is nothing to deadlock on, even with one slot a host and one host for both sides.
 */
import type { Batch } from "./batch.ts";
import { Heap } from "./heap.ts";

/** What one host allows; a source and a target in the same registry have one between them. */
export class Host {
  readonly limit: number;
  busy = 0;

  constructor(limit: number) {
    this.limit = Math.max(1, Math.floor(limit));
  }
}

/** Bytes from which a blob's transfer costs more than the requests around it. */
export const largeSize = 1 << 20;

interface Job {
  readonly size: number;
  cancelled: boolean;
  start(): Promise<void>;
}

/**
 * Jobs on the same hosts.
 *
 * Large jobs start by size, the largest first: then none is left over at the end that keeps a single connection busy
 * while the others rest. Small ones start as they come, and while there are any, a third of the slots is theirs: they
 * are bound by round trips and the large ones by bandwidth, so that both get on at the same time.
 */
export class Lane {
  readonly hosts: readonly Host[];
  readonly #small: Job[] = [];
  readonly #large = new Heap<Job>((a, b) => a.size - b.size);
  readonly #share: number;
  #next = 0;
  #largeBusy = 0;

  constructor(hosts: readonly Host[]) {
    this.hosts = hosts;
    const limit = Math.min(...hosts.map((host) => host.limit));
    this.#share = limit === 1 ? 1 : limit - Math.max(1, Math.floor(limit / 3));
  }

  add(job: Job): void {
    if (job.size < largeSize) this.#small.push(job);
    else this.#large.push(job);
  }

  /** Takes the job that is to start next, where the hosts have room. */
  take(): Job | undefined {
    while (this.hosts.every((host) => host.busy < host.limit)) {
      const job = this.#choose();
      if (job === undefined || !job.cancelled) return job;
    }
    return undefined;
  }

  begin(job: Job): void {
    for (const host of this.hosts) host.busy += 1;
    if (job.size >= largeSize) this.#largeBusy += 1;
  }

  end(job: Job): void {
    for (const host of this.hosts) host.busy -= 1;
    if (job.size >= largeSize) this.#largeBusy -= 1;
  }

  #choose(): Job | undefined {
    const small = this.#next < this.#small.length;
    if (this.#large.size > 0 && (!small || this.#largeBusy < this.#share)) return this.#large.pop();
    if (!small) return undefined;
    const job = this.#small[this.#next++];
    // Forgets what has started, in pieces large enough that moving the rest costs nothing.
    if (this.#next >= 1024) {
      this.#small.splice(0, this.#next);
      this.#next = 0;
    }
    return job;
  }
}

/** Starts jobs as their hosts get room; lanes take turns. */
export class Slots {
  readonly #lanes: Lane[] = [];
  #turn = 0;

  /** A lane for jobs that need these hosts; the same host twice counts once. */
  lane(...hosts: Host[]): Lane {
    const lane = new Lane([...new Set(hosts)]);
    this.#lanes.push(lane);
    return lane;
  }

  /**
   * Runs `work` when all hosts of the lane have room.
   * @param size bytes that it will move
   * @throws WharfError INTERRUPTED where the batch fails before it starts
   */
  run<T>(lane: Lane, batch: Batch, work: () => Promise<T>, size = 0): Promise<T> {
    return new Promise((resolve, reject) => {
      const job: Job = {
        size,
        cancelled: false,
        async start() {
          leave();
          try {
            resolve(await work());
          } catch (error) {
            reject(error);
          }
        },
      };
      const leave = batch.onCancel((reason) => {
        job.cancelled = true;
        reject(reason);
      });
      if (job.cancelled) return;
      lane.add(job);
      this.#pump();
    });
  }

  #pump(): void {
    for (let idle = 0; idle < this.#lanes.length;) {
      const lane = this.#lanes[this.#turn]!;
      this.#turn = (this.#turn + 1) % this.#lanes.length;
      const job = lane.take();
      if (job === undefined) {
        idle += 1;
        continue;
      }
      idle = 0;
      lane.begin(job);
      void job.start().then(() => {
        lane.end(job);
        this.#pump();
      });
    }
  }
}

/** Hosts by name, for several sessions: what is allowed a host counts for all of them. */
export class Hosts {
  readonly slots = new Slots();
  readonly #limit: number;
  readonly #hosts = new Map<string, Host>();
  readonly #lanes = new Map<string, Lane>();

  /** @param limit jobs a host at the same time */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The lane for jobs of a kind that need these hosts; kinds take turns. */
  lane(kind: string, ...names: string[]): Lane {
    const distinct = [...new Set(names)];
    const key = [kind, ...distinct].join(" ");
    let lane = this.#lanes.get(key);
    if (lane === undefined) {
      lane = this.slots.lane(...distinct.map((name) => this.#host(name)));
      this.#lanes.set(key, lane);
    }
    return lane;
  }

  #host(name: string): Host {
    let host = this.#hosts.get(name);
    if (host === undefined) this.#hosts.set(name, (host = new Host(this.#limit)));
    return host;
  }
}
