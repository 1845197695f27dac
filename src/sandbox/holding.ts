/** What a sandbox holds, as a whole: state and content, filled by a seed, emptied, saved and brought back together. */
import { join } from "node:path";

import { createFolder } from "../store/disk/files.ts";
import { Content } from "./registry/content.ts";
import { expectNoPush, reconcile } from "./registry/reconcile.ts";
import { folderRooms, memoryRooms } from "./registry/rooms.ts";
import { Shelves } from "./registry/shelves.ts";
import { accountsOf, type Seed, type SeedAccount, type SeedName, seedOf } from "./seed/index.ts";
import { State, told } from "./state/state.ts";

export interface HoldingOptions {
  /** Folder; memory where there is none. */
  readonly data?: string | undefined;
  /** A snapshot is what its bytes are. */
  readonly seed: SeedName | Seed | Uint8Array;
  /** Folder at which paths in a seed begin. @default the current one */
  readonly seedFolder?: string | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface Holding {
  readonly state: State;
  readonly content: Content;
  /** Who can sign in after the seed. */
  readonly accounts: readonly SeedAccount[];
  /** Folder for snapshots with names; undefined in memory. */
  readonly snapshots: string | undefined;
  /** Makes everything as the seed has it. */
  reset(): Promise<void>;
  /** All of it, as one file. */
  snapshot(): Promise<Uint8Array>;
  /** @throws WharfError LAYOUT_INVALID for what is no snapshot */
  restore(snapshot: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/** @throws WharfError LOCKED where another sandbox lives in the folder; FILE_FAILED, LAYOUT_INVALID, CONFIG_INVALID */
export async function openHolding(options: HoldingOptions): Promise<Holding> {
  const { now } = options;
  const given = options.seed instanceof Uint8Array ? options.seed : undefined;
  const seed = options.seed instanceof Uint8Array ? undefined : await seedOf(options.seed);
  const { state, shelves } = await open(options.data);
  const content = new Content(shelves, state, now);

  const restore = async (snapshot: Uint8Array) => {
    const { restoreSnapshot } = await import("./snapshot/snapshot.ts");
    await restoreSnapshot(state, shelves, snapshot);
  };
  /** What brings the seed into an empty state. */
  const sown = async () => {
    if (!seed) return () => {};
    const { plant } = await import("./seed/plant.ts");
    return plant(state, seed, { now: now(), fetch: fetcher(options.seedFolder) });
  };
  const begin = async () => {
    if (given) return restore(given);
    state.transaction(await sown());
    shelves.reload();
  };
  const reset = async () => {
    if (given) return restore(given);
    const sow = await sown();
    await shelves.move((enter) =>
      state.renew(() => {
        enter();
        sow();
      }),
    );
  };
  // Of several at once each begins when the one before has ended.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const next = last.then(async () => {
      await content.settled();
      return work();
    });
    last = next.catch(() => undefined);
    return next;
  };
  let begun = false;
  let closed = false;
  const close = async () => {
    if (closed) return;
    closed = true;
    await last;
    await content.settled();
    try {
      await shelves.close();
      if (begun && !content.hasMissed) expectNoPush(state);
    } finally {
      state.close();
    }
  };

  try {
    if (state.count("SELECT count(*) AS count FROM accounts") === 0) await begin();
    else {
      await content.catchUp();
      await reconcile(state, shelves, content);
    }
    begun = true;
  } catch (error) {
    await close().catch(() => undefined);
    throw told(error, fileOf(options.data));
  }
  return {
    state,
    content,
    accounts: accountsOf(seed),
    snapshots: options.data === undefined ? undefined : join(options.data, "snapshots"),
    reset: () => inTurn(reset),
    snapshot: () =>
      inTurn(async () => {
        const { takeSnapshot } = await import("./snapshot/snapshot.ts");
        return takeSnapshot(state, shelves);
      }),
    restore: (snapshot) => inTurn(() => restore(snapshot)),
    close,
  };
}

async function open(data: string | undefined): Promise<{ state: State; shelves: Shelves }> {
  if (data !== undefined) await createFolder(data);
  const state = new State(fileOf(data));
  try {
    const rooms = data === undefined ? memoryRooms() : folderRooms(data, state);
    return { state, shelves: await Shelves.open(rooms, state) };
  } catch (error) {
    state.close();
    throw told(error, fileOf(data));
  }
}

function fileOf(data: string | undefined): string {
  return data === undefined ? ":memory:" : join(data, "sandbox.db");
}

/** Images of others' layouts and archives. */
function fetcher(folder: string | undefined) {
  return async (...image: Parameters<import("./seed/images.ts").Fetch>) => {
    const { fetchImage } = await import("./seed/fetch.ts");
    return fetchImage(...image, folder);
  };
}
