/** A registry server in a process of its own that can be killed at any step. Run as a program, it is that process. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

import { startServer } from "../../src/server/server.ts";
import { openCollection } from "../../src/store/collection/collection.ts";
import { onStep } from "../../src/store/disk/steps.ts";

const file = fileURLToPath(import.meta.url);

export interface MortalServer {
  /** `127.0.0.1:PORT` of the process that lives, once one does. */
  host(): Promise<string>;
  /** Has it kill itself, as `kill -9` would, before the step with this number from now on; Infinity for never. */
  arm(step: number): Promise<void>;
  /** Kills it from outside. */
  kill(): Promise<void>;
  /** How often it has died and was started again. */
  readonly deaths: number;
  /** Ends it for good, in good order. */
  close(): Promise<void>;
}

/**
 * Serves a data directory, and starts the process again whenever it is dead.
 * @param cache folder for compiled code
 */
export function startMortalServer(folder: string, cache: string): MortalServer {
  let child: ChildProcess;
  let deaths = 0;
  let closing = false;
  let listening: Promise<string>;

  const start = () => {
    // Compiled once for all of them.
    const env = { ...process.env, NODE_COMPILE_CACHE: cache };
    child = fork(file, [folder], { env, stdio: ["ignore", "inherit", "inherit", "ipc"] });
    listening = new Promise((resolve, reject) => {
      child.once("message", (port) => resolve(`127.0.0.1:${port}`));
      child.once("exit", (status, signal) => {
        if (closing) return;
        if (signal !== "SIGKILL") return reject(new Error(`the server ended with ${status}`));
        deaths += 1;
        start();
        // Killed before it listened: the next one does.
        resolve(listening);
      });
    });
    listening.catch(() => {});
  };
  start();

  return {
    host: () => listening,
    async arm(step) {
      await listening;
      const armed = once(child, "message");
      child.send(step);
      await armed;
    },
    async kill() {
      // Until it is gone its port still takes connections, and closes them.
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    },
    get deaths() {
      return deaths;
    },
    async close() {
      closing = true;
      await listening;
      const gone = once(child, "exit");
      child.disconnect();
      await gone;
    },
  };
}

if (process.argv[1] === file) await serve(process.argv[2]!);

async function serve(folder: string): Promise<void> {
  let left = Infinity;
  onStep(() => {
    left -= 1;
    if (left === 0) process.kill(process.pid, "SIGKILL");
  });
  const collection = await openCollection(folder);
  const server = await startServer({ collection, port: 0, closeTimeout: 0 });
  process.on("message", (step) => {
    left = step === null ? Infinity : Number(step);
    process.send?.("armed");
  });
  process.once("disconnect", () => void server.close().then(() => collection.close()));
  process.send?.(server.port);
}
