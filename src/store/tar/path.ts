/** Names of entries as paths that stay inside the archive. */
import { WharfError } from "../../errors.ts";
import type { TarHeader } from "./entry.ts";

/**
 * The path that an entry's name stands for: `./a//b/` is `a/b`, the root is the empty text.
 * @throws WharfError PATH_UNSAFE where it is absolute, holds NUL, or climbs with `..`, even if only within the archive
 */
export function entryPath(name: string, subject = "tar"): string {
  if (name.startsWith("/") || name.includes("\0") || name.split("/").includes("..")) {
    throw new WharfError(
      "PATH_UNSAFE",
      `${subject}: entry ${JSON.stringify(name)} leaves the archive`,
    );
  }
  return segments(name).join("/");
}

/**
 * The path that a link leads to: a symbolic link counts from its own folder, a hard link from the root.
 * @param path the link's own, as from {@link entryPath}
 * @throws WharfError PATH_UNSAFE where that is outside of the archive
 */
export function linkTarget(
  path: string,
  link: Pick<TarHeader, "type" | "linkName">,
  subject = "tar",
): string {
  if (link.type === "hardlink") return entryPath(link.linkName, subject);
  const outside = (): WharfError =>
    new WharfError(
      "PATH_UNSAFE",
      `${subject}: link ${JSON.stringify(path)} leads out of the archive, to ${JSON.stringify(link.linkName)}`,
    );
  if (link.linkName.startsWith("/") || link.linkName.includes("\0")) throw outside();
  const target = segments(path).slice(0, -1);
  for (const segment of segments(link.linkName)) {
    if (segment !== "..") target.push(segment);
    else if (target.pop() === undefined) throw outside();
  }
  return target.join("/");
}

function segments(path: string): string[] {
  return path.split("/").filter((segment) => segment !== "" && segment !== ".");
}
