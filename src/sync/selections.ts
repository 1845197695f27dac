/**
 * What a part of an index turned out to be, remembered from one run to the next. An index that was reduced to some
 * platforms has another digest in the target than at the source: without this, each run would have to fetch the index to
 * compare, which counts as a pull. What a digest names never changes, so nothing here grows old.
 */
import { readFile, rename, writeFile, appendFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import type { Descriptor, Digest, Platform } from "../reference/descriptor.ts";
import { isDigest } from "../reference/digest.ts";
import { formatPlatform, normalizePlatform } from "../reference/platform.ts";
import { cacheFolder } from "../store/disk/cacheFolder.ts";
import { createFolder } from "../store/disk/files.ts";

/** Lines of some 180 bytes that are kept. */
const limit = 20_000;
/** Changes with the way in which an index is reduced. */
const version = "1";

/** Where nothing can be read or written, everything works without it. */
export class Selections {
  readonly #file: string;
  readonly #fresh: string[] = [];
  #known: Promise<Map<string, Digest>> | undefined;
  #lines = 0;

  /** @param folder for caches @default the user's */
  constructor(folder = cacheFolder()) {
    this.#file = join(folder, "platforms.txt");
  }

  /** What the target has where all is well. */
  async get({ digest }: Descriptor, platforms: readonly Platform[]): Promise<Digest | undefined> {
    return (await (this.#known ??= this.#read())).get(keyOf(digest, platforms));
  }

  async set({ digest }: Descriptor, platforms: readonly Platform[], part: Digest): Promise<void> {
    const known = await (this.#known ??= this.#read());
    const key = keyOf(digest, platforms);
    if (known.get(key) === part) return;
    known.set(key, part);
    this.#fresh.push(`${key} ${part}\n`);
  }

  /** Writes what was found out. */
  async close(): Promise<void> {
    if (this.#known === undefined || this.#fresh.length === 0) return;
    const fresh = this.#fresh.splice(0);
    try {
      await createFolder(dirname(this.#file), { durable: false, mode: 0o700 });
      if (this.#lines + fresh.length <= limit) return await appendFile(this.#file, fresh.join(""));
      const all = [...(await this.#known)].slice(-limit / 2);
      const draft = `${this.#file}.${process.pid}`;
      await writeFile(draft, all.map(([key, part]) => `${key} ${part}\n`).join(""));
      await rename(draft, this.#file);
    } catch {
      // A cache that cannot be written costs pulls, no more.
    }
  }

  async #read(): Promise<Map<string, Digest>> {
    const known = new Map<string, Digest>();
    const text = await readFile(this.#file, "utf8").catch(() => "");
    for (const line of text.split("\n")) {
      const [mark, digest = "", platforms, part = ""] = line.split(" ");
      this.#lines += 1;
      if (mark !== version || !isDigest(digest) || !isDigest(part)) continue;
      known.set(`${mark} ${digest} ${platforms}`, part);
    }
    return known;
  }
}

function keyOf(digest: Digest, platforms: readonly Platform[]): string {
  const names = platforms.map((platform) => formatPlatform(normalizePlatform(platform)));
  return `${version} ${digest} ${[...new Set(names)].sort().join(",").replaceAll(" ", "_")}`;
}
