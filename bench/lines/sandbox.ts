/** The sandbox: what it takes to start, and how many reads a second it answers. */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Line } from "../line.ts";

const file = (name: string) => fileURLToPath(new URL(`../${name}.ts`, import.meta.url));
const run = promisify(execFile);

const start = (seed: "small" | "large"): Line => ({
  title: `two sandboxes, one after the other, with the ${seed} seed`,
  rounds: 7,
  warmUp: 1,
  async prepare() {
    const command = [process.execPath, file("sandbox-start"), seed];
    return {
      contenders: [
        { name: "wharf", command: () => command },
        { name: "node -e 0", command: () => [process.execPath, "-e", "0"] },
      ],
      async notes() {
        const [program, ...words] = command;
        return [(await run(program!, words)).stdout.trim()];
      },
      close: async () => {},
    };
  },
});

export const startSmall = start("small");
export const startLarge = start("large");

/** What is read, below `/hub`. */
const reads: Readonly<Record<string, string>> = {
  "tags.list": "/v2/namespaces/pier/repositories/gateway/tags",
  "tags.list of two": "/v2/namespaces/harbour/repositories/api/tags",
  "tags.get": "/v2/namespaces/pier/repositories/gateway/tags/latest",
  "repositories.list": "/v2/namespaces/pier/repositories",
  "repositories.get": "/v2/namespaces/harbour/repositories/api",
  "search.repositoriesV2": "/v2/search/repositories/?query=hello",
  "orgMembers.list": "/v2/orgs/harbour/members",
  "users.getCurrent": "/v2/user/",
};

const count = 5_000;

export const reading: Line = {
  title: "5,000 reads of the sandbox over eight connections",
  rounds: 5,
  warmUp: 1,
  async prepare() {
    const server = spawn(process.execPath, [file("sandbox-serve")], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [url] = (await once(createInterface(server.stdout), "line")) as [string];
    const answer = await fetch(`${url}/v2/auth/token`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ identifier: "alice", secret: "alice-password" }),
    });
    const { access_token: token } = (await answer.json()) as { access_token: string };
    const contenders = Object.entries(reads).map(([name, path]) => ({
      name,
      command: () => [
        process.execPath,
        file("sandbox-reads"),
        url,
        `/hub${path}`,
        String(count),
        token,
      ],
    }));
    return {
      contenders,
      async close() {
        server.kill();
        await once(server, "close");
      },
    };
  },
};
