/**
 * How those who rely on a blob and those who remove it keep out of each other's way, in whichever processes they are.
 *
 * A file's time and its name cannot be looked at and taken away in one go. So a collector announces what it is about to
 * remove, and only then looks at the times for the last time; and whoever relies on a blob sets its time, and only then
 * looks what is announced. Of two that meet, one at least sees the other: the collector leaves the blob alone, or the
 * other waits for its turn, and then sees whether the blob is there. Until then the name stays where it is, so that
 * nobody misses it, and who is killed in between has removed nothing. What gives a name takes a turn in any case, as what
 * takes one away does: a file that is put in the place of another between look and removal would go with it.
 */
import type { Digest } from "../../reference/descriptor.ts";

export interface Turns {
  /** Runs work that waits for nothing, while nobody else gives or takes away names. */
  take<Result>(work: () => Result): Promise<Result>;
  /** Whether somebody may be about to remove the blob. */
  isLeaving(digest: Digest): boolean;
}
