/** The page after this one: RFC 8288, `Link: <…>; rel="next"`. */
import { WharfError } from "../errors.ts";
import type { HttpResponse } from "../http/http.ts";
import { redactUrl } from "../http/redact.ts";
import type { Connection } from "./connection.ts";
import type { Place } from "./place.ts";

/**
 * @param last the last name of this page, for registries whose link does not say where the next begins
 * @throws WharfError LOCATION_REFUSED where it lies on another site
 */
export function nextPage(
  connection: Connection,
  response: HttpResponse,
  last: string | undefined,
): Place | undefined {
  const address = nextLink(response.headers.getAll("link").join(", "));
  if (address === undefined) return undefined;
  const place = connection.place(response, address);
  if (!place.own) {
    throw new WharfError(
      "LOCATION_REFUSED",
      `${response.method} ${redactUrl(response.url)}: the next page lies on another site, ${place.url.host}`,
    );
  }
  const { searchParams } = place.url;
  const onlyCounts = [...searchParams.keys()].every((key) => key === "n");
  if (onlyCounts && last !== undefined) searchParams.set("last", last);
  return place;
}

/** The target of the first link with the relation `next`. */
export function nextLink(header: string): string | undefined {
  for (const [, address, parameters = ""] of header.matchAll(
    /<([^<>]*)>((?:\s*;\s*[\w*-]+(?:\s*=\s*(?:"[^"]*"|[^\s",;]+))?)*)/g,
  )) {
    const relation = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s",;]+))/i.exec(parameters);
    const relations = (relation?.[1] ?? relation?.[2] ?? "").toLowerCase().split(/\s+/);
    if (relations.includes("next")) return address;
  }
  return undefined;
}
