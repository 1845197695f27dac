/** A collection of repositories, served as a registry: distribution-spec 1.1, on node's own request and response. */
import type { IncomingMessage, ServerResponse } from "node:http";

import { isError } from "../errors.ts";
import { checkRepositoryName } from "../reference/reference.ts";
import type { RepositoryCollection } from "../store/store.ts";
import { deleteBlob, getBlob } from "./blobs.ts";
import { answerEarly } from "./early.ts";
import { type Access, Exchange, type RegistryOptions } from "./exchange.ts";
import { listRepositories, listTags } from "./lists.ts";
import { deleteManifest, getManifest, putManifest } from "./manifests.ts";
import { noteUser } from "./user.ts";
import { turnOf } from "./order.ts";
import { listReferrers } from "./referrers.ts";
import { Refusal, refusalOf } from "./refusal.ts";
import { parseRoute, type Route } from "./route.ts";
import { Turns } from "./turns.ts";
import { cancelUpload, getUpload, patchUpload, putUpload, startUpload } from "./uploads.ts";

/** Answers requests below `/v2/`, for `node:http`. */
export type RegistryHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

type Action = Access["actions"][number];
type Kind = Route["kind"];
/** An end-point: what one must be allowed to do, and what it does. */
type EndPoint<K extends Kind> = readonly [
  Action,
  (exchange: Exchange, route: Extract<Route, { kind: K }>, turns: Turns) => Promise<void> | void,
];

/** All end-points, by what the path is and by method. */
const endPoints: { readonly [K in Kind]: Readonly<Record<string, EndPoint<K>>> } = {
  base: { GET: ["pull", ping], HEAD: ["pull", ping] },
  catalog: { GET: ["*", listRepositories], HEAD: ["*", listRepositories] },
  tags: { GET: ["pull", listTags], HEAD: ["pull", listTags] },
  referrers: { GET: ["pull", listReferrers], HEAD: ["pull", listReferrers] },
  manifest: {
    GET: ["pull", getManifest],
    HEAD: ["pull", getManifest],
    PUT: ["push", putManifest],
    DELETE: ["delete", deleteManifest],
  },
  blob: { GET: ["pull", getBlob], HEAD: ["pull", getBlob], DELETE: ["delete", deleteBlob] },
  uploads: { POST: ["push", startUpload] },
  upload: {
    GET: ["push", getUpload],
    PATCH: ["push", patchUpload],
    PUT: ["push", putUpload],
    DELETE: ["push", cancelUpload],
  },
};

/**
 * Serves the repositories below `/v2/`. The promise never rejects: whatever happens is answered, or the connection is cut.
 *
 * @param collection belongs to the caller, who closes it
 *
 * @example
 * const handler = createRegistryHandler(createMemoryCollection());
 * http.createServer(handler).listen(5000);
 */
export function createRegistryHandler(
  collection: RepositoryCollection,
  options: RegistryOptions = {},
): RegistryHandler {
  const turns = new Turns();
  return async function registry(request, response) {
    if (!response.socket) await turnOf(response);
    const exchange = new Exchange(collection, options, request, response);
    try {
      await run(exchange, turns);
    } catch (error) {
      await refuse(exchange, error).catch((failure: unknown) => {
        response.destroy();
        options.onFailure?.(failure, request);
      });
    }
  };
}

async function run(exchange: Exchange, turns: Turns): Promise<void> {
  const { request, options } = exchange;
  const route = parseRoute(exchange.path);
  if (!route)
    throw new Refusal("UNSUPPORTED", "the registry has no such end-point", { status: 404 });
  const methods = endPoints[route.kind];
  const method = request.method ?? "";
  const endPoint = Object.hasOwn(methods, method) ? methods[method] : undefined;
  if (!endPoint)
    throw new Refusal("UNSUPPORTED", `${method} means nothing here`, {
      headers: { allow: Object.keys(methods).join(", ") },
    });
  const [action, act] = endPoint;
  if ("name" in route) checkRepositoryName(route.name);
  if (options.readOnly && (action === "push" || action === "delete"))
    throw new Refusal("UNSUPPORTED", "the registry is read-only");
  // Awaited only where there is one, since each await is a turn of the small answers' hot path.
  if (options.authorize) await admit(exchange, accessTo(route, action, exchange));
  // The table pairs each kind with functions for its own route; the compiler cannot follow that through the lookup.
  await (act as EndPoint<Kind>[1])(exchange, route as never, turns);
}

async function admit(exchange: Exchange, access: Access | undefined): Promise<void> {
  const { request, options } = exchange;
  const permit = await options.authorize?.(request, access);
  if (!permit) return;
  exchange.permit = permit;
  if (permit.user !== undefined) noteUser(request, permit.user);
}

function accessTo(route: Route, action: Action, { query }: Exchange): Access | undefined {
  if (route.kind === "base") return undefined;
  if (route.kind === "catalog") return { type: "registry", name: "catalog", actions: [action] };
  const from = route.kind === "uploads" && query.has("mount") ? query.get("from") : null;
  return {
    type: "repository",
    name: route.name,
    actions: action === "push" ? ["pull", "push"] : [action],
    ...(from !== null && { from: checkRepositoryName(from) }),
  };
}

/** GET /v2/: says that this is a registry. */
function ping(exchange: Exchange): void {
  exchange.json({});
}

async function refuse(exchange: Exchange, error: unknown): Promise<void> {
  const { request, response, options } = exchange;
  const refusal = refusalOf(error);
  // That a client has gone is no failure of ours; that an answer has begun and cannot go on always is.
  const ours = refusal.status >= 500 || response.headersSent;
  if (ours && !isError(error, "INTERRUPTED")) options.onFailure?.(error, request);
  if (response.headersSent || request.socket.destroyed) {
    response.destroy();
    return;
  }
  const body = refusal.envelope();
  await answerEarly(
    exchange,
    refusal.status,
    {
      "docker-distribution-api-version": "registry/2.0",
      "content-type": "application/json",
      "content-length": body.byteLength,
      ...refusal.headers,
    },
    body,
  );
}
