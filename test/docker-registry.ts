/** Debian's docker-registry on a free port, for tests and benches. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { tool } from "./tools.ts";

export interface DockerRegistry {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  /** Folder with the configuration and, below `root`, the data. */
  readonly folder: string;
  /** Ends the process and removes its folder. */
  close(): Promise<void>;
}

export interface DockerRegistryOptions {
  /** Whether manifests and blobs may be deleted. @default true */
  readonly deletes?: boolean;
  /** Whether it remembers in memory which blobs there are. @default true */
  readonly cache?: boolean;
  /** File of who may come in, as Apache's htpasswd writes it with bcrypt. @default everybody */
  readonly htpasswd?: string;
  /** The token service that says who may do what, instead. */
  readonly tokens?: {
    readonly realm: string;
    readonly service: string;
    readonly issuer: string;
    /** File of the certificates of those who may sign, or issue to them. */
    readonly rootcertbundle: string;
  };
  /** Folder with the data, which stays when the registry ends. @default one of its own */
  readonly root?: string;
}

/** The program; `skip` for tests that need it. */
export const dockerRegistry = tool("docker-registry", "apt-get install docker-registry");

/** Starts a registry, and waits until it answers. */
export async function startDockerRegistry(
  options: DockerRegistryOptions = {},
): Promise<DockerRegistry> {
  // Another process may take the port between our question and the registry's start.
  for (let attempt = 0; ; attempt += 1) {
    const folder = await mkdtemp(join(tmpdir(), "docker-registry-"));
    const host = `127.0.0.1:${await freePort()}`;
    const child = await start(folder, host, options);
    if (await answers(host, () => child.exitCode !== null)) {
      return {
        host,
        folder,
        async close() {
          if (child.exitCode === null) {
            child.ref();
            child.stdin.end();
            await once(child, "exit");
          }
          await rm(folder, { recursive: true, force: true });
        },
      };
    }
    child.stdin.end();
    if (attempt === 4) throw new Error(`docker-registry does not start in ${folder}`);
  }
}

async function start(
  folder: string,
  host: string,
  { deletes = true, cache = true, htpasswd, tokens, root }: DockerRegistryOptions,
) {
  const config = join(folder, "config.json");
  await writeFile(
    config,
    // JSON is YAML.
    JSON.stringify({
      version: 0.1,
      log: { level: "error", accesslog: { disabled: true } },
      storage: {
        filesystem: { rootdirectory: root ?? join(folder, "root") },
        delete: { enabled: deletes },
        ...(cache && { cache: { blobdescriptor: "inmemory" } }),
      },
      ...(htpasswd !== undefined && { auth: { htpasswd: { realm: "test", path: htpasswd } } }),
      ...(tokens && { auth: { token: tokens } }),
      http: { addr: host, secret: "of a test" },
    }),
  );
  const child = spawn("sh", ["-c", keeper, "sh", config, folder], {
    stdio: ["pipe", "ignore", "ignore"],
  });
  child.stdin.on("error", () => {});
  child.unref();
  (child.stdin as Socket).unref();
  return child;
}

/**
 * Runs the registry until its standard input closes, as it does also when we are killed, and clears up then.
 * The shell's background jobs have no standard input of their own, hence the third descriptor.
 */
const keeper = `
exec 3<&0
docker-registry serve "$1" 3<&- &
registry=$!
(read -r _ <&3; kill -9 $registry; rm -rf "$2") &
wait $registry
`;

async function answers(host: string, isOver: () => boolean): Promise<boolean> {
  for (let attempt = 0; attempt < 400 && !isOver(); attempt += 1) {
    try {
      const { status } = await fetch(`http://${host}/v2/`);
      if (status === 200 || status === 401) return true;
    } catch {
      await sleep(25);
    }
  }
  return false;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
