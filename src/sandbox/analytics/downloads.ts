/** Addresses from which exports are downloaded: whoever has one may, without signing in, until it ends. */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";

import { findAccount } from "../accounts/accounts.ts";
import { send } from "../answer.ts";
import type { State } from "../state/state.ts";
import { type DataView, exportFile } from "./exports.ts";
import { spanOf } from "./spans.ts";

/** Milliseconds. */
const life = 15 * 60_000;

export interface ExportName {
  readonly namespace: string;
  readonly kind: "months" | "weeks";
  /** First day of the month or week. */
  readonly start: string;
  readonly view: DataView;
  readonly part: number;
}

/** @param base what the address begins with, without a slash at the end @param now milliseconds since 1970 */
export function downloadUrl(state: State, base: string, name: ExportName, now: number): string {
  const { namespace, kind, start, view, part } = name;
  const path = `${namespace}/${kind}/${start}/${view}-${part}.csv`;
  const expires = now + life;
  return `${base}/downloads/${path}?expires=${expires}&signature=${sign(state, path, expires)}`;
}

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Hub's API, and the files that its answers point to. @param base path that all addresses begin with, such as `/hub` */
export function withDownloads(
  { state, now }: { readonly state: State; readonly now: () => number },
  base: string,
  hub: Handler,
): Handler {
  return async (request, response) => {
    const { url = "/", method } = request;
    if (!url.startsWith(`${base}/downloads/`) || (method !== "GET" && method !== "HEAD"))
      return hub(request, response);
    const { pathname, searchParams } = new URL(url, "http://sandbox");
    const path = pathname.slice(`${base}/downloads/`.length);
    const expires = Number(searchParams.get("expires"));
    const right = isSigned(state, path, expires, searchParams.get("signature") ?? "");
    const bytes = right && expires > now() ? fileAt(state, path) : undefined;
    send(
      response,
      bytes
        ? { status: 200, headers: { "content-type": "text/csv; charset=utf-8" }, body: bytes }
        : { status: right ? 403 : 404 },
    );
  };
}

function fileAt(state: State, path: string): Uint8Array | undefined {
  const [, namespace = "", kind, start = "", view, part] =
    /^([^/]+)\/(months|weeks)\/(\d{4}-\d\d-\d\d)\/([a-z-]+)-(\d+)\.csv$/.exec(path) ?? [];
  const account = findAccount(state, namespace);
  if (!account || view === undefined) return undefined;
  const span = spanOf(start, kind as "months" | "weeks");
  return exportFile(state, account.number, span, view as DataView, Number(part));
}

function sign(state: State, path: string, expires: number): string {
  let key = state.setting("downloadKey");
  if (key === undefined) state.set("downloadKey", (key = randomBytes(32).toString("base64url")));
  return createHmac("sha256", key).update(`${path} ${expires}`).digest("base64url");
}

function isSigned(state: State, path: string, expires: number, signature: string): boolean {
  const [given, right] = [Buffer.from(signature), Buffer.from(sign(state, path, expires))];
  return given.byteLength === right.byteLength && timingSafeEqual(given, right);
}
