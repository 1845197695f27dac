/** Docker Hub's API: a request becomes an operation of the catalogue, and the operation's behaviour answers. */
import type { IncomingMessage, ServerResponse } from "node:http";

import * as catalogue from "../../hub/catalogue.ts";
import type { Identity } from "../accounts/accounts.ts";
import { organizationOfScimToken } from "../accounts/directory.ts";
import { urlOf } from "../address.ts";
import { type Answer, send } from "../answer.ts";
import { readBody } from "../body.ts";
import type { Keys } from "../keys.ts";
import type { Content } from "../registry/content.ts";
import type { State } from "../state/state.ts";
import type { Webhooks } from "../events/webhooks.ts";
import { behaviours } from "./behaviours/index.ts";
import { takeCallback } from "./callbacks.ts";
import { type Behaviour, type Context, Later, Reply } from "./context.ts";
import { decode } from "./decode.ts";
import { inDialect } from "./dialects.ts";
import { HubRate } from "./rate.ts";
import { forbidden, HubRefusal, unauthorized } from "./refusal.ts";
import { admitOrgToken } from "./orgTokenRules.ts";
import { createRouter, type Found, type Route } from "./router.ts";
import { Sessions } from "./sessions.ts";

/** Bytes of a body: a page of a repository has 25,000, a logo some megabytes. */
const bodyLimit = 8 << 20;

export interface HubParts {
  readonly state: State;
  readonly content: Content;
  readonly keys: Keys;
  readonly webhooks: Webhooks;
  readonly now: () => number;
  /** Requests a minute of an account or address. */
  readonly rateLimit: number;
  /** Path that all addresses begin with, such as `/hub`. */
  readonly base: string;
  onFailure(error: unknown, request: IncomingMessage): void;
}

/** Ids of the operations that nothing stands behind yet; what Docker has retired answers as there, and is not among them. */
export function missingBehaviours(): string[] {
  return createRouter(catalogue)
    .routes.filter((route) => !behaviourOf(route) && route.operation.retired === undefined)
    .map(({ id }) => id);
}

export function createHubHandler(parts: HubParts) {
  const router = createRouter(catalogue);
  const sessions = new Sessions(parts.keys);
  const rate = new HubRate(parts.rateLimit);

  return async function hub(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let limits: Record<string, string> = {};
    let answer: Answer;
    try {
      const now = parts.now();
      const body = await bodyOf(request);
      const { authorization } = request.headers;
      const address = request.socket.remoteAddress ?? "";
      const identified = await attempt(() => sessions.identify(parts.state, authorization, now));
      const identity = identified instanceof HubRefusal ? undefined : identified;
      limits = rate.count({ account: identity?.account, address }, now);
      answer = await run(request, body, now, identified);
    } catch (error) {
      answer = answerOf(error, request);
    }
    answer = inDialect((request.url ?? "/").slice(parts.base.length), answer);
    send(response, { ...answer, headers: { ...limits, ...answer.headers } });
  };

  async function run(
    request: IncomingMessage,
    body: Uint8Array,
    now: number,
    identified: Identity | HubRefusal | undefined,
  ): Promise<Answer> {
    const url = urlOf(request);
    const { method = "GET" } = request;
    const path = url.pathname.slice(parts.base.length);
    if (method === "POST" && takeCallback(parts.webhooks, path, body))
      return { status: 200, headers: {}, body: {} };
    const found = router.find(method, path);
    if (found.kind !== "route") return refuseRoute(found, method, url.pathname);
    const { route, fields, exact } = found;
    // Hub's older half sends what lacks its last slash there; what would lose its body on the way is better noticed.
    if (!exact && route.template.endsWith("/") && method !== "GET" && method !== "HEAD") {
      url.pathname += "/";
      return { status: 301, headers: { location: url.href, "content-type": "text/html" } };
    }
    const behaviour = behaviourOf(route);
    if (!behaviour) return refuseOperation(route);
    // The older login does not read a body whose length it is not told.
    if (route.id === "auth.login" && request.headers["content-length"] === undefined)
      return { status: 411, headers: {}, body: { message: "411: Length Required" } };
    const identity = whoFor(route, identified, request);
    checkAuth(route, identity);
    const input = decode(route, {
      fields,
      query: url.searchParams,
      headers: request.headers,
      body,
    });
    await parts.content.settled();
    const { state, content, keys } = parts;
    if (identity) admitOrgToken(state, identity, route, input);
    const context: Context = {
      state,
      content,
      keys,
      now,
      identity,
      url,
      address: request.socket.remoteAddress ?? "",
      agent: request.headers["user-agent"] ?? "",
    };
    const outcome = state.transaction(() => behaviour(context, input as never));
    return answerFor(route, outcome instanceof Later ? await outcome.finish() : outcome);
  }

  /** @throws HubRefusal 401 for a session that does not count, where one is looked at */
  function whoFor(
    { operation }: Route,
    identified: Identity | HubRefusal | undefined,
    request: IncomingMessage,
  ): Identity | undefined {
    if (operation.auth === "scim") {
      const token = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? "")?.[1] ?? "";
      const account = organizationOfScimToken(parts.state, token);
      if (!account) throw unauthorized("the token of the directory is missing or wrong");
      return { account };
    }
    if (!(identified instanceof HubRefusal)) return identified;
    if (operation.auth === "none") return undefined;
    throw identified;
  }

  function answerOf(error: unknown, request: IncomingMessage): Answer {
    if (error instanceof HubRefusal)
      return { status: error.status, headers: error.headers, body: error.body };
    if (!request.socket.destroyed) parts.onFailure(error, request);
    return {
      status: 500,
      headers: {},
      body: { error: "Our service is temporarily unavailable. (The sandbox failed.)" },
    };
  }
}

function behaviourOf({ area, verb }: Route): Behaviour<never, unknown> | undefined {
  const areas: Readonly<Record<string, Readonly<Record<string, unknown>>>> = behaviours;
  return areas[area]?.[verb] as Behaviour<never, unknown> | undefined;
}

/** @throws HubRefusal where the operation wants somebody, or somebody with a password */
function checkAuth({ operation }: Route, identity: Identity | undefined): void {
  const { auth = "required" } = operation;
  if (auth === "none" || auth === "optional") return;
  if (!identity) throw unauthorized("Authentication credentials were not provided.");
  if (auth === "owner" && identity.token)
    throw forbidden("access to the resource is forbidden with personal access token");
}

function answerFor({ operation, method }: Route, outcome: unknown): Answer {
  if (outcome instanceof Reply)
    return { status: outcome.status, headers: outcome.headers, body: outcome.body };
  if (operation.answer === "found") return { status: outcome === true ? 200 : 404, headers: {} };
  if (outcome === undefined) return { status: method === "DELETE" ? 204 : 200, headers: {} };
  return { status: 200, headers: {}, body: outcome };
}

function refuseRoute(
  found: Exclude<Found, { kind: "route" }>,
  method: string,
  path: string,
): Answer {
  if (found.kind === "method")
    return {
      status: 405,
      headers: found.allowed.length > 0 ? { allow: found.allowed.join(", ") } : {},
      body: { message: "405: Method Not Allowed" },
    };
  const isOld = /^(?:\/hub)?\/v1\//.test(path);
  const message = isOld ? "Version 1 of the API is gone" : `the sandbox knows no ${method} ${path}`;
  return { status: isOld ? 410 : 404, headers: {}, body: { message, detail: message } };
}

function refuseOperation({ id, operation: { retired } }: Route): Answer {
  const message = retired
    ? `${id} was retired on ${retired.on}`
    : `the sandbox does not answer ${id} yet`;
  return { status: retired ? 404 : 501, headers: {}, body: { message, detail: message } };
}

async function bodyOf(request: IncomingMessage): Promise<Uint8Array> {
  const { "content-length": length, "transfer-encoding": encoding } = request.headers;
  if (length === undefined && encoding === undefined) {
    request.resume();
    return Buffer.alloc(0);
  }
  const body = await readBody(request, bodyLimit);
  if (!body) throw new HubRefusal(413, { message: "request entity too large" });
  return body;
}

async function attempt<Result>(work: () => Promise<Result>): Promise<Result | HubRefusal> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof HubRefusal) return error;
    throw error;
  }
}
