/** One blob on its way to a registry, through cuts, forgotten sessions and lost answers. */
import { isError, WharfError } from "../../errors.ts";
import { pause } from "../../http/gate.ts";
import { longestWait } from "../../http/retry.ts";
import type { Digest } from "../../reference/descriptor.ts";
import type { Cancellable } from "../../store/store.ts";
import { statBlob } from "../blobs.ts";
import type { Connection } from "../connection.ts";
import { isCurable, type Patience } from "../patience.ts";
import type { Outlet } from "./outlet.ts";
import { UploadSession } from "./session.ts";

export interface BlobPushOptions extends Cancellable {
  /** Asked for when the last request is made. */
  readonly digest: () => Promise<Digest>;
  /** Whether all bytes may go with the last request, because the digest is known before. */
  readonly atOnce: boolean;
  /** All bytes, where they are held. */
  readonly bytes?: Uint8Array;
  /** An upload that is open already. */
  readonly session?: UploadSession;
}

/** Sessions that are begun anew because the registry has forgotten the one before. */
const restarts = 3;
/** Milliseconds for the request that cancels an upload nobody will finish. */
const cancelTime = 3000;

export class BlobPush {
  readonly #connection: Connection;
  readonly #name: string;
  readonly #outlet: Outlet;
  readonly #options: BlobPushOptions;
  readonly #cancellable: Cancellable;
  readonly #patience: Patience;
  #session: UploadSession | undefined;
  /** Whether the request under way carries the digest: then the blob may be there although the answer is not. */
  #committing = false;
  #restarts = 0;
  /** The most bytes that the registry has had. */
  #best = 0;

  constructor(connection: Connection, name: string, outlet: Outlet, options: BlobPushOptions) {
    this.#connection = connection;
    this.#name = name;
    this.#outlet = outlet;
    this.#options = options;
    this.#cancellable = options.signal ? { signal: options.signal } : {};
    this.#session = options.session;
    this.#patience = connection.patience();
  }

  /** Sends until the registry has confirmed the blob. */
  async run(): Promise<void> {
    for (;;) {
      try {
        this.#session ??= await UploadSession.start(
          this.#connection,
          this.#name,
          this.#cancellable,
        );
        return await this.#send(this.#session);
      } catch (error) {
        try {
          if (await this.#settle(error)) return;
        } catch (final) {
          await this.#abandon(final);
          throw final;
        }
      }
    }
  }

  async #send(session: UploadSession): Promise<void> {
    const { digest, atOnce, bytes } = this.#options;
    const outlet = this.#outlet;
    if (atOnce && session.size === 0) {
      this.#committing = true;
      if (bytes) outlet.passed();
      return session.put(await digest(), bytes ?? outlet.body(0), this.#cancellable);
    }
    const { chunkSize } = this.#connection;
    const piece = chunkSize === undefined ? undefined : Math.max(chunkSize, session.smallestPiece);
    this.#committing = false;
    while (!(outlet.ended && session.size === outlet.position)) {
      const begin = session.size;
      const sent = () => outlet.position - begin;
      await session.patch(outlet.body(begin, piece), sent, this.#cancellable);
      this.#note(session);
    }
    this.#committing = true;
    await session.put(await digest(), undefined, this.#cancellable);
  }

  /**
   * Finds out where the registry stands after a failure, and waits before the next try.
   * @returns whether the blob is stored after all
   * @throws what cannot be mended
   */
  async #settle(error: unknown): Promise<boolean> {
    const { signal } = this.#options;
    const session = this.#session;
    if (!session || signal?.aborted || !this.#mayBeMended(error)) throw error;
    const wait = isError(error) ? (error.details.retryAfter ?? 0) : 0;
    if (wait > longestWait) throw error;
    if (wait > 0) await pause(wait, signal);
    await this.#patience.failed(error, signal);
    if (this.#committing && !isError(error, "DIGEST_MISMATCH")) {
      const digest = await this.#options.digest();
      if (await statBlob(this.#connection, this.#name, digest, this.#cancellable)) return true;
    }
    const kept = await this.#kept(session, error);
    if (kept !== undefined && kept > 0 && this.#outlet.canContinue(kept)) return false;
    if (kept === 0 && this.#outlet.canContinue(0)) {
      // Where nothing was kept nothing is lost by a new session, and `0-0` may mean that one byte was.
      await this.#cancel(session);
      this.#session = undefined;
      return false;
    }
    if (this.#restarts === restarts || !this.#outlet.canContinue(0))
      throw this.#explained(error, kept);
    this.#restarts += 1;
    this.#session = undefined;
    return false;
  }

  /** Bytes that the registry has of this session; undefined where it has forgotten it, or what it has is wrong. */
  async #kept(session: UploadSession, error: unknown): Promise<number | undefined> {
    if (isError(error, "DIGEST_MISMATCH", "UPLOAD_UNKNOWN")) return undefined;
    if (isError(error) && error.details.status === 404) return undefined;
    try {
      await session.ask(this.#cancellable);
      this.#note(session);
      return session.size;
    } catch (failure) {
      if (!isError(failure) || isError(failure, "INTERRUPTED", "LOCATION_REFUSED")) throw failure;
      // Whoever cannot say how far it has come has forgotten it.
      return undefined;
    }
  }

  #note(session: UploadSession): void {
    if (session.size > this.#outlet.position) {
      throw new WharfError(
        "RESPONSE_INVALID",
        `${this.#connection.registry}: the registry claims ${session.size} bytes of an upload that was sent ${this.#outlet.position}`,
      );
    }
    if (session.size <= this.#best) return;
    this.#best = session.size;
    this.#patience.gained();
  }

  #mayBeMended(error: unknown): boolean {
    if (isCurable(error) || isError(error, "UPLOAD_UNKNOWN", "UPLOAD_INVALID")) return true;
    if (!isError(error)) return false;
    if (error.details.renewed === true || error.details.status === 404) return true;
    // Bytes that were sent in several goes may have been put together wrongly; in one go, they are what they are.
    return error.code === "DIGEST_MISMATCH" && this.#best > 0 && this.#restarts === 0;
  }

  #explained(error: unknown, kept = 0): unknown {
    if (!isError(error) || this.#outlet.canContinue(kept)) return error;
    return new WharfError(
      error.code,
      `${error.message}; the registry kept ${kept} of ${this.#outlet.position} bytes sent, and their source cannot be read again`,
      { ...error.details, cause: error },
    );
  }

  /** Frees what the registry holds of an upload that will not be finished. */
  async #abandon(error: unknown): Promise<void> {
    const session = this.#session;
    if (!session || isError(error, "CONNECTION_FAILED", "TIMEOUT")) return;
    const cancelled = this.#cancel(session);
    // Who has interrupted us does not wait for it.
    if (!this.#options.signal?.aborted) await cancelled;
  }

  async #cancel(session: UploadSession): Promise<void> {
    await session.cancel({ signal: AbortSignal.timeout(cancelTime) }).catch(() => undefined);
  }
}
