/** What a measurement is: a value in a file of its own. */
import type { Contender } from "./measure.ts";

export interface Line {
  readonly title: string;
  readonly rounds: number;
  readonly warmUp?: number;
  /** Prepares, and returns who runs; the first contender is ours. */
  prepare(): Promise<{
    readonly contenders: readonly Contender[];
    /** Said below the figures, such as a count of requests. */
    notes?(): Promise<readonly string[]>;
    close(): Promise<void>;
  }>;
}
