/** What files an image has. */
import { WharfError } from "../../errors.ts";
import type { Descriptor } from "../../reference/descriptor.ts";
import type { TarType } from "../../store/tar/entry.ts";
import type { Filesystem } from "./image.ts";
import { normalized, Route } from "./route.ts";
import { visible, type Visible } from "./visible.ts";

/** A file, folder, link or device. */
export interface FileInfo {
  /** From the root, without a slash before it. */
  readonly path: string;
  readonly type: TarType;
  /** Bytes; 0 for what is no file, and for hard links. */
  readonly size: number;
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since 1970. */
  readonly mtime: number;
  /** Where a link leads. */
  readonly linkName?: string;
  /** Of devices. */
  readonly major?: number;
  readonly minor?: number;
  /** The newest layer that says so; absent for a folder that no layer names. */
  readonly layer?: Descriptor;
}

/** Which part of an image is listed. */
export interface ListFilesOptions {
  /** Folder or file; symbolic links on the way are followed. @default the root */
  readonly path?: string;
  /** Whether what is in folders below is listed too. @default false */
  readonly recursive?: boolean;
}

/**
 * Lists the files of an image, sorted by path. All layers are read, and names kept.
 *
 * @throws WharfError FILE_NOT_FOUND; what reading layers throws
 * @example
 * const files = await listFiles(await openFilesystem(store, "latest"), { recursive: true });
 * const setuid = files.filter(({ type, mode }) => type === "file" && mode & 0o4000);
 */
export async function listFiles(
  image: Filesystem,
  { path = "/", recursive = false }: ListFilesOptions = {},
): Promise<FileInfo[]> {
  const files = new Map<string, FileInfo>();
  for await (const found of visible(image, image.layers.length)) {
    files.set(found.path, infoOf(found, image));
  }
  for (const known of files.keys()) addParents(known, files);
  const whole = lead(path, files);
  const target = files.get(whole);
  // A link that leads to no folder is listed as itself.
  const parent = lead(`${path}/..`, files);
  const name = normalized(path).split("/").at(-1)!;
  const own = target?.type === "directory" ? target : files.get(joined(parent, name));
  if (whole !== "" && own === undefined) {
    throw new WharfError("FILE_NOT_FOUND", `The image has no file or folder ${path}`);
  }
  if (own !== undefined && own.type !== "directory") return [own];
  const below = joined(whole, "");
  return [...files.values()]
    .filter(({ path }) => path !== "" && path.startsWith(below))
    .filter(({ path }) => recursive || !path.includes("/", below.length))
    .toSorted(byPath);
}

/** Where a path leads, all links followed. */
function lead(path: string, files: ReadonlyMap<string, FileInfo>): string {
  const route = new Route(path);
  for (const { path, type, linkName } of files.values()) {
    if (type === "symlink") route.learn(path, linkName!);
  }
  return route.path;
}

const joined = (folder: string, name: string): string =>
  folder === "" ? name : `${folder}/${name}`;

/** By bytes, as `LC_ALL=C sort` does. */
export function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}

function infoOf({ path, entry, layer }: Visible, { layers }: Filesystem): FileInfo {
  const { type, size, mode, uid, gid, mtime, linkName, major, minor } = entry;
  const isDevice = type === "character" || type === "block";
  return {
    path,
    type,
    size,
    mode,
    uid,
    gid,
    mtime,
    ...(linkName !== "" && { linkName }),
    ...(isDevice && { major, minor }),
    layer: layers[layer]!,
  };
}

/** Folders that no layer names. */
function addParents(path: string, files: Map<string, FileInfo>): void {
  for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
    const parent = path.slice(0, end);
    if (files.has(parent)) return;
    files.set(parent, implied(parent));
  }
}

const implied = (path: string): FileInfo => ({
  path,
  type: "directory",
  size: 0,
  mode: 0o755,
  uid: 0,
  gid: 0,
  mtime: 0,
});
