/** What stands in a tar. Types only. */
import type { Bytes } from "../../http/bytes.ts";

export type TarType =
  | "file"
  | "directory"
  | "symlink"
  | "hardlink"
  | "character"
  | "block"
  | "fifo";

/** An entry without its body, extended headers applied. */
export interface TarHeader {
  /** As it was written: check it with `entryPath` before it names anything. Bytes that are no UTF-8: see text.ts. */
  readonly name: string;
  readonly type: TarType;
  /** Bytes of the body; 0 unless the entry is a file. */
  readonly size: number;
  /** Where a symbolic link points, from its own folder; which entry a hard link repeats, from the root. */
  readonly linkName: string;
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly userName: string;
  readonly groupName: string;
  /** Seconds since 1970, perhaps with a fraction. */
  readonly mtime: number;
  /** Device numbers. */
  readonly major: number;
  readonly minor: number;
  /** Further pax records, such as extended attributes (`SCHILY.xattr.…`). */
  readonly records: ReadonlyMap<string, string>;
}

/** An entry of a stream. What is not read of its body is skipped when the next entry is asked for. */
export interface TarEntry extends TarHeader {
  readonly body: Bytes;
}

/** What one has to say about an entry to write it; the rest is 0, empty or usual (mode 0644, 0755 for a directory). */
export type NewTarEntry = Partial<TarHeader> & Pick<TarHeader, "name" | "size">;
