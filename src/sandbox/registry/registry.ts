/** The registry of the sandbox, as registry-1.docker.io is one: our own, with tokens, pull limits and Hub's rules. */
import type { IncomingMessage } from "node:http";

import type { Access } from "../../distribution/exchange.ts";
import { createRegistryHandler, type RegistryHandler } from "../../distribution/handler.ts";
import { Refusal } from "../../distribution/refusal.ts";
import { findByPath, isImmutable } from "../repositories.ts";
import type { State } from "../state/state.ts";
import { Metering, type MeteringParts, routeOf } from "./metering.ts";
import { permitOf, Verification, type VerificationParts } from "./verification.ts";

export interface RegistryParts extends VerificationParts, MeteringParts {
  onFailure(error: unknown, request: IncomingMessage): void;
}

export function createSandboxRegistry(parts: RegistryParts): RegistryHandler {
  const { state, content } = parts;
  const verification = new Verification(parts);
  const metering = new Metering(parts);
  const handler = createRegistryHandler(content.collection, {
    authorize: async (request, access) => {
      const caller = await verification.callerOf(request, access);
      if (access) {
        // A repository that is being deleted is gone before it is made again.
        await content.settled(access.name);
        verification.admit(caller, request, access);
        checkThere(state, request, access);
        metering.limit(caller.user, request, access);
      }
      return permitOf(caller);
    },
    isImmutable: (name, tag) => {
      const repository = findByPath(state, name);
      return repository !== undefined && isImmutable(repository, tag);
    },
    onEvent: (event) => {
      content.note(event);
      metering.note(event);
    },
    onFailure: parts.onFailure,
  });
  return (request, response) => {
    metering.watch(request, response);
    return handler(request, response);
  };
}

/** What is deleted in Hub, or was never there, has no tags, not even none. @throws Refusal NAME_UNKNOWN */
function checkThere(state: State, request: IncomingMessage, { name }: Access): void {
  if (routeOf(request)?.kind === "tags" && !findByPath(state, name))
    throw new Refusal("NAME_UNKNOWN", "repository name not known to registry");
}
