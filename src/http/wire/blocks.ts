/** Memory that large bodies are read into, used again once their reader has given it back. */

/** Large enough that reading costs little each byte, small enough that a dozen streams stay below 20 MiB. */
export const blockSize = 512 * 1024;

/** Blocks in use at once, in all: 32 MiB. The collector does not count shared memory, so we must. */
const inAll = 64;
/** Blocks that one reader may hold; one who holds more does not give them back. */
const forOne = 8;

export interface Block {
  readonly bytes: Uint8Array;
  readonly loan: Loan;
  /** Beginnings of the pieces that the reader holds. */
  readonly lent: Set<number>;
  /** Whether no more will be read into it. */
  sealed: boolean;
}

/** The blocks of a client; they are shared memory, so that a worker can hash a piece without a copy. */
export class Blocks {
  readonly #free: Uint8Array[] = [];
  readonly #lent = new WeakMap<ArrayBufferLike, Block>();
  #used = 0;
  /** What a reader never gave back may serve others once the collector has found it. */
  readonly #lost = new FinalizationRegistry<undefined>(() => (this.#used -= 1));

  /** A block, or undefined where too many are in use. */
  take(loan: Loan): Block | undefined {
    let bytes = this.#free.pop();
    if (!bytes) {
      if (this.#used >= inAll) return undefined;
      this.#used += 1;
      bytes = new Uint8Array(new SharedArrayBuffer(blockSize));
      this.#lost.register(bytes.buffer, undefined);
    }
    const block: Block = { bytes, loan, lent: new Set(), sealed: false };
    this.#lent.set(bytes.buffer, block);
    return block;
  }

  /** Takes a piece back; what is not ours, or came back before, is ignored. */
  recycle(piece: Uint8Array): void {
    const block = this.#lent.get(piece.buffer);
    if (block?.lent.delete(piece.byteOffset)) this.reclaim(block);
  }

  /** A block is free again when nothing more comes into it, and each piece of it was given back. */
  reclaim(block: Block): void {
    if (!block.sealed || block.lent.size > 0) return;
    this.#lent.delete(block.bytes.buffer);
    this.#free.push(block.bytes);
    block.loan.returned();
  }
}

/**
 * The blocks that one body is read into. Where its reader keeps what it gets there are soon none left, and the body
 * must be copied into memory of its own.
 */
export class Loan {
  readonly #blocks: Blocks;
  #held = 0;

  constructor(blocks: Blocks) {
    this.#blocks = blocks;
  }

  take(): Block | undefined {
    const block = this.#held < forOne ? this.#blocks.take(this) : undefined;
    if (block) this.#held += 1;
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
    this.#blocks.reclaim(block);
  }

  recycle(piece: Uint8Array): void {
    this.#blocks.recycle(piece);
  }

  /** A block went back. */
  returned(): void {
    this.#held -= 1;
  }
}
