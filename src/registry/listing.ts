/** Lists that come in pages: distribution-spec 1.1, "Listing Tags", and distribution's catalogue. */
import type { Scope } from "../auth/client.ts";
import type { ErrorCode } from "../errors.ts";
import { responseError } from "../http/errors.ts";
import type { HttpResponse } from "../http/http.ts";
import type { Cancellable } from "../store/store.ts";
import { isTag } from "../reference/reference.ts";
import { type Connection, invalid, parseJson } from "./connection.ts";
import { nextPage } from "./nextPage.ts";

/** Where a list of names begins, how many are asked for at once, and in which order they come. */
export interface ListOptions extends Cancellable {
  /** Begins after this name. */
  readonly last?: string;
  /** Names that are asked for at once; the registry may send fewer. @default 1000, the most that ECR takes */
  readonly pageSize?: number;
  /** Keeps the order of a registry that sends all names at once, and in no order. @default false: sorted */
  readonly asSent?: boolean;
}

const largestPage = 1000;
/**
 * Some registries ignore the page size and send everything: 250,000 tags of the longest form are 32 MiB.
 */
const pageLimit = 32 * 1024 * 1024;
/** Pages in a row that bring nothing new. */
const emptyPages = 20;

interface List extends ListOptions {
  readonly path: string;
  readonly scopes: readonly Scope[];
  readonly code404: ErrorCode;
  /** Reads a page's names. */
  names(page: unknown): unknown;
  accepts(name: string): boolean;
}

/**
 * Yields the tags of a repository in the registry's order; what is no tag is left out (Artifactory lists digests among them).
 * @param onPage is shown each page, for what stands there besides
 */
export function listTags(
  connection: Connection,
  scopes: readonly Scope[],
  path: string,
  options: ListOptions = {},
  onPage?: (page: object) => void,
): AsyncGenerator<string, void, undefined> {
  return list(connection, {
    ...options,
    path,
    scopes,
    code404: "REPOSITORY_NOT_FOUND",
    names(page) {
      const { tags, manifest } = page as { tags?: unknown; manifest?: unknown };
      connection.learned.pushDates ||= typeof manifest === "object" && manifest !== null;
      onPage?.(page as object);
      return tags;
    },
    accepts: isTag,
  });
}

/** Yields the repositories of a registry. */
export function listRepositories(
  connection: Connection,
  options: ListOptions = {},
): AsyncGenerator<string, void, undefined> {
  return list(connection, {
    ...options,
    path: "_catalog",
    scopes: [{ type: "registry", name: "catalog", actions: ["*"] }],
    code404: "UNSUPPORTED",
    names: (page) => (page as { repositories?: unknown }).repositories,
    accepts: (name) => name !== "",
  });
}

async function* list(
  connection: Connection,
  wanted: List,
): AsyncGenerator<string, void, undefined> {
  const { signal, last, scopes } = wanted;
  const size = Math.min(wanted.pageSize ?? largestPage, largestPage);
  const after = last === undefined ? "" : `&last=${encodeURIComponent(last)}`;
  const circle = new CircleWatch();
  let first = true;
  let previous = last;
  let barren = 0;
  let send = (): Promise<HttpResponse> =>
    connection.request({
      method: "GET",
      path: `${wanted.path}?n=${size}${after}`,
      headers: { accept: "application/json" },
      scopes,
      ...(signal && { signal }),
    });
  for (;;) {
    const { response, bytes } = await connection.readWhole(send, pageLimit, signal);
    if (!bytes) throw await responseError(response, { code404: wanted.code404 });
    let fresh = false;
    let names = namesOf(bytes, response, wanted);
    const whole = first && response.headers.get("link") === undefined;
    // distribution 2 knows no pages for tags: it sends all, from the beginning and in no order.
    if (whole && !wanted.asSent)
      names = names.filter((name) => last === undefined || name > last).sort();
    first = false;
    for (const name of names) {
      // Repeats at the seam of two pages are left out.
      if (name === previous) continue;
      previous = name;
      fresh = true;
      yield name;
    }
    barren = fresh ? 0 : barren + 1;
    const next = nextPage(connection, response, previous);
    if (!next) return;
    const again = fresh && circle.meets(response.url.href, names);
    if (again || next.url.href === response.url.href || barren > emptyPages) {
      throw invalid(response, "the list's next pages lead in a circle");
    }
    send = () =>
      connection.requestAt(
        next,
        { method: "GET", headers: { accept: "application/json" }, ...(signal && { signal }) },
        scopes,
      );
  }
}

/**
 * Notices pages that lead in a circle, whether their addresses repeat or only what they hold, and remembers one page
 * however long the list is: each page is compared with one of those before it, which is replaced at every power of two
 * (Brent's algorithm). A circle is walked at most three times.
 */
class CircleWatch {
  #address = "";
  #names: readonly string[] = [];
  #steps = 0;
  #power = 1;

  /** @param names of a page that is not empty */
  meets(address: string, names: readonly string[]): boolean {
    if (address === this.#address) return true;
    const same = names.length === this.#names.length;
    if (same && names.every((name, at) => name === this.#names[at])) return true;
    this.#steps += 1;
    if (this.#steps < this.#power) return false;
    this.#address = address;
    this.#names = names;
    this.#steps = 0;
    this.#power *= 2;
    return false;
  }
}

function namesOf(bytes: Uint8Array, response: HttpResponse, wanted: List): string[] {
  const page = parseJson(bytes, response);
  if (typeof page !== "object" || page === null) throw invalid(response, "the answer is no list");
  const names = wanted.names(page) ?? [];
  if (!Array.isArray(names)) throw invalid(response, "the answer is no list");
  return names.filter((name): name is string => typeof name === "string" && wanted.accepts(name));
}
