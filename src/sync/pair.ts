/** A repository and the one that follows it. */
import type { Descriptor, Digest, Platform } from "../reference/descriptor.ts";
import type { Note } from "../transfer/event.ts";
import { openSession, type Session, type Siblings } from "../transfer/session.ts";
import { planned } from "../transfer/plan.ts";
import type { Hosts } from "../transfer/slots.ts";
import type { Selections } from "./selections.ts";
import type { SourceStore, TargetStore } from "./stores.ts";

/** Copies after which a session is begun anew: it remembers every digest that it has met. */
const sessionLength = 500;

export interface PairParts {
  readonly source: SourceStore;
  readonly target: TargetStore;
  /** Copies go through everything, and write nothing. */
  readonly dryRun: boolean;
  /** A manifest that the target has vouches for all it names. */
  readonly trusting: boolean;
  /** Whether manifests at the source cost pulls. */
  readonly costly: () => boolean;
  readonly hosts: Hosts;
  readonly siblings: Siblings | undefined;
  readonly selections: Selections;
  readonly onNote: (target: string, message: string) => void;
}

export class Pair {
  readonly source: SourceStore;
  readonly target: TargetStore;
  readonly trusting: boolean;
  readonly costly: () => boolean;
  readonly #parts: PairParts;
  readonly #noted = new Set<string>();
  #session: Session | undefined;
  #copies = 0;

  constructor(parts: PairParts) {
    this.source = parts.source;
    this.target = parts.target;
    this.trusting = parts.trusting;
    this.costly = parts.costly;
    this.#parts = parts;
  }

  /** What copies between the two know; they share it, so that what they have in common is sent once. */
  session(): Session {
    this.#copies += 1;
    if (this.#session === undefined || this.#copies % sessionLength === 0) {
      const { source, target, dryRun, hosts, siblings } = this.#parts;
      this.#session = openSession(source, dryRun ? planned(target) : target, {
        hosts,
        ...(siblings && { siblings }),
      });
    }
    return this.#session;
  }

  /** What the part of an index for the platforms turned out to be, when it was last copied. */
  recall(index: Descriptor, platforms: readonly Platform[]): Promise<Digest | undefined> {
    return this.#parts.selections.get(index, platforms);
  }

  async remember(index: Descriptor, platforms: readonly Platform[], part: Digest): Promise<void> {
    if (platforms.length > 0) await this.#parts.selections.set(index, platforms, part);
  }

  /** Tells a note once, however many images it is true of. */
  note({ code, message }: Note, target: string): void {
    if (this.#noted.has(code)) return;
    this.#noted.add(code);
    this.#parts.onNote(target, message);
  }
}
