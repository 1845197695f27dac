/** A stream of bytes, as http and the stores hand it on. */

/** Each chunk belongs to the receiver; leaving the loop early frees the source. */
export interface Bytes extends AsyncIterable<Uint8Array> {
  /**
   * Gives a chunk back once it is neither read nor written any more, so that its memory serves again.
   * Optional on both sides: who never calls it only costs the producer an allocation.
   */
  recycle?(chunk: Uint8Array): void;
}

/** What can be broken off. */
export interface Cancellable {
  /** Aborted, it ends what waits or takes long with INTERRUPTED. */
  readonly signal?: AbortSignal;
}
