/** What answers on the sandbox's ports. Each part is loaded with its first request: a test of pulls needs no Docker Hub, and the start none. */
import type { IncomingMessage, ServerResponse } from "node:http";

import type { ControlParts } from "./control/control.ts";
import type { HubParts } from "./hub/hub.ts";
import type { Holding } from "./holding.ts";
import { baseOf, type Handler, type Part } from "./listen.ts";
import type { PullLimits } from "./registry/pulls.ts";

export interface Wanted
  extends Omit<HubParts, "base" | "content" | "state">, Omit<ControlParts, "accounts" | "state"> {
  readonly holding: Holding;
  readonly pullLimits: Partial<PullLimits>;
  /** Whether each has a port of its own. */
  readonly separate: boolean;
  /** Port of the token service, where that is another one than the registry's. */
  authPort(): number | undefined;
}

export function createParts(wanted: Wanted): Readonly<Record<Part, Handler>> {
  const { holding, separate } = wanted;
  const { state, content, accounts } = holding;
  const parts = { ...wanted, state, content, accounts };
  return {
    registry: whenAsked(async () => {
      const { createSandboxRegistry } = await import("./registry/registry.ts");
      const { Pulls, pullLimits } = await import("./registry/pulls.ts");
      const limits = { ...pullLimits, ...wanted.pullLimits };
      return createSandboxRegistry({ ...parts, pulls: new Pulls(state, limits, parts.now) });
    }),
    auth: whenAsked(async () => {
      const { createTokenHandler } = await import("./registry/tokenHandler.ts");
      return createTokenHandler(parts);
    }),
    hub: whenAsked(async () => {
      const { createHubHandler } = await import("./hub/hub.ts");
      const { withDownloads } = await import("./analytics/downloads.ts");
      const base = baseOf("hub", separate);
      return withDownloads(parts, base, createHubHandler({ ...parts, base }));
    }),
    scout: whenAsked(async () => {
      const { createScoutHandler } = await import("./scout/scout.ts");
      return createScoutHandler({ ...parts, base: baseOf("scout", separate) });
    }),
    control: whenAsked(async () => {
      const { createControl } = await import("./control/control.ts");
      const { withSnapshots } = await import("./snapshot/serving.ts");
      return withSnapshots(holding, createControl(parts));
    }),
  };
}

function whenAsked(load: () => Promise<Handler>): Handler {
  let loading: Promise<Handler> | undefined;
  let handler: Handler | undefined;
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    handler ??= await (loading ??= load());
    await handler(request, response);
  };
}
