/** kill -9 at random moments under a push load, of the server and of a collector beside it; nothing confirmed is lost. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { createClients, findLosses, pushUntilCut } from "./crash/load.ts";
import { serveRegistry, wharfOk } from "./wharf.ts";

const rounds = 4;
const collector = fileURLToPath(new URL("crash/endless-collector.ts", import.meta.url));

test(
  "what was confirmed under load survives kill -9 at random moments",
  { timeout: 120_000 },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "crash-load-"));
    const clients = createClients(4);
    const moments: string[] = [];
    const check = async () => {
      const server = await serveRegistry(folder);
      const losses = await Promise.all(clients.map((client) => findLosses(client, server.url)));
      await server.close();
      assert.deepEqual(losses.flat(), [], `killed at ${moments.join(", ")}`);
    };
    try {
      for (let round = 1; round <= rounds; round++) {
        const server = await serveRegistry(folder);
        const collecting = await startCollector(folder);
        // So many pushes later; where in the others that is, nobody knows.
        const moment = randomInt(20, 50);
        const earlier = round < rounds ? randomInt(1, moment + 1) : Infinity;
        moments.push(`${earlier} and ${moment}`);
        let confirmed = 0;
        const onConfirmed = () => {
          confirmed += 1;
          if (confirmed === earlier) void collecting.kill();
          if (confirmed === moment) server.child.kill("SIGKILL");
        };
        await Promise.all(clients.map((client) => pushUntilCut(client, server.url, onConfirmed)));
        // Each image takes a tag from another, so there is garbage by now.
        if (round === rounds) await collecting.removed;
        await collecting.kill();
        await check();
      }
      const words = ["registry", "gc", "--store", folder, "--untagged", "--grace", "0", "--verify"];
      await wharfOk(words);
      assert.match((await wharfOk(words)).stderr, /There is nothing to collect/);
      await check();
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
);

async function startCollector(folder: string) {
  const child = spawn(process.execPath, [collector, folder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "close");
  const lines = createInterface(child.stdout);
  const removed = new Promise<void>((resolve) => {
    lines.on("line", (line) => line === "removed" && resolve());
  });
  await once(lines, "line");
  return {
    /** Once it has removed a manifest. */
    removed,
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
