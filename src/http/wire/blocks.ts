/** Memory that large bodies are read into, used again once their reader has given it back. */

/** Large enough that reading costs little each byte, small enough that a dozen streams stay below 20 MiB. */
export const blockSize = 512 * 1024;

/** Blocks in use at once, in all: 32 MiB. The collector does not count shared memory, so we must. */
const inAll = 64;
/** Blocks that one reader may hold; one who holds more does not give them back. */
const forOne = 8;

export interface Block {
  readonly bytes: Uint8Array;
  /** Beginnings of the pieces that the reader holds. */
  readonly lent: Set<number>;
  /** Whether no more will be read into it. */
  sealed: boolean;
}

/** The blocks of a process; they are shared memory, so that a worker can hash a piece without a copy. */
export class Blocks {
  readonly #free: Uint8Array[] = [];
  #used = 0;
  /** What a reader never gave back may serve others once the collector has found it. */
  readonly #lost = new FinalizationRegistry<undefined>(() => (this.#used -= 1));

  /** A block, or undefined where too many are in use. */
  take(): Uint8Array | undefined {
    const free = this.#free.pop();
    if (free || this.#used >= inAll) return free;
    this.#used += 1;
    const buffer = new SharedArrayBuffer(blockSize);
    this.#lost.register(buffer, undefined);
    return new Uint8Array(buffer);
  }

  giveBack(bytes: Uint8Array): void {
    this.#free.push(bytes);
  }
}

/**
 * The blocks that one body is read into. A block goes back when it is full and each piece of it was given back.
 * Where the reader keeps what it gets there are soon none left, and the body must be copied into memory of its own.
 */
export class Loan {
  readonly #blocks: Blocks;
  readonly #held = new Map<ArrayBufferLike, Block>();

  constructor(blocks: Blocks) {
    this.#blocks = blocks;
  }

  take(): Block | undefined {
    const bytes = this.#held.size < forOne ? this.#blocks.take() : undefined;
    if (!bytes) return undefined;
    const block: Block = { bytes, lent: new Set(), sealed: false };
    this.#held.set(bytes.buffer, block);
    return block;
  }

  /** Hands a piece out. */
  lend(block: Block, start: number, end: number): Uint8Array {
    block.lent.add(start);
    return block.bytes.subarray(start, end);
  }

  /** Nothing more comes into the block. */
  seal(block: Block): void {
    block.sealed = true;
    this.#reclaim(block);
  }

  /** Takes a piece back; what is not ours, or came back before, is ignored. */
  recycle(piece: Uint8Array): void {
    const block = this.#held.get(piece.buffer);
    if (block?.lent.delete(piece.byteOffset)) this.#reclaim(block);
  }

  #reclaim(block: Block): void {
    if (!block.sealed || block.lent.size > 0) return;
    this.#held.delete(block.bytes.buffer);
    this.#blocks.giveBack(block.bytes);
  }
}
