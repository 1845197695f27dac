/** Snapshots under names: in memory, or in a folder that outlives the process. */
import { readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { makeFolders } from "../../folders.ts";

export interface SnapshotEntry {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
}

export interface SnapshotShelf {
  put(name: string, snapshot: Uint8Array): Promise<void>;
  get(name: string): Promise<Uint8Array | undefined>;
  /** By name. */
  list(): Promise<SnapshotEntry[]>;
  /** @returns whether there was one */
  delete(name: string): Promise<boolean>;
}

export const snapshotName = /^[A-Za-z0-9][\w.-]{0,63}$/;
const extension = ".db";

export function createMemoryShelf(): SnapshotShelf {
  const kept = new Map<string, Uint8Array>();
  return {
    put: async (name, snapshot) => void kept.set(name, snapshot),
    get: async (name) => kept.get(name),
    list: async () =>
      [...kept]
        .map(([name, { byteLength }]) => ({ name, size: byteLength }))
        .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    delete: async (name) => kept.delete(name),
  };
}

/** @param folder made when something is put there */
export function createFolderShelf(folder: string): SnapshotShelf {
  const fileOf = (name: string) => join(folder, name + extension);
  const names = async () =>
    (await readdir(folder).catch(none<string[]>([])))
      .filter((file) => file.endsWith(extension))
      .map((file) => file.slice(0, -extension.length))
      .toSorted();
  return {
    async put(name, snapshot) {
      await makeFolders(folder, 0o700);
      const unfinished = join(folder, `.${name}.${process.pid}`);
      await writeFile(unfinished, snapshot, { mode: 0o600 });
      await rename(unfinished, fileOf(name));
    },
    get: (name) => readFile(fileOf(name)).catch(none<Buffer | undefined>(undefined)),
    async list() {
      const entries: SnapshotEntry[] = [];
      for (const name of await names())
        entries.push({ name, size: (await stat(fileOf(name))).size });
      return entries;
    },
    async delete(name) {
      const there = (await names()).includes(name);
      await rm(fileOf(name), { force: true });
      return there;
    },
  };
}

function none<Value>(value: Value) {
  return (error: NodeJS.ErrnoException): Value => {
    if (error.code === "ENOENT") return value;
    throw error;
  };
}
