/** Threads that compare passwords, because a comparison takes a processor for a tenth of a second and is meant to. */
import { availableParallelism } from "node:os";
import type { Worker } from "node:worker_threads";

import { WharfError } from "../../../errors.ts";
import { Refusal } from "../../refusal.ts";

export interface Job {
  readonly password: string;
  readonly hash: string;
}

export interface Answer {
  readonly matches: boolean;
}

/** One processor is left to those who are in. */
const threadLimit = Math.max(1, Math.min(4, availableParallelism() - 1));
/** Comparisons that may wait, some ten seconds' worth; who comes then is asked to come again. */
const queueLimit = 100;
/** Milliseconds without work after which a thread ends. */
const idleTime = 30_000;

interface Waiting extends Job {
  /** Whether somebody still waits for the answer. */
  readonly isWanted: () => boolean;
  resolve(matches: boolean): void;
  reject(error: Error): void;
}

/** Compares passwords on threads of its own, started when first needed. */
export class PasswordThreads {
  readonly #queue: Waiting[] = [];
  readonly #idle: Thread[] = [];
  readonly #all = new Set<Thread>();

  /**
   * @param isWanted asked when its turn comes; where it says no, nothing is compared, and the promise rejects
   * @throws Refusal TOOMANYREQUESTS where too many wait; WharfError INTERNAL where the thread fails
   */
  compare(job: Job, isWanted: () => boolean = () => true): Promise<boolean> {
    if (this.#queue.length >= queueLimit)
      return Promise.reject(
        new Refusal("TOOMANYREQUESTS", "too many passwords are being checked; try again", {
          headers: { "retry-after": "2" },
        }),
      );
    return new Promise((resolve, reject) => {
      this.#queue.push({ ...job, isWanted, resolve, reject });
      this.#next();
    });
  }

  /** Ends the threads; what waits is rejected. */
  async close(): Promise<void> {
    for (const { reject } of this.#queue.splice(0)) reject(closed());
    await Promise.all([...this.#all].map((thread) => thread.end()));
  }

  #next(): void {
    for (let job = this.#queue[0]; job !== undefined; job = this.#queue[0]) {
      const thread = job.isWanted() ? (this.#idle.pop() ?? this.#start()) : undefined;
      if (thread) thread.run(job).then(job.resolve, job.reject);
      else if (job.isWanted()) return;
      else job.reject(new WharfError("INTERRUPTED", "The client went away"));
      this.#queue.shift();
    }
  }

  #start(): Thread | undefined {
    if (this.#all.size >= threadLimit) return undefined;
    const thread: Thread = new Thread({
      onFree: () => {
        this.#idle.push(thread);
        this.#next();
      },
      onEnd: () => {
        this.#all.delete(thread);
        const at = this.#idle.indexOf(thread);
        if (at >= 0) this.#idle.splice(at, 1);
        this.#next();
      },
    });
    this.#all.add(thread);
    return thread;
  }
}

interface ThreadEvents {
  onFree(): void;
  onEnd(): void;
}

class Thread {
  readonly #worker: Worker;
  readonly #events: ThreadEvents;
  #job: { resolve(matches: boolean): void; reject(error: Error): void } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(events: ThreadEvents) {
    this.#events = events;
    // Built code lies in .js files, and the compiler does not rewrite this name.
    const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
    const { Worker: Start } = process.getBuiltinModule("node:worker_threads");
    this.#worker = new Start(new URL(`./worker.${extension}`, import.meta.url), { execArgv: [] });
    this.#worker.unref();
    this.#worker.on("message", (answer: Answer) => this.#settle(answer));
    this.#worker.on("error", (error) => this.#fail(error));
    this.#worker.on("exit", () => this.#fail(closed()));
  }

  run({ password, hash }: Job): Promise<boolean> {
    clearTimeout(this.#timer);
    return new Promise((resolve, reject) => {
      this.#job = { resolve, reject };
      // While somebody waits, nothing else may keep the process alive.
      this.#worker.ref();
      this.#worker.postMessage({ password, hash });
    });
  }

  async end(): Promise<void> {
    this.#fail(closed());
    await this.#worker.terminate();
  }

  #settle({ matches }: Answer): void {
    this.#worker.unref();
    this.#job?.resolve(matches);
    this.#job = undefined;
    this.#timer = setTimeout(() => void this.end(), idleTime);
    this.#timer.unref();
    this.#events.onFree();
  }

  #fail(cause: Error): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#timer);
    const message = `The thread that compares passwords failed: ${cause.message}`;
    this.#job?.reject(new WharfError("INTERNAL", message, { cause }));
    this.#events.onEnd();
  }
}

function closed(): Error {
  return new Error("it has ended");
}
