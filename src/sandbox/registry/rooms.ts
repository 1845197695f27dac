/**
 * Where the content of a sandbox lies: a room of its own, which is left for an empty one when everything changes at once. Which one
 * counts stands in the state, and changes with its rows: whoever is killed meanwhile has the old state with the old content, or the
 * new with the new.
 */
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";

import { WharfError } from "../../errors.ts";
import { createMemoryCollection } from "../../store/memory.ts";
import type { RepositoryCollection } from "../../store/store.ts";
import type { State } from "../state/state.ts";

export interface Room {
  readonly collection: RepositoryCollection;
  /** Has the state say that this one counts; to be called in the transaction that changes everything. */
  enter(): void;
  /** Takes it away with all that is in it. */
  clear(): Promise<void>;
}

export interface Rooms {
  /** The one that counts. */
  current(): Promise<Room>;
  /** An empty one. */
  next(): Promise<Room>;
}

export function memoryRooms(): Rooms {
  const room = async (): Promise<Room> => {
    const collection = createMemoryCollection();
    return { collection, enter: () => {}, clear: () => collection.close() };
  };
  return { current: room, next: room };
}

/** Names of folders; the first has no number. */
const first = "registry";
const pattern = /^registry(?:-(\d{1,9}))?$/;

/** Names in a collection's folder. */
const ofCollection = /^(?:catalog\.db.*|pool|repositories|uploads)$/;

export function folderRooms(data: string, state: State): Rooms {
  const known = () => {
    const name = state.setting("registry") ?? first;
    // Whoever gets a folder from somebody else is not led out of it, to what a reset then deletes.
    if (pattern.test(name)) return name;
    throw new WharfError("LAYOUT_INVALID", `${data}: its state names no folder of its own`);
  };
  const open = async (name: string): Promise<Room> => {
    const { openCollection } = await import("../../store/collection/collection.ts");
    const folder = join(data, name);
    const collection = await openCollection(folder);
    return {
      collection,
      enter: () => state.set("registry", name),
      async clear() {
        await collection.close();
        await rm(folder, { recursive: true, force: true });
      },
    };
  };
  let last = 0;
  return {
    async current() {
      const isNew = state.count("SELECT count(*) AS count FROM accounts") === 0;
      for (const name of await readdir(data)) {
        const number = pattern.exec(name);
        if (!number) continue;
        if (isNew) await checkUnused(join(data, name));
        last = Math.max(last, Number(number[1] ?? 0));
        // Left by a process that was killed before it could enter it, or had just left it.
        if (name !== known()) await rm(join(data, name), { recursive: true, force: true });
      }
      return open(known());
    },
    next: () => open(`${first}-${(last += 1)}`),
  };
}

/** @throws WharfError LAYOUT_INVALID for what a sandbox that has just begun cannot have put there, and must not take away */
async function checkUnused(folder: string): Promise<void> {
  const found = await readdir(folder).catch(() => ["."]);
  const inside = await readdir(join(folder, "repositories")).catch(() => []);
  if (found.every((name) => ofCollection.test(name)) && inside.length === 0) return;
  throw new WharfError("LAYOUT_INVALID", `${folder}: it holds what is not this sandbox's`, {
    hint: "Move it away, or give --data another folder.",
  });
}
