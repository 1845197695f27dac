/** The body of a request that loads images, as a stream to write to. */
import type { ClientRequest, IncomingMessage } from "node:http";
import { Writable } from "node:stream";

import { WharfError } from "../../errors.ts";
import { printable } from "../../http/printable.ts";
import type { Daemon } from "./connection.ts";
import { errorIn, failure, refusal, silence } from "./exchange.ts";

/**
 * The request begins with the first bytes, because a daemon does not wait long for one that is silent, and ends with the
 * stream: `finish` then means that the daemon has loaded everything. A chunk is answered when it has left.
 */
export class LoadStream extends Writable {
  readonly #daemon: Daemon;
  readonly #timeout: number;
  #request: ClientRequest | undefined;
  #loaded: Promise<void> = Promise.resolve();

  /** @param timeout milliseconds in which the daemon must take a chunk, and answer after the last */
  constructor(daemon: Daemon, timeout: number) {
    super({ highWaterMark: 1 });
    this.#daemon = daemon;
    this.#timeout = timeout;
  }

  #begin(): ClientRequest {
    const headers = { "content-type": "application/x-tar" };
    const request = this.#daemon.begin("POST", "/images/load?quiet=1", headers);
    this.#loaded = this.#load(request);
    // A daemon may refuse before it has read everything.
    this.#loaded.catch((error: Error) => this.destroy(error));
    return request;
  }

  async #load(request: ClientRequest): Promise<void> {
    try {
      const answer = await new Promise<IncomingMessage>((resolve, reject) => {
        request.on("response", resolve);
        request.on("error", reject);
      });
      if (answer.statusCode !== 200) throw await refusal(this.#daemon, answer, "load");
      const error = await errorIn(this.#daemon, answer);
      if (error === undefined) return;
      throw new WharfError(
        "REGISTRY_ERROR",
        `${this.#daemon.name}: load: ${printable(error, 500)}`,
      );
    } catch (error) {
      throw failure(this.#daemon, error);
    }
  }

  override _write(chunk: Uint8Array, _: string, done: (error?: Error | null) => void): void {
    const timer = this.#bound();
    this.#request ??= this.#begin();
    this.#request.write(chunk, (error) => {
      clearTimeout(timer);
      if (!error) return done();
      // Why the daemon has gone is said by its answer, where there is one.
      this.#loaded.then(
        () => done(failure(this.#daemon, error)),
        () => {},
      );
    });
  }

  override _final(done: (error?: Error | null) => void): void {
    const timer = this.#bound();
    this.#request ??= this.#begin();
    this.#request.end();
    this.#loaded.then(() => done(), done).finally(() => clearTimeout(timer));
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#request?.destroy();
    done(error);
  }

  #bound(): NodeJS.Timeout {
    return setTimeout(() => this.destroy(silence(this.#daemon, this.#timeout)), this.#timeout);
  }
}
