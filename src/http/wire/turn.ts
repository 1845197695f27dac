/** One exchange on a connection: the request on its way out, the answer on its way in, and their time-outs. */
import type { Socket } from "node:net";
import { interrupted } from "../../errors.ts";
import type { Bytes } from "../bytes.ts";
import { classify, failed, Failure } from "../failure.ts";
import { Incoming } from "../incoming.ts";
import type { Answer, Exchange } from "../lane.ts";
import { AnswerReader } from "./answer.ts";
import { type Blocks, Loan } from "./blocks.ts";
import type { Framing, Head } from "./head.ts";
import { Outgoing } from "./outgoing.ts";

export interface TurnOptions {
  readonly socket: Socket;
  readonly exchange: Exchange;
  /** The request's head, with the empty line. */
  readonly head: string;
  readonly blocks: Blocks;
  /** Whether the connection has served before: the host may be closing it as we write. */
  readonly reused: boolean;
  /** @param keepAlive milliseconds that the connection may serve again, 0: it must be closed */
  readonly onOver: (keepAlive: number) => void;
}

/** Bodies up to this go out together with the head. */
const together = 256 * 1024;

export class Turn {
  readonly #options: TurnOptions;
  readonly #reader: AnswerReader;
  #outgoing: Outgoing | undefined;
  #incoming: Incoming | undefined;
  #head: Head | undefined;
  #sent = false;
  #over = false;
  #timer: NodeJS.Timeout | undefined;
  /** Ends the source of the body together with the turn. */
  readonly #source = new AbortController();
  #resolve: (answer: Answer) => void = () => {};
  #reject: (error: unknown) => void = () => {};

  constructor(options: TurnOptions) {
    this.#options = options;
    this.#reader = new AnswerReader(options.exchange.method, (head) => this.#begin(head));
  }

  /** Sends the request. @returns the answer, once its head is there */
  run(): Promise<Answer> {
    const { signal, body } = this.#options.exchange;
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      if (signal?.aborted) {
        this.fail(interrupted(signal));
        return;
      }
      signal?.addEventListener("abort", this.#abort, { once: true });
      if (body === undefined || (body instanceof Uint8Array && body.length <= together)) {
        this.#sendTogether(body);
      } else {
        this.#sendStream().catch((error: unknown) => this.fail(error));
      }
    });
  }

  /** Where the next bytes may be read to, if not into the connection's own memory. */
  room(): Uint8Array | undefined {
    return this.#reader.room();
  }

  /** So many bytes were read into `room()`. */
  advance(count: number): void {
    this.#read(() => this.#reader.advance(count));
  }

  take(bytes: Uint8Array): void {
    this.#read(() => this.#reader.take(bytes));
  }

  /** The peer sends no more. */
  peerEnded(): void {
    this.#read(() => this.#reader.end());
  }

  /** The socket failed. */
  broken(error: unknown): void {
    const failure = classify(error, "exchanging");
    const { code, message, repeatable, hint } = failure;
    const place = this.#incoming ? " in the middle of the body" : "";
    this.fail(new Failure(code, message + place, { repeatable, hint, cause: error }));
  }

  /** Ends the exchange; the connection must not be used any more. */
  fail(error: unknown): void {
    if (this.#over) return;
    this.#end();
    if (error instanceof Failure && error.code === "CONNECTION_FAILED") {
      error.stale = this.#options.reused && !this.#reader.begun;
    }
    if (this.#incoming) this.#incoming.fail(error);
    else this.#reject(error);
    this.#options.onOver(0);
  }

  #sendTogether(body: Uint8Array | undefined): void {
    const { socket, head } = this.#options;
    if (body) {
      socket.cork();
      socket.write(head, "latin1");
      socket.write(body);
      socket.uncork();
    } else {
      socket.write(head, "latin1");
    }
    this.#sent = true;
    this.#waitForHead();
  }

  async #sendStream(): Promise<void> {
    const { socket, head, exchange } = this.#options;
    const { body, idleTimeout } = exchange;
    if (body === undefined) return;
    const size = body instanceof Uint8Array ? body.length : body.size;
    this.#outgoing = new Outgoing(socket, { size, idleTimeout }, (failure) => this.fail(failure));
    let bytes: Bytes;
    if (body instanceof Uint8Array) {
      bytes = once(body);
    } else {
      exchange.onBodyOpened?.();
      bytes = await body.open({ signal: this.#source.signal });
    }
    if (!(await this.#outgoing.send(head, bytes)) || this.#over) return;
    this.#sent = true;
    if (this.#reader.done) this.#finish();
    else if (!this.#incoming) this.#waitForHead();
  }

  #waitForHead(): void {
    const { headersTimeout } = this.#options.exchange;
    this.#timer = setTimeout(() => {
      this.fail(new Failure("TIMEOUT", `no answer for ${headersTimeout / 1000} s`));
    }, headersTimeout);
  }

  #read(step: () => void): void {
    if (this.#over) return;
    try {
      step();
    } catch (error) {
      this.fail(error);
      return;
    }
    if (this.#reader.done) this.#complete();
  }

  #begin(head: Head): Incoming {
    const { socket, exchange, blocks } = this.#options;
    clearTimeout(this.#timer);
    this.#head = head;
    // A refusal that comes early: the host wants no more of the body.
    if (!this.#sent && head.status >= 300) this.#outgoing?.stop();
    this.#incoming = new Incoming({
      valve: {
        pause: () => socket.pause(),
        resume: () => socket.resume(),
        abort: () => this.fail(new Failure("CONNECTION_FAILED", "given up")),
      },
      idleTimeout: exchange.idleTimeout,
      explain: (failure) => failed(failure, exchange.method, exchange.url),
      ...(exchange.bulk && isLarge(head.framing) && { loan: new Loan(blocks) }),
    });
    this.#resolve({ status: head.status, headers: head.headers, body: this.#incoming });
    return this.#incoming;
  }

  /** The answer is there; unless the request is still being sent, the exchange is over. */
  #complete(): void {
    this.#incoming?.end();
    const accepted = (this.#head?.status ?? 0) < 300;
    if (this.#sent) this.#finish();
    else if (!accepted) this.#finish(0);
  }

  #finish(keepAlive = this.#head?.keepAlive ?? 0): void {
    if (this.#over) return;
    this.#end();
    this.#options.onOver(keepAlive);
  }

  #end(): void {
    this.#over = true;
    clearTimeout(this.#timer);
    this.#options.exchange.signal?.removeEventListener("abort", this.#abort);
    if (!this.#sent) {
      this.#outgoing?.stop();
      this.#source.abort();
    }
  }

  readonly #abort = (): void => this.fail(interrupted(this.#options.exchange.signal));
}

/** Whether a body is worth blocks. */
function isLarge(framing: Framing): boolean {
  return framing.kind === "length" ? framing.length >= 256 * 1024 : framing.kind !== "none";
}

/** A body of one chunk. */
async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
  yield bytes;
}
