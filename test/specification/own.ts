/** Our server, for the scenarios. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { openAccess } from "../../src/distribution/access/access.ts";
import { type RunningServer, type ServerOptions, startServer } from "../../src/server/server.ts";
import type { RepositoryCollection } from "../../src/store/store.ts";
import { htpasswd } from "./access.ts";
import { Registry } from "./registry.ts";

interface Opened {
  readonly collection: RepositoryCollection;
  /** Before the server is started again. */
  close(): Promise<void>;
}

/** @param open called for each start of the server */
export async function serveOwn(
  open: () => Promise<Opened>,
  options: Partial<ServerOptions> = {},
): Promise<{ registry: Registry; close(): Promise<void> }> {
  let opened: Opened;
  let server: RunningServer;
  const start = async () => {
    opened = await open();
    server = await startServer({ ...options, collection: opened.collection, port: 0 });
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

/** The same, for who has the password of the scenarios. */
export async function serveGuarded(open: () => Promise<Opened>) {
  const folder = await mkdtemp(join(tmpdir(), "wharf-htpasswd-"));
  const passwords = join(folder, "htpasswd");
  await writeFile(passwords, htpasswd);
  const { close: closeAccess, ...options } = await openAccess({ passwords });
  const { registry, close } = await serveOwn(open, options);
  return {
    registry,
    async close() {
      await close();
      await closeAccess();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
