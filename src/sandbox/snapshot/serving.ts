/** The control, with snapshots below it that are loaded when somebody asks for them. */
import type { IncomingMessage, ServerResponse } from "node:http";

import { type Answer, send } from "../answer.ts";
import type { Holding } from "../holding.ts";

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;
type Routes = (request: IncomingMessage) => Promise<Answer | undefined>;

export function withSnapshots(holding: Holding, control: Handler): Handler {
  let routes: Promise<Routes> | undefined;
  return async (request, response) => {
    if (!request.url?.startsWith("/_sandbox/snapshots")) return control(request, response);
    routes ??= load(holding);
    const answer = await (await routes)(request);
    if (answer) send(response, answer);
    else await control(request, response);
  };
}

async function load(holding: Holding): Promise<Routes> {
  const { createSnapshotRoutes } = await import("./routes.ts");
  const { createFolderShelf, createMemoryShelf } = await import("./shelf.ts");
  const { snapshots } = holding;
  return createSnapshotRoutes({
    shelf: snapshots === undefined ? createMemoryShelf() : createFolderShelf(snapshots),
    take: () => holding.snapshot(),
    restore: (snapshot) => holding.restore(snapshot),
  });
}
