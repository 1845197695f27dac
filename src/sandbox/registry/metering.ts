/** Requests for manifests, as pulls: counted, limited, and told to analytics. */
import type { IncomingMessage, ServerResponse } from "node:http";

import type { Access, RegistryEvent } from "../../distribution/exchange.ts";
import { parseRoute, type Route } from "../../distribution/route.ts";
import { isIndexType } from "../../reference/manifest.ts";
import { findAccount } from "../accounts/accounts.ts";
import { notePull } from "../analytics/log.ts";
import type { State } from "../state/state.ts";
import type { Content } from "./content.ts";
import type { Pulls } from "./pulls.ts";

export interface MeteringParts {
  readonly state: State;
  readonly content: Content;
  readonly pulls: Pulls;
  readonly now: () => number;
}

export class Metering {
  readonly #parts: MeteringParts;
  readonly #responses = new WeakMap<IncomingMessage, ServerResponse>();

  constructor(parts: MeteringParts) {
    this.#parts = parts;
  }

  /** Notes where the answer to a request will tell how many pulls are left. */
  watch(request: IncomingMessage, response: ServerResponse): void {
    this.#responses.set(request, response);
  }

  /**
   * Counts a pull of what is there, and has the answer say how many are left.
   * @param user undefined where nobody has signed in
   * @throws Refusal TOOMANYREQUESTS
   */
  limit(user: string | undefined, request: IncomingMessage, { name, actions }: Access): void {
    const { state, content, pulls, now } = this.#parts;
    const { method } = request;
    if ((method !== "GET" && method !== "HEAD") || !actions.includes("pull")) return;
    const route = routeOf(request);
    if (route?.kind !== "manifest") return;
    const account = user === undefined ? undefined : findAccount(state, user);
    const puller = { account, address: request.socket.remoteAddress ?? "" };
    const mediaType = content.mediaTypeOf(name, route.reference);
    if (method === "GET" && isPull(mediaType)) pulls.count(puller);
    if (method === "HEAD" && mediaType !== undefined)
      notePull(state, { repository: name, ...referenceOf(route.reference), request }, now());
    for (const [field, value] of Object.entries(pulls.headers(puller)))
      this.#responses.get(request)?.setHeader(field, value);
  }

  /** Has analytics know of a pull that has succeeded. */
  note(event: RegistryEvent): void {
    const { state, now } = this.#parts;
    if (event.action === "pull" && event.kind === "manifest") notePull(state, event, now());
  }
}

/** Read as the end-point reads it, so that no other spelling of a path goes another way. */
export function routeOf({ url = "/" }: IncomingMessage): Route | undefined {
  return parseRoute(url.split("?", 1)[0] ?? "/");
}

/** An index is none: each image that is then fetched from it is one. */
function isPull(mediaType: string | undefined): boolean {
  return mediaType !== undefined && !isIndexType(mediaType);
}

function referenceOf(reference: string): { digest: string } | { tag: string } {
  return reference.includes(":") ? { digest: reference } : { tag: reference };
}
