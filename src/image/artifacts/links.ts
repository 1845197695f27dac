/** Links within a folder that travels: none may lead out of it, whatever other links do. */
import { WharfError } from "../../errors.ts";
import { quoted } from "../../reference/digest.ts";
import { rootTitle } from "./titles.ts";

/**
 * Checks where a symbolic link leads. `..` may only stand at its beginning: where it follows a name, that name may be a
 * link itself, and nobody could say by the words alone where the path ends. The link's own folder must be none.
 *
 * @param name the link's path within the archive, `TITLE/…`
 * @param title of the folder that it must stay in
 * @param subject for messages
 * @returns the path within the archive that it leads to
 * @throws WharfError PATH_UNSAFE
 */
export function checkLink(name: string, target: string, title: string, subject: string): string {
  const outside = () =>
    new WharfError(
      "PATH_UNSAFE",
      `${subject}: the link leads out of the folder, to ${quoted(target)}`,
      {
        hint: "Only links that stay in the folder, and are relative, can be unpacked elsewhere.",
      },
    );
  if (target === "" || target.startsWith("/") || target.includes("\0")) throw outside();
  const root = title === rootTitle ? [] : title.split("/");
  const path = name.split("/").slice(0, -1);
  let named = false;
  for (const segment of target.split("/")) {
    if (segment === "" || segment === ".") continue;
    if (segment !== "..") {
      named = true;
      path.push(segment);
    } else if (named || path.length === root.length) throw outside();
    else path.pop();
  }
  return path.join("/");
}
