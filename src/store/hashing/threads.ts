/** The threads that hash, started when first needed. They keep no process alive, and end when nothing is hashed. */
import { availableParallelism } from "node:os";
import type { Worker } from "node:worker_threads";

import { WharfError } from "../../errors.ts";
import { Ring } from "./ring.ts";

/** Threads: what one fetches, two can hash even where the processor has no instructions for it. */
const threadLimit = 2;
/** Milliseconds without a hash after which a thread ends. */
const idleTime = 5000;

const threads: HashThread[] = [];

/** Whether a thread is there already. */
export function isThreadRunning(): boolean {
  return threads.length > 0;
}

/** The thread with the fewest hashes under way; a new one rather than a busy one. */
export function chooseThread(): HashThread {
  let chosen = threads.toSorted((a, b) => a.jobs - b.jobs)[0];
  // One processor is left to the thread that fetches.
  const limit = Math.min(threadLimit, availableParallelism() - 1);
  if (chosen === undefined || (chosen.jobs > 0 && threads.length < limit)) {
    chosen = new HashThread();
    threads.push(chosen);
  }
  return chosen;
}

interface Settle<Value> {
  readonly resolve: (value: Value) => void;
  readonly reject: (error: Error) => void;
}

type Message = { readonly room: true } | { readonly job: number; readonly hex: string };

export class HashThread {
  readonly #ring = new Ring();
  readonly #worker: Worker;
  readonly #digests = new Map<number, Settle<string>>();
  #waiters: Settle<void>[] = [];
  #nextJob = 0;
  #idle: NodeJS.Timeout | undefined;
  #failure: WharfError | undefined;
  /** Hashes under way. */
  jobs = 0;

  constructor() {
    // Built code lies in .js files, and the compiler does not rewrite this name.
    const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
    // Asked for when used: most commands hash little.
    const { Worker: Thread } = process.getBuiltinModule("node:worker_threads");
    this.#worker = new Thread(new URL(`./worker.${extension}`, import.meta.url), {
      workerData: this.#ring.memory,
      execArgv: [],
    });
    this.#worker.unref();
    this.#worker.on("message", (message: Message) => this.#receive(message));
    this.#worker.on("error", (error) => this.#fail(error));
    this.#worker.on("exit", () => this.#fail(new Error("it ended")));
  }

  /** Announces a hash; `end` must follow. @returns its number */
  begin(): number {
    clearTimeout(this.#idle);
    this.jobs += 1;
    return this.#nextJob++;
  }

  /** Hands bytes of at most a slot's size over. @returns false where there is no room: see {@link room} */
  put(job: number, what: number, bytes?: Uint8Array): boolean {
    if (this.#failure !== undefined) throw this.#failure;
    return this.#ring.put(job, what, bytes);
  }

  /** Waits until there may be room. */
  room(): Promise<void> {
    return this.#waitFor((settle) => this.#waiters.push(settle));
  }

  /** Waits for what `operation.digest` gives, in hexadecimal. */
  digest(job: number): Promise<string> {
    return this.#waitFor((settle) => this.#digests.set(job, settle));
  }

  end(): void {
    this.jobs -= 1;
    if (this.jobs > 0) return;
    this.#idle = setTimeout(() => {
      this.#fail(new Error("it was idle"));
      void this.#worker.terminate();
    }, idleTime);
    this.#idle.unref();
  }

  /** While somebody waits, the thread keeps the process alive, since nothing else may. */
  #waitFor<Value>(keep: (settle: Settle<Value>) => void): Promise<Value> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) throw this.#failure;
      keep({ resolve, reject });
      this.#worker.ref();
    });
  }

  #receive(message: Message): void {
    if ("room" in message) {
      const waiters = this.#waiters;
      this.#waiters = [];
      for (const { resolve } of waiters) resolve();
    } else {
      this.#digests.get(message.job)?.resolve(message.hex);
      this.#digests.delete(message.job);
    }
    if (this.#waiters.length === 0 && this.#digests.size === 0) this.#worker.unref();
  }

  #fail(cause: Error): void {
    if (this.#failure !== undefined) return;
    this.#failure = new WharfError("INTERNAL", `The thread that hashes failed: ${cause.message}`, {
      cause,
    });
    clearTimeout(this.#idle);
    threads.splice(threads.indexOf(this), 1);
    for (const { reject } of [...this.#waiters, ...this.#digests.values()]) reject(this.#failure);
  }
}
