/** What is told while files of an artifact are on their way. */

/**
 * One file: `found` once for each before anything moves; `packing` while a folder becomes an archive; `progress` while
 * bytes flow. It ends as `exists` (it was there already) or `copied`.
 */
export interface FileEvent {
  readonly type: "file";
  readonly state: "found" | "packing" | "progress" | "exists" | "copied";
  readonly title: string;
  /** Bytes in all; -1 where nobody knows yet. */
  readonly size: number;
  /** Bytes so far; goes back when a piece is sent again. */
  readonly bytes: number;
}

/** Called as things happen; must not throw. */
export type OnFile = (event: FileEvent) => void;
