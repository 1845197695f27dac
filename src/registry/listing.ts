/** Lists that come in pages: distribution-spec 1.1, "Listing Tags", and distribution's catalogue. */
import type { Scope } from "../auth/client.ts";
import type { ErrorCode } from "../errors.ts";
import { responseError } from "../http/errors.ts";
import type { HttpResponse } from "../http/http.ts";
import type { Cancellable } from "../store/store.ts";
import { isTag } from "../reference/reference.ts";
import { type Connection, invalid, parseJson } from "./connection.ts";
import { nextPage } from "./nextPage.ts";

export interface ListOptions extends Cancellable {
  /** Begins after this name. */
  readonly last?: string;
  /** Names that are asked for at once; the registry may send fewer. @default 1000, the most that ECR takes */
  readonly pageSize?: number;
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

/** Yields the tags of a repository in the registry's order; what is no tag is left out (Artifactory lists digests among them). */
export function listTags(
  connection: Connection,
  scopes: readonly Scope[],
  path: string,
  options: ListOptions = {},
): AsyncGenerator<string, void, undefined> {
  return list(connection, {
    ...options,
    path,
    scopes,
    code404: "REPOSITORY_NOT_FOUND",
    names: (page) => (page as { tags?: unknown }).tags,
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
  const seen = new Set<string>();
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
    const whole = seen.size === 0 && response.headers.get("link") === undefined;
    // distribution 2 knows no pages for tags: it sends all, from the beginning and in no order.
    if (whole) names = names.filter((name) => last === undefined || name > last).sort();
    for (const name of names) {
      // Repeats at the seam of two pages are left out.
      if (name === previous) continue;
      previous = name;
      fresh = true;
      yield name;
    }
    barren = fresh ? 0 : barren + 1;
    seen.add(response.url.href);
    const next = nextPage(connection, response, previous);
    if (!next) return;
    if (seen.has(next.url.href) || barren > emptyPages) {
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

function namesOf(bytes: Uint8Array, response: HttpResponse, wanted: List): string[] {
  const page = parseJson(bytes, response);
  if (typeof page !== "object" || page === null) throw invalid(response, "the answer is no list");
  const names = wanted.names(page) ?? [];
  if (!Array.isArray(names)) throw invalid(response, "the answer is no list");
  return names.filter((name): name is string => typeof name === "string" && wanted.accepts(name));
}
