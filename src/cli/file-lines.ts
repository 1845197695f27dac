/** Files of an image as `ls -l` shows them. */
import type { FileInfo } from "../image/filesystem/list.ts";
import { normalized } from "../image/filesystem/route.ts";
import type { TarType } from "../store/tar/entry.ts";
import { formatBytes, formatTable } from "./format.ts";

const letters: Readonly<Record<TarType, string>> = {
  file: "-",
  hardlink: "-",
  directory: "d",
  symlink: "l",
  character: "c",
  block: "b",
  fifo: "p",
};

/** @param folder whose files they are; paths are shown from there */
export function fileLines(files: readonly FileInfo[], folder: string): string[] {
  const rows = files.map((file) => [
    modeText(file),
    `${file.uid}:${file.gid}`,
    sizeText(file),
    file.layer === undefined ? "" : dateText(file.mtime),
    nameText(file, folder),
  ]);
  return formatTable([{}, {}, { align: "right" }, {}, {}], rows);
}

/** `-rwsr-xr-x`, as ls writes it. */
export function modeText({ type, mode }: Pick<FileInfo, "type" | "mode">): string {
  const bits = [6, 3, 0].map((shift, at) => {
    const bits = (mode >> shift) & 7;
    const isSpecial = (mode & (0o4000 >> at)) !== 0;
    const isExecutable = (bits & 1) !== 0;
    const letter = at === 2 ? "t" : "s";
    const last = isSpecial
      ? isExecutable
        ? letter
        : letter.toUpperCase()
      : isExecutable
        ? "x"
        : "-";
    return `${bits & 4 ? "r" : "-"}${bits & 2 ? "w" : "-"}${last}`;
  });
  return letters[type] + bits.join("");
}

function sizeText({ type, size, major, minor }: FileInfo): string {
  if (major !== undefined) return `${major}, ${minor}`;
  return type === "file" ? formatBytes(size) : "";
}

/** Times that builds are given to be repeatable mean nothing. */
const dateText = (seconds: number): string =>
  seconds > 0 ? new Date(seconds * 1000).toISOString().slice(0, 16).replace("T", " ") : "";

function nameText({ path, type, linkName }: FileInfo, folder: string): string {
  const below = `${normalized(folder)}/`;
  const name = path.startsWith(below) ? path.slice(below.length) : path;
  if (type === "directory") return `${name}/`;
  if (type === "symlink") return `${name} -> ${linkName}`;
  return type === "hardlink" ? `${name} = ${linkName}` : name;
}
