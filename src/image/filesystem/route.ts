/** Where a path leads by way of symbolic links, as far as is known. */
import { WharfError } from "../../errors.ts";

/** As many as Linux follows (path_resolution(7)). */
const most = 40;

/**
 * A path on its way to a file. Links are found one by one, while layers are gone through; each changes where it leads.
 * Absolute targets begin at the image's root, and nothing climbs out of it.
 */
export class Route {
  readonly #asked: string;
  readonly #links = new Map<string, string>();
  #path: string;
  #followed = 0;

  /** @param asked as a person writes it, `/etc/os-release` */
  constructor(asked: string) {
    this.#asked = asked;
    this.#path = normalized(asked);
  }

  /** Where it leads as far as is known: from the root, without a slash before it. */
  get path(): string {
    return this.#path;
  }

  /** Whether something under this path is on the way. */
  passes(path: string): boolean {
    return this.#path === path || this.#path.startsWith(`${path}/`);
  }

  /**
   * Takes note of a link that shows in the image, and follows it if it is on the way, and what it leads to as well.
   * @throws WharfError FILE_NOT_FOUND where links lead on and on
   */
  learn(path: string, target: string): void {
    this.#links.set(path, target);
    if (this.passes(path)) this.#follow();
  }

  #follow(): void {
    for (let link; (link = this.#linkOnTheWay());) {
      this.#followed += 1;
      if (this.#followed > most) {
        const message = `${this.#asked} leads on and on, over more than ${most} symbolic links`;
        throw new WharfError("FILE_NOT_FOUND", message);
      }
      const target = this.#links.get(link)!;
      const from = target.startsWith("/") ? "" : link.slice(0, Math.max(0, link.lastIndexOf("/")));
      this.#path = normalized(`${from}/${target}/${this.#path.slice(link.length)}`);
    }
  }

  #linkOnTheWay(): string | undefined {
    for (let end = 0; end >= 0;) {
      end = this.#path.indexOf("/", end + 1);
      const part = end < 0 ? this.#path : this.#path.slice(0, end);
      if (this.#links.has(part)) return part;
    }
    return undefined;
  }
}

/** Without `.`, `..` and surplus slashes. */
export function normalized(path: string): string {
  const segments: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "..") segments.pop();
    else if (segment !== "" && segment !== ".") segments.push(segment);
  }
  return segments.join("/");
}
