/** Where pulled files go: inside one folder, over nothing that nobody gave up. */
import { lstat, readdir, realpath, rename, rmdir, stat } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";

import { WharfError } from "../../errors.ts";
import type { Descriptor } from "../../reference/descriptor.ts";
import { parseDigest, quoted } from "../../reference/digest.ts";
import { createDigester } from "../../store/digester.ts";
import { diskError, failedWith } from "../../store/disk/failure.ts";
import { createFolder } from "../../store/disk/files.ts";
import { fileSource } from "../../store/sources.ts";
import type { Cancellable } from "../../store/store.ts";
import { rootTitle } from "./titles.ts";

/** The folder that files are pulled to. */
export class Place {
  /** Absolute; need not exist yet. */
  readonly folder: string;

  constructor(folder: string) {
    this.folder = resolve(folder);
  }

  /** Where a file belongs. @param title tidied, as by `pathOf` */
  path(title: string): string {
    return title === rootTitle ? this.folder : join(this.folder, ...title.split("/"));
  }

  /** @throws WharfError FILE_EXISTS where something else stands in place of the folder */
  async checkFolder(): Promise<void> {
    const found = await stat(this.folder).catch((error: unknown) => {
      if (failedWith(error, "ENOENT")) return undefined;
      throw diskError(error, this.folder);
    });
    if (found && !found.isDirectory()) {
      throw new WharfError("FILE_EXISTS", `${this.folder} is there, and no folder`);
    }
  }

  /**
   * Looks whether a file may be written.
   * @returns whether something is there that is to be replaced
   * @throws WharfError PATH_UNSAFE where the way leads out of the folder through a link, FILE_EXISTS where a folder stands
   *   in place of a file or the other way round
   */
  async check(title: string, folder: boolean): Promise<boolean> {
    const path = this.path(title);
    if (title !== rootTitle) await this.#checkWay(title);
    const found = await look(path);
    if (found === undefined) return false;
    if (folder && found.isDirectory()) return (await readdir(path)).length > 0;
    if (folder !== found.isDirectory()) {
      throw new WharfError(
        "FILE_EXISTS",
        `${path} is ${found.isDirectory() ? "a folder" : "there, and no folder"}`,
        { hint: "Remove it, or pull to another folder with --output." },
      );
    }
    return true;
  }

  /** Makes the folder that a file goes into. @throws WharfError PATH_UNSAFE */
  async prepare(title: string): Promise<string> {
    const path = this.path(title);
    const parent = title === rootTitle ? this.folder : dirname(path);
    try {
      await createFolder(parent, { durable: false });
      const inside = relative(await realpath(this.folder), await realpath(parent));
      if (inside === ".." || inside.startsWith(`..${sep}`)) throw leavesBy(title, parent);
    } catch (error) {
      throw diskError(error, parent);
    }
    return path;
  }

  async #checkWay(title: string): Promise<void> {
    let path = this.folder;
    for (const segment of title.split("/").slice(0, -1)) {
      path = join(path, segment);
      const found = await look(path);
      if (found === undefined) return;
      if (found.isDirectory()) continue;
      if (!found.isSymbolicLink()) {
        throw new WharfError("FILE_EXISTS", `${path} is there, and no folder`);
      }
      const [root, real] = await Promise.all([realpath(this.folder), realpath(path)]).catch(() => {
        throw leavesBy(title, path);
      });
      if (!real.startsWith(root === sep ? sep : root + sep)) throw leavesBy(title, path);
    }
  }
}

function leavesBy(title: string, path: string): WharfError {
  return new WharfError(
    "PATH_UNSAFE",
    `${quoted(title)} would be written outside of the folder, through the link ${path}`,
    { hint: "Remove the link, or pull to another folder with --output." },
  );
}

/** Whether a file already holds what a descriptor promises. */
export async function holds(
  path: string,
  { digest, size }: Descriptor,
  { signal }: Cancellable = {},
): Promise<boolean> {
  const found = await look(path);
  if (!found?.isFile() || found.size !== size) return false;
  const digester = createDigester(parseDigest(digest).algorithm, { size });
  try {
    const body = await fileSource(path).open(0, signal && { signal });
    for await (const chunk of body) {
      await digester.update(chunk);
      body.recycle?.(chunk);
    }
    return (await digester.digest()) === digest;
  } finally {
    digester.dispose();
  }
}

/**
 * Moves all that is in `from` into `to`, a folder that is there: files replace files, what is only there stays. Nothing is
 * moved where a file would replace a folder, or something would go through a link.
 */
export async function mergeFolder(from: string, to: string): Promise<void> {
  try {
    await merge(from, to, false);
    await merge(from, to, true);
  } catch (error) {
    throw diskError(error, to);
  }
}

async function merge(from: string, to: string, move: boolean): Promise<void> {
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const source = join(from, entry.name);
    const target = join(to, entry.name);
    const found = await look(target);
    if (entry.isDirectory() && found?.isDirectory()) {
      await merge(source, target, move);
    } else if (found && entry.isDirectory() !== found.isDirectory()) {
      const what = found.isDirectory() ? "is a folder" : "is there, and no folder";
      throw new WharfError("FILE_EXISTS", `${target} ${what}`);
    } else if (move) {
      await rename(source, target);
    }
  }
  if (move) await rmdir(from);
}

async function look(path: string) {
  return lstat(path).catch((error: unknown) => {
    if (failedWith(error, "ENOENT", "ENOTDIR")) return undefined;
    throw diskError(error, path);
  });
}
