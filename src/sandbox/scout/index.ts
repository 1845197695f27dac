/** Docker Scout of the sandbox, loaded with the first request: GraphQL takes longer to load than all the rest. */
import type { IncomingMessage, ServerResponse } from "node:http";

import type { ScoutParts } from "./scout.ts";

export function createScout(parts: ScoutParts) {
  let handler: Promise<ReturnType<typeof import("./scout.ts").createScoutHandler>> | undefined;
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    handler ??= import("./scout.ts").then(({ createScoutHandler }) => createScoutHandler(parts));
    await (
      await handler
    )(request, response);
  };
}
