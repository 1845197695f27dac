/**
 * A collector and somebody else who go on in turn, step by step, so that each way in which they can meet is gone through.
 * They share nothing but the disk, as two processes do.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { Worker } from "node:worker_threads";

import type { Descriptor } from "../../../../reference/descriptor.ts";
import { onStep } from "../../../disk/steps.ts";
import type { Step } from "../../../disk/steps.ts";

/** What somebody does who is told in the end that something is here. */
export type Act = "look" | "push" | "upload" | "mount" | "mount elsewhere" | "resolve";

export interface Order {
  readonly act: Act;
  readonly content: Descriptor;
  readonly bytes: Uint8Array;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** The steps by which two meet; what happens to files that nobody else knows is none. */
export const stops: ReadonlySet<Step> = new Set([
  "touch",
  "look",
  "turn",
  "link",
  "rename",
  "remove",
  "commit",
]);

/** What is in the memory that both see. `stop` is where the other stands, -1 at its end; `go` how far it may go. */
export const cell = { stop: 0, go: 1, wantsTurn: 2, inTurn: 3, told: 4 } as const;

/** Milliseconds after which a test has failed whose parts wait for one another. */
const patience = 60_000;

export class Other {
  readonly #worker: Worker;
  readonly #control = new Int32Array(new SharedArrayBuffer(5 * 4));

  constructor(folder: string) {
    const workerData = { folder, control: this.#control };
    this.#worker = new Worker(new URL("other.ts", import.meta.url), { workerData });
  }

  async ready(): Promise<void> {
    await once(this.#worker, "message");
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  /**
   * Lets `collect` go before its step number `at`, then the other `count` stops far, then `collect` to its end, then the
   * other.
   * @param check called at each later step of `collect`, with whether the other was told that it is there
   * @returns what the other was told; whether `collect` came to that step; whether the other had an end before
   */
  async meet(
    order: Order,
    { at, count }: { at: number; count: number },
    collect: () => Promise<unknown>,
    check: (told: boolean) => void,
  ): Promise<{ told: unknown; came: boolean; ended: boolean }> {
    const control = this.#control;
    for (const index of Object.values(cell)) Atomics.store(control, index, 0);
    const answer = once(this.#worker, "message");
    this.#worker.postMessage(order);
    let step = 0;
    let came = false;
    let ended = false;
    onStep((kind, path) => {
      if (!stops.has(kind)) return;
      step += 1;
      if (came) check(Atomics.load(control, cell.told) === 1);
      if (step !== at) return;
      came = true;
      const hasTurn = kind === "commit" || (kind === "remove" && !path.includes("/pool/"));
      ended = this.#advance(count, hasTurn);
    });
    try {
      await collect();
    } finally {
      onStep(undefined);
      this.#release(2 ** 31 - 1);
    }
    const [told] = (await answer) as [unknown];
    return { told, came, ended };
  }

  /** @returns whether it is at its end */
  #advance(count: number, isTurnTaken: boolean): boolean {
    const control = this.#control;
    let stop = this.#wait(0);
    for (let done = 0; stop >= 0; done += 1) {
      // Who has the turn ends it: nobody else could go on.
      if (done >= count && Atomics.load(control, cell.inTurn) === 0) return false;
      if (isTurnTaken && Atomics.load(control, cell.wantsTurn) === 1) return false;
      this.#release(stop);
      stop = this.#wait(stop);
    }
    return true;
  }

  /** @returns the next place after `before` */
  #wait(before: number): number {
    const control = this.#control;
    for (let stop = 0; ;) {
      stop = Atomics.load(control, cell.stop);
      if (stop !== before) return stop;
      const waited = Atomics.wait(control, cell.stop, before, patience);
      assert.notEqual(waited, "timed-out", "the other does not go on");
    }
  }

  #release(stop: number): void {
    Atomics.store(this.#control, cell.go, stop);
    Atomics.notify(this.#control, cell.go);
  }
}
