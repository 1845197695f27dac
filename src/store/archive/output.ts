/** Where an archive is written: into a file, or down a pipe. */
import type { Bytes, Cancellable } from "../../http/bytes.ts";

/** A file of the archive that is to be written. */
export interface NewMember {
  /** Its name (at most 100 characters). A function is asked when the body has passed; undefined drops the file. */
  readonly name: string | (() => string | undefined);
  /** Bytes of the body, where known before. */
  readonly size?: number;
  /** Opens the body, once. It throws where it is not what it should be; it then leaves no trace. */
  open(): Promise<Bytes>;
}

/**
 * Writes members in the order in which `add` was called, however many are added at the same time: then the same image
 * gives the same archive.
 */
export interface Output {
  /** @throws WharfError DISK_FULL, FILE_FAILED, INTERRUPTED, and what the body throws */
  add(member: NewMember, options?: Cancellable): Promise<void>;
  /** Ends the archive; everything that was added is in. */
  finish(): Promise<void>;
  /** Gives up and leaves nothing behind. Harmless after `finish`. */
  abort(): Promise<void>;
}

export function nameOf({ name }: NewMember): string | undefined {
  return typeof name === "string" ? name : name();
}
