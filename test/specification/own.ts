/** Our server, for the scenarios. */
import { type RunningServer, startServer } from "../../src/server/server.ts";
import type { RepositoryCollection } from "../../src/store/store.ts";
import { Registry } from "./registry.ts";

interface Opened {
  readonly collection: RepositoryCollection;
  /** Before the server is started again. */
  close(): Promise<void>;
}

/** @param open called for each start of the server */
export async function serveOwn(open: () => Promise<Opened>) {
  let opened: Opened;
  let server: RunningServer;
  const start = async () => {
    opened = await open();
    server = await startServer({ collection: opened.collection, port: 0 });
  };
  const end = async () => {
    await server.close();
    await opened.close();
  };
  await start();
  const registry = new Registry({
    get port() {
      return server.port;
    },
    async restart() {
      await end();
      await start();
    },
  });
  const close = async () => {
    registry.close();
    await end();
  };
  return { registry, close };
}
