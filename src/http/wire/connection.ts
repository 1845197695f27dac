/** A connection, and the turns that go over it one after another. */
import type { Socket } from "node:net";
import { openConnection, type ConnectOptions, type Route } from "../connect.ts";
import type { Answer, Exchange } from "../lane.ts";
import type { Blocks } from "./blocks.ts";
import { Turn } from "./turn.ts";

/** What one read takes where the bytes do not go straight into a block. */
const scratchSize = 64 * 1024;

export interface ConnectionEvents {
  /** The connection may serve again for so many milliseconds. */
  onIdle(connection: Connection, keepAlive: number): void;
  onClosed(connection: Connection): void;
}

export class Connection {
  readonly #blocks: Blocks;
  readonly #events: ConnectionEvents;
  #socket: Socket | undefined;
  #scratch: Uint8Array | undefined;
  #turn: Turn | undefined;
  #used = false;

  private constructor(blocks: Blocks, events: ConnectionEvents) {
    this.#blocks = blocks;
    this.#events = events;
  }

  /** @throws Failure as `openConnection` */
  static async open(
    route: Route,
    options: ConnectOptions,
    blocks: Blocks,
    events: ConnectionEvents,
  ): Promise<Connection> {
    const connection = new Connection(blocks, events);
    const socket = await openConnection(route, {
      ...options,
      onread: {
        buffer: () => connection.#room(),
        callback: (count, buffer) => connection.#readInto(count, buffer),
      },
    });
    connection.#attach(socket);
    return connection;
  }

  /** Whether it may still be written to. */
  get alive(): boolean {
    const socket = this.#socket;
    return socket !== undefined && !socket.destroyed && socket.readable && socket.writable;
  }

  /** Sends a request; only one at a time. */
  send(exchange: Exchange, head: string): Promise<Answer> {
    const socket = this.#socket;
    if (!socket || this.#turn) throw new Error("The connection is not free");
    socket.ref();
    const turn = new Turn({
      socket,
      exchange,
      head,
      blocks: this.#blocks,
      reused: this.#used,
      onOver: (keepAlive) => {
        this.#turn = undefined;
        if (keepAlive > 0 && this.alive) {
          socket.resume();
          socket.unref();
          this.#events.onIdle(this, keepAlive);
        } else {
          this.close();
        }
      },
    });
    this.#used = true;
    this.#turn = turn;
    return turn.run();
  }

  close(): void {
    this.#socket?.destroy();
  }

  #attach(socket: Socket): void {
    this.#socket = socket;
    socket.on("data", (bytes: Buffer) => this.#take(bytes));
    socket.on("end", () => this.#turn?.peerEnded());
    socket.on("error", (error) => this.#turn?.broken(error));
    socket.on("close", () => {
      this.#turn?.broken(Object.assign(new Error("closed"), { code: "EPIPE" }));
      this.#events.onClosed(this);
    });
  }

  #take(bytes: Uint8Array): void {
    // Bytes that nobody asked for: whatever they are, they must not become the next answer.
    if (this.#turn) this.#turn.take(bytes);
    else this.close();
  }

  #room(): Uint8Array {
    return this.#turn?.room() ?? (this.#scratch ??= new Uint8Array(scratchSize));
  }

  #readInto(count: number, buffer: Uint8Array): boolean {
    if (buffer.buffer === this.#scratch?.buffer) this.#take(buffer.subarray(0, count));
    else if (this.#turn) this.#turn.advance(count);
    return true;
  }
}
