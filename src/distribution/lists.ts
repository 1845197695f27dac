/** Lists of names, in pages: distribution-spec 1.1, "Listing Tags"; the catalogue as Docker's registry has it. */
import { name as repositoryName, path, query } from "../reference/path.ts";
import type { Exchange } from "./exchange.ts";
import { Refusal } from "./refusal.ts";
import type { Route } from "./route.ts";

export async function listTags(
  exchange: Exchange,
  { name }: Extract<Route, { kind: "tags" }>,
): Promise<void> {
  if (!(await exchange.collection.hasRepository(name)))
    throw new Refusal("NAME_UNKNOWN", `there is no repository ${name}`);
  const { limit, last } = paging(exchange);
  const found = exchange
    .repository(name)
    .listTags({ ...last, pageSize: limit + 1, signal: exchange.signal });
  const { names, headers } = await page(found, limit, path`/v2/${repositoryName(name)}/tags/list`);
  exchange.json({ name, tags: names }, headers);
}

export async function listRepositories(exchange: Exchange): Promise<void> {
  const { limit, last } = paging(exchange);
  const found = visible(exchange, { ...last, signal: exchange.signal });
  const { names, headers } = await page(found, limit, "/v2/_catalog");
  exchange.json({ repositories: names }, headers);
}

/** The repositories that the caller may see. */
async function* visible(
  { collection, permit }: Exchange,
  options: { readonly last?: string; readonly signal: AbortSignal },
): AsyncGenerator<string> {
  for await (const name of collection.listRepositories(options))
    if (permit?.maySee(name) !== false) yield name;
}

/** `n` may ask for fewer than the server's limit, not for more. */
function paging({ query: asked, options }: Exchange): { limit: number; last: { last?: string } } {
  const limit = options.pageLimit ?? 10_000;
  const wanted = asked.get("n");
  if (wanted !== null && !/^\d{1,15}$/.test(wanted))
    throw new Refusal("UNSUPPORTED", "n must be a whole number", { status: 400 });
  const last = asked.get("last");
  return {
    limit: wanted === null ? limit : Math.min(Number(wanted), limit),
    last: last ? { last } : {},
  };
}

async function page(
  found: AsyncIterable<string>,
  limit: number,
  address: string,
): Promise<{ names: string[]; headers: Record<string, string> }> {
  const names: string[] = [];
  if (limit === 0) return { names, headers: {} };
  for await (const name of found) {
    if (names.length === limit) {
      const next = address + query({ n: limit, last: names.at(-1) });
      return { names, headers: { link: `<${next}>; rel="next"` } };
    }
    names.push(name);
  }
  return { names, headers: {} };
}
