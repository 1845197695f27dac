/** The registry of the sandbox, as registry-1.docker.io is one: our own, with tokens, pull limits and Hub's rules. */
import type { IncomingMessage, ServerResponse } from "node:http";

import { libtrustId } from "../../distribution/access/tokens/keyId.ts";
import { InvalidToken, verifyToken } from "../../distribution/access/tokens/verify.ts";
import { authorizationOf } from "../../distribution/access/caller.ts";
import { Remembered } from "../../distribution/access/remembered.ts";
import type { Access, Permit } from "../../distribution/exchange.ts";
import { createRegistryHandler, type RegistryHandler } from "../../distribution/handler.ts";
import { Refusal } from "../../distribution/refusal.ts";
import { parseRoute } from "../../distribution/route.ts";
import { isIndexType } from "../../reference/manifest.ts";
import { findAccount } from "../accounts/accounts.ts";
import { originOf } from "../address.ts";
import type { Keys } from "../keys.ts";
import { notePull } from "../analytics/log.ts";
import { findByPath, isImmutable } from "../repositories.ts";
import type { State } from "../state/state.ts";
import type { Content } from "./content.ts";
import type { Pulls } from "./pulls.ts";
import { issuer, service } from "./signing.ts";
import type { Grant } from "./tokenService.ts";

export interface RegistryParts {
  readonly state: State;
  readonly content: Content;
  readonly pulls: Pulls;
  readonly keys: Keys;
  readonly now: () => number;
  /** Port of the token service, where that is another one. */
  authPort(): number | undefined;
  onFailure(error: unknown, request: IncomingMessage): void;
}

interface Caller {
  readonly user: string | undefined;
  readonly grants: readonly Grant[];
}

/** Milliseconds for which a token is not verified again. */
const memory = 60_000;

export function createSandboxRegistry(parts: RegistryParts): RegistryHandler {
  const { state, content, pulls, now } = parts;
  const responses = new WeakMap<IncomingMessage, ServerResponse>();
  const verify = verifier(parts);
  const handler = createRegistryHandler(content.collection, {
    authorize: async (request, access) => {
      const caller = await verify(request, access);
      if (access) {
        // A repository that is being deleted is gone before it is made again.
        await content.settled(access.name);
        admit(caller, access, (error) => challenge(request, access, error));
        lookUp(request, access);
        limit(caller, request, access);
      }
      return permitOf(caller);
    },
    isImmutable: (name, tag) => {
      const repository = findByPath(state, name);
      return repository !== undefined && isImmutable(repository, tag);
    },
    onEvent: (event) => {
      content.note(event);
      if (event.action === "pull" && event.kind === "manifest") notePull(state, event, now());
    },
    onFailure: parts.onFailure,
  });
  return (request, response) => {
    responses.set(request, response);
    return handler(request, response);
  };

  /** What is deleted in Hub, or was never there, has no tags, not even none. @throws Refusal NAME_UNKNOWN */
  function lookUp(request: IncomingMessage, { name }: Access): void {
    if (parseRoute(pathOf(request))?.kind === "tags" && !findByPath(state, name))
      throw new Refusal("NAME_UNKNOWN", "repository name not known to registry");
  }

  /** Counts a pull of what is there, and has the answer say how many are left. */
  function limit({ user }: Caller, request: IncomingMessage, { name, actions }: Access): void {
    const { method } = request;
    if ((method !== "GET" && method !== "HEAD") || !actions.includes("pull")) return;
    // Read as the end-point reads it, so that no other spelling of a path goes uncounted.
    const route = parseRoute(pathOf(request));
    if (route?.kind !== "manifest") return;
    const account = user === undefined ? undefined : findAccount(state, user);
    const puller = { account, address: request.socket.remoteAddress ?? "" };
    if (method === "GET" && isPull(content.mediaTypeOf(name, route.reference))) pulls.count(puller);
    if (method === "HEAD" && content.mediaTypeOf(name, route.reference) !== undefined)
      notePull(state, { repository: name, ...referenceOf(route.reference), request }, now());
    for (const [field, value] of Object.entries(pulls.headers(puller)))
      responses.get(request)?.setHeader(field, value);
  }

  function challenge(request: IncomingMessage, access: Access | undefined, error?: string) {
    const fields = [`realm="${realmOf(request)}"`, `service="${service}"`];
    if (access) fields.push(`scope="${scopeOf(access)}"`);
    if (error !== undefined) fields.push(`error="${error}"`);
    return new Refusal("UNAUTHORIZED", "authentication required", {
      headers: { "www-authenticate": `Bearer ${fields.join(",")}` },
      ...(access && {
        detail: access.actions.map((Action) => ({ Type: access.type, Name: access.name, Action })),
      }),
    });
  }

  /** Of the token service, by the name that the client has for this machine. */
  function realmOf(request: IncomingMessage): string {
    const url = new URL("/token", originOf(request));
    const port = parts.authPort();
    if (port !== undefined) url.port = String(port);
    return url.href;
  }

  function verifier({ keys }: RegistryParts) {
    const good = new Remembered<Caller>(10_000, now);
    return async (request: IncomingMessage, access: Access | undefined): Promise<Caller> => {
      const given = authorizationOf(request);
      if (given?.scheme !== "bearer") throw challenge(request, access);
      const name = good.nameOf(given.value);
      const known = good.get(name);
      if (known) return known;
      const { publicKey } = await keys.registry();
      const trusted = [{ key: publicKey, ids: [libtrustId(publicKey)], named: true }];
      try {
        const claims = await verifyToken(
          given.value,
          { keys: trusted, roots: [] },
          { issuer, service },
          now(),
        );
        const caller = {
          user: claims.sub === "" ? undefined : claims.sub,
          grants: claims["access"] as readonly Grant[],
        };
        good.set(name, caller, Math.min(now() + memory, (claims.exp ?? 0) * 1000));
        return caller;
      } catch (error) {
        if (error instanceof InvalidToken) throw challenge(request, access, "invalid_token");
        throw error;
      }
    };
  }
}

/** @throws Refusal UNAUTHORIZED; UNSUPPORTED for what Docker Hub leaves to its API */
function admit(caller: Caller, access: Access, challenge: (error: string) => Refusal): void {
  if (access.actions.includes("delete"))
    throw new Refusal("UNSUPPORTED", "The operation is unsupported.");
  if (!includes(caller, access)) throw challenge("insufficient_scope");
}

/** An index is none: each image that is then fetched from it is one. */
function isPull(mediaType: string | undefined): boolean {
  return mediaType !== undefined && !isIndexType(mediaType);
}

function includes({ grants }: Caller, { type, name, actions }: Access): boolean {
  return actions.every((action) =>
    grants.some(
      (grant) => grant.type === type && grant.name === name && grant.actions.includes(action),
    ),
  );
}

function permitOf(caller: Caller): Permit {
  const mayPull = (name: string) =>
    includes(caller, { type: "repository", name, actions: ["pull"] });
  return { ...(caller.user !== undefined && { user: caller.user }), mayPull, maySee: mayPull };
}

function scopeOf({ type, name, actions, from }: Access): string {
  const own = `${type}:${name}:${actions.join(",")}`;
  return from === undefined ? own : `${own} repository:${from}:pull`;
}

function pathOf({ url = "/" }: IncomingMessage): string {
  return url.split("?", 1)[0] ?? "/";
}

function referenceOf(reference: string): { digest: string } | { tag: string } {
  return reference.includes(":") ? { digest: reference } : { tag: reference };
}
