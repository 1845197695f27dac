/** What the names in a layer say: a file, or that something below is gone. Source: image-spec 1.1, "Whiteouts". */
import { WharfError } from "../../errors.ts";
import { entryPath } from "../../store/tar/path.ts";

/** What a name in a layer stands for. */
export type Meaning =
  /** A file, folder or link that is there. */
  | "entry"
  /** The layers below have nothing under this path any more. */
  | "removed"
  /** The layers below have nothing in this folder any more; the folder itself stays. */
  | "emptied"
  /** Book-keeping of the file system that made the layer. */
  | "none";

const prefix = ".wh.";
const opaque = ".wh..wh..opq";
/** AUFS keeps such files and folders for itself. */
const internal = ".wh..wh.";

/**
 * Reads a name.
 * @param subject whose name it is, for messages
 * @throws WharfError PATH_UNSAFE where it, or what it hides, is outside of the image
 */
export function meaningOf(name: string, subject: string): { path: string; meaning: Meaning } {
  const path = layerPath(name, subject);
  if (!path.includes(prefix)) return { path, meaning: "entry" };
  const slash = path.lastIndexOf("/");
  const folder = path.slice(0, Math.max(0, slash));
  const base = path.slice(slash + 1);
  if (base === opaque) return { path: folder, meaning: "emptied" };
  if (path.split("/").some((segment) => segment.startsWith(internal))) {
    return { path, meaning: "none" };
  }
  if (!base.startsWith(prefix)) return { path, meaning: "entry" };
  const hidden = base.slice(prefix.length);
  if (hidden === "" || hidden === "." || hidden === "..") {
    const message = `${subject}: entry ${JSON.stringify(name)} hides what is outside of its folder`;
    throw new WharfError("PATH_UNSAFE", message);
  }
  return { path: folder === "" ? hidden : `${folder}/${hidden}`, meaning: "removed" };
}

/** A path from the image's root; some writers put a slash before it. */
export function layerPath(name: string, subject: string): string {
  return entryPath(name.replace(/^\/+/, ""), subject);
}
