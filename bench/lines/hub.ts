/** Docker Hub: what its types cost a compiler, its help a shell, its calls a program. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Line } from "../line.ts";
import { wharf } from "../peers.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const tsc = join(root, "node_modules", ".bin", "tsc");
const calls = fileURLToPath(new URL("../small-calls.ts", import.meta.url));

export const help: Line = {
  title: "wharf hub --help",
  rounds: 21,
  warmUp: 2,
  async prepare() {
    const contenders = [
      { name: "wharf", command: () => wharf("hub", "--help") },
      { name: "node -e 0", command: () => [process.execPath, "-e", "0"] },
    ];
    return { contenders, close: async () => {} };
  },
};

export const ownTypes: Line = {
  title: "tsc --noEmit, this repository",
  rounds: 5,
  async prepare() {
    const contenders = [{ name: "wharf", command: () => [tsc, "--noEmit", "-p", root] }];
    return { contenders, close: async () => {} };
  },
};

const options = {
  compilerOptions: {
    module: "NodeNext",
    target: "ES2023",
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
  },
  files: ["use.ts"],
};

/** A project that depends on the package, and one that is empty: the difference is what our types cost others. */
export const consumer: Line = {
  title: "tsc --noEmit, a program that uses wharfinger/hub",
  rounds: 9,
  warmUp: 1,
  async prepare() {
    const folder = mkdtempSync(join(tmpdir(), "wharf-bench-types-"));
    const entrance = join(root, "dist", "entrance", "hub.js");
    const programs = {
      using: `import { createHub } from ${JSON.stringify(entrance)};
const hub = createHub();
const page = await hub.repositories.list({ namespace: "library" });
console.log(page.results.map(({ name }) => name));
export {};
`,
      empty: "export {};\n",
    };
    const contenders = Object.entries(programs).map(([name, text]) => {
      const project = mkdtempSync(join(folder, `${name}-`));
      writeFileSync(join(project, "tsconfig.json"), JSON.stringify(options));
      writeFileSync(join(project, "package.json"), '{ "type": "module" }');
      writeFileSync(join(project, "use.ts"), text);
      return {
        name: name === "using" ? "wharf" : "an empty program",
        command: () => [tsc, "-p", project],
      };
    });
    return { contenders, close: async () => rmSync(folder, { recursive: true, force: true }) };
  },
};

export const smallCalls: Line = {
  title: "5,000 small calls of Docker Hub's API, one after the other",
  rounds: 5,
  warmUp: 1,
  async prepare() {
    const body = JSON.stringify({ name: "latest", digest: `sha256:${"a".repeat(64)}`, images: [] });
    const server = createServer((_, response) => {
      response.setHeader("content-type", "application/json");
      response.end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const contenders = [
      { name: "wharf", command: () => [process.execPath, calls, "wharf", url] },
      { name: "fetch (undici)", command: () => [process.execPath, calls, "fetch", url] },
    ];
    return {
      contenders,
      async close() {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      },
    };
  },
};
