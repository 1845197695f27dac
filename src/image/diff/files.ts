/** The files of two images side by side, read layer by layer; what both share at their base is read once. */
import type { Digest } from "../../reference/descriptor.ts";
import { createDigester } from "../../store/digester.ts";
import type { TarEntry, TarType } from "../../store/tar/entry.ts";
import { LinkTargets } from "../filesystem/beneath.ts";
import type { Filesystem } from "../filesystem/image.ts";
import { readLayer, type LayerFile } from "../filesystem/layer.ts";
import { byPath } from "../filesystem/list.ts";
import { Names } from "../filesystem/names.ts";

/** What is compared of a file. Hard links count as the file that they lead to; times do not count. */
export interface FileFacts {
  readonly type: Exclude<TarType, "hardlink">;
  /** Bytes. */
  readonly size: number;
  /** Permission bits; of symbolic links they mean nothing. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Of the contents of a file. */
  readonly digest?: Digest;
  /** Where a symbolic link leads. */
  readonly linkName?: string;
  /** Numbers of a device, `1:3`. */
  readonly device?: string;
  /** Extended attributes, such as `security.capability`; what is no text in them is escaped. */
  readonly attributes?: Readonly<Record<string, string>>;
}

/**
 * What is not the same of a file: `target` is where a symbolic link leads, `owner` its user or group, `device` the
 * numbers of a device, `attributes` the extended ones.
 */
export type FileAspect = "type" | "content" | "target" | "mode" | "owner" | "device" | "attributes";

/** A file or folder that two images do not have alike. */
export interface FileChange {
  /** From the root, without a slash before it. */
  readonly path: string;
  readonly change: "added" | "removed" | "changed";
  /** As it is in the first image. */
  readonly from?: FileFacts;
  /** As it is in the second. */
  readonly to?: FileFacts;
  /** What was changed; empty where the file is on one side only. */
  readonly changed: readonly FileAspect[];
}

/**
 * Compares the files of two images. Only names and digests are kept, and those of the layers that both share only where
 * one of the images hides them.
 *
 * @param shared how many layers they share at their base
 * @returns what is not the same, sorted by path
 * @throws WharfError what reading layers throws
 */
export async function compareFiles(
  from: Filesystem,
  to: Filesystem,
  shared: number,
): Promise<FileChange[]> {
  if (shared === from.layers.length && shared === to.layers.length) return [];
  const sides = [new Side(), new Side()] as const;
  for (const [at, image] of [from, to].entries()) {
    const targets = new LinkTargets(image);
    for (let layer = image.layers.length - 1; layer >= shared; layer--) {
      await scan({ image, targets, layer }, [sides[at]!]);
    }
  }
  const targets = new LinkTargets(from);
  for (let layer = shared - 1; layer >= 0; layer--) {
    await scan({ image: from, targets, layer }, sides);
  }
  return changesOf(...sides);
}

/** What one image shows, as far as the other does not show the very same. */
class Side {
  readonly names = new Names();
  readonly files = new Map<string, FileFacts>();
  readonly #awaited = new Map<string, string[]>();

  /** Remembers a link into a layer below. */
  await(layer: number, at: number, path: string): void {
    const key = `${layer}:${at}`;
    const paths = this.#awaited.get(key);
    if (paths === undefined) this.#awaited.set(key, [path]);
    else paths.push(path);
  }

  /** Gives links the facts of their file, now that it is there. */
  fulfil(layer: number, at: number, facts: FileFacts): void {
    if (this.#awaited.size === 0) return;
    for (const path of this.#awaited.get(`${layer}:${at}`) ?? []) this.files.set(path, facts);
  }
}

interface Scanned {
  readonly image: Filesystem;
  readonly targets: LinkTargets;
  readonly layer: number;
}

/** Reads a layer for one image, or for both that share it. */
async function scan({ image, targets, layer }: Scanned, sides: readonly Side[]): Promise<void> {
  const known = new Map<number, FileFacts>();
  for await (const found of readLayer(image, layer)) {
    const { path, meaning } = found;
    if (meaning === "removed") for (const { names } of sides) names.remove(path);
    else if (meaning === "emptied") for (const { names } of sides) names.empty(path);
    else {
      const isFolder = found.entry.type === "directory";
      const seeing = sides.filter(({ names }) => names.add(path, isFolder) !== "hidden");
      // What two images have from the same layer is the same.
      const telling = sides.length === 2 && seeing.length === 2 ? [] : seeing;
      await record(targets, layer, found, { sides, telling, known });
    }
  }
  for (const { names } of sides) names.descend();
}

interface Recording {
  readonly sides: readonly Side[];
  /** Those that show the entry, unless both do. */
  readonly telling: readonly Side[];
  /** Files of the layer by their place in it: what its hard links lead to. */
  readonly known: Map<number, FileFacts>;
}

async function record(
  targets: LinkTargets,
  layer: number,
  found: LayerFile,
  { sides, telling, known }: Recording,
): Promise<void> {
  const { path, entry } = found;
  if (entry.type !== "hardlink") {
    const { at } = found.inode!;
    const facts = await factsOf(entry);
    if (facts.type !== "directory") known.set(at, facts);
    for (const { files } of telling) files.set(path, facts);
    for (const side of sides) side.fulfil(layer, at, facts);
    return;
  }
  if (telling.length === 0) return;
  const inode = await targets.inodeOf(found, layer);
  if (inode === undefined) return;
  const facts = inode.layer === layer ? known.get(inode.at) : undefined;
  for (const side of telling) {
    if (facts !== undefined) side.files.set(path, facts);
    else side.await(inode.layer, inode.at, path);
  }
}

async function factsOf(entry: TarEntry): Promise<FileFacts> {
  const { type, size, mode, uid, gid, linkName, major, minor } = entry;
  const isDevice = type === "character" || type === "block";
  const attributes = attributesOf(entry);
  return {
    type: type as FileFacts["type"],
    size,
    mode,
    uid,
    gid,
    ...(type === "file" && { digest: await digestOf(entry) }),
    ...(type === "symlink" && { linkName }),
    ...(isDevice && { device: `${major}:${minor}` }),
    ...(attributes && { attributes }),
  };
}

async function digestOf({ body, size }: TarEntry): Promise<Digest> {
  const digester = createDigester("sha256", { size });
  try {
    for await (const chunk of body) {
      const taken = digester.update(chunk);
      if (taken !== undefined) await taken;
    }
    return await digester.digest();
  } finally {
    digester.dispose();
  }
}

const attributePrefix = "SCHILY.xattr.";

function attributesOf({ records }: TarEntry): Record<string, string> | undefined {
  if (records.size === 0) return undefined;
  const found = [...records].filter(([key]) => key.startsWith(attributePrefix));
  if (found.length === 0) return undefined;
  const pairs = found.map(([key, value]) => [key.slice(attributePrefix.length), escaped(value)]);
  return Object.fromEntries(pairs.toSorted(([a], [b]) => (a! < b! ? -1 : 1))) as Record<
    string,
    string
  >;
}

/** Control characters, and bytes that are no text, as `\x01`. */
const escaped = (value: string): string =>
  value.replaceAll(
    // oxlint-disable-next-line no-control-regex -- finding control characters is the point
    /[\u0000-\u001f\u007f-\u009f\udc80-\udcff\\]/g,
    (character) => `\\x${(character.charCodeAt(0) & 0xff).toString(16).padStart(2, "0")}`,
  );

function changesOf(from: Side, to: Side): FileChange[] {
  const changes: FileChange[] = [];
  for (const [path, before] of from.files) {
    const after = to.files.get(path);
    if (after !== undefined) {
      const changed = aspects(before, after);
      if (changed.length > 0)
        changes.push({ path, change: "changed", from: before, to: after, changed });
    } else if (!(before.type === "directory" && to.names.isFolder(path))) {
      changes.push({ path, change: "removed", from: before, changed: [] });
    }
  }
  for (const [path, after] of to.files) {
    if (from.files.has(path) || (after.type === "directory" && from.names.isFolder(path))) continue;
    changes.push({ path, change: "added", to: after, changed: [] });
  }
  return changes.toSorted(byPath);
}

function aspects(a: FileFacts, b: FileFacts): FileAspect[] {
  if (a.type !== b.type) return ["type"];
  const isLink = a.type === "symlink";
  const found: [FileAspect, boolean][] = [
    ["content", a.digest !== b.digest],
    ["target", a.linkName !== b.linkName],
    ["mode", !isLink && a.mode !== b.mode],
    ["owner", a.uid !== b.uid || a.gid !== b.gid],
    ["device", a.device !== b.device],
    ["attributes", JSON.stringify(a.attributes) !== JSON.stringify(b.attributes)],
  ];
  return found.filter(([, isOther]) => isOther).map(([aspect]) => aspect);
}
