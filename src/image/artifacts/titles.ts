/** The titles of files: relative paths with slashes, which stay inside the folder that they are written to. */
import { isAbsolute, posix, resolve, sep } from "node:path";

import { WharfError } from "../../errors.ts";
import { quoted } from "../../reference/digest.ts";
import { annotationKeys } from "./terms.ts";

/** The title of a folder whose files go right into the folder that they are pulled to. */
export const rootTitle = ".";

/**
 * What a file is called in an artifact: its path as it was given, tidied. Of a path that is absolute or climbs with `..`
 * only the last part stays, since nobody could pull it.
 *
 * @example
 * titleOf("./docs/a.md") // "docs/a.md"
 * titleOf("/etc/hosts") // "hosts"
 */
export function titleOf(path: string): string {
  const slashes = sep === "/" ? path : path.replaceAll(sep, "/");
  const tidy = posix.normalize(slashes).replace(/(?<=.)\/$/, "");
  const leaves = isAbsolute(path) || tidy === ".." || tidy.startsWith("../");
  return leaves ? posix.basename(resolve(path).replaceAll(sep, "/")) || rootTitle : tidy;
}

/**
 * The path that a title stands for, tidied; `.` is the folder itself.
 * @param subject whose title it is, for messages
 * @throws WharfError PATH_UNSAFE where it is empty or absolute, climbs with `..`, or holds NUL
 */
export function pathOf(title: string, subject: string): string {
  const segments = title.split("/");
  const unsafe =
    title === "" || title.startsWith("/") || title.includes("\0") || segments.includes("..");
  if (unsafe) {
    throw new WharfError("PATH_UNSAFE", `${subject}: the path ${quoted(title)} leaves the folder`, {
      hint: "Do not trust where it comes from; wharf blob get fetches one blob to a file of your choice.",
    });
  }
  const path = segments.filter((segment) => segment !== "" && segment !== ".").join("/");
  return path === "" ? rootTitle : path;
}

interface Titled {
  readonly title: string;
}

/**
 * Checks that files can lie side by side: no two of one title, none inside another one.
 * @throws what `refuse` returns
 */
export function checkApart(files: readonly Titled[], refuse: (why: string) => WharfError): void {
  const titles = new Set<string>();
  for (const { title } of files) {
    if (titles.has(title)) throw refuse(`two files are called ${quoted(title)}`);
    titles.add(title);
  }
  for (const { title } of files) {
    const above = parentsOf(title).find((parent) => titles.has(parent));
    if (above !== undefined) throw refuse(`${quoted(title)} lies inside ${quoted(above)}`);
  }
}

/** The folders that a title lies in, the root among them. */
function parentsOf(title: string): string[] {
  if (title === rootTitle) return [];
  const segments = title.split("/");
  return [rootTitle, ...segments.slice(1).map((_, at) => segments.slice(0, at + 1).join("/"))];
}

/** The hint for titles that clash. */
export const titleHint = `Give one of them another ${annotationKeys.title} in an annotation file.`;
