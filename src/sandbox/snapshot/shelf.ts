/** Snapshots under names: in memory, or in a folder that outlives the process. */
import { readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { WharfError } from "../../errors.ts";
import { makeFolders } from "../../folders.ts";

export interface SnapshotEntry {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
}

export interface SnapshotShelf {
  /** @throws WharfError USAGE where there is no room for one more */
  put(name: string, snapshot: Uint8Array): Promise<void>;
  get(name: string): Promise<Uint8Array | undefined>;
  /** By name. */
  list(): Promise<SnapshotEntry[]>;
  /** @returns whether there was one */
  delete(name: string): Promise<boolean>;
}

export const snapshotName = /^[A-Za-z0-9][\w.-]{0,63}$/;
const extension = ".db";

/** Snapshots that have names. */
const most = 100;
/** Bytes of all of them, where they are in memory. */
const room = 2 ** 30;

export function createMemoryShelf(): SnapshotShelf {
  const kept = new Map<string, Uint8Array>();
  return {
    async put(name, snapshot) {
      const others = [...kept].filter(([other]) => other !== name);
      const size = others.reduce((sum, [, { byteLength }]) => sum + byteLength, 0);
      if (others.length >= most) throw full(`${most} snapshots`);
      if (size + snapshot.byteLength > room) throw full("1 GiB of snapshots, being in memory");
      kept.set(name, snapshot);
    },
    get: async (name) => kept.get(name),
    list: async () =>
      [...kept]
        .map(([name, { byteLength }]) => ({ name, size: byteLength }))
        .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    delete: async (name) => kept.delete(name),
  };
}

/** @param folder made when something is put there; of this sandbox alone */
export function createFolderShelf(folder: string): SnapshotShelf {
  const fileOf = (name: string) => join(folder, name + extension);
  const names = async () =>
    (await readdir(folder).catch(none<string[]>([])))
      .filter((file) => file.endsWith(extension))
      .map((file) => file.slice(0, -extension.length))
      .toSorted();
  // One at a time is written, so that what is left of one by a crash is where the next begins.
  const unfinished = join(folder, ".unfinished");
  const write = async (name: string, snapshot: Uint8Array) => {
    const others = (await names()).filter((other) => other !== name);
    if (others.length >= most) throw full(`${most} snapshots`);
    await makeFolders(folder, 0o700);
    await writeFile(unfinished, snapshot, { mode: 0o600 });
    await rename(unfinished, fileOf(name));
  };
  let last = Promise.resolve();
  return {
    put(name, snapshot) {
      const next = last.then(() => write(name, snapshot));
      last = next.catch(() => rm(unfinished, { force: true }).catch(() => undefined));
      return next;
    },
    get: (name) => readFile(fileOf(name)).catch(none<Buffer | undefined>(undefined)),
    async list() {
      const entries: SnapshotEntry[] = [];
      for (const name of await names()) {
        const found = await stat(fileOf(name)).catch(none<undefined>(undefined));
        if (found) entries.push({ name, size: found.size });
      }
      return entries;
    },
    async delete(name) {
      const there = (await names()).includes(name);
      await rm(fileOf(name), { force: true });
      return there;
    },
  };
}

function full(what: string): WharfError {
  return new WharfError("USAGE", `the sandbox has ${what} at most; delete one that is not needed`);
}

function none<Value>(value: Value) {
  return (error: NodeJS.ErrnoException): Value => {
    if (error.code === "ENOENT") return value;
    throw error;
  };
}
