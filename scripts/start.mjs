/** `npm start`: installs and builds what is missing, then serves the embedded registry. */
import { spawn } from "node:child_process";
import { environment, installPackages, node, root, run } from "./install.mjs";

installPackages();
run(node, "scripts/build.ts", "--if-stale");

const server = spawn(
  node,
  [
    "dist/cli/bin.js",
    "registry",
    "serve",
    "--quickstart",
    "--store",
    ".wharf/registry",
    ...process.argv.slice(2),
  ],
  {
    cwd: root,
    env: environment,
    stdio: "inherit",
  },
);
// Ctrl-C reaches the whole process group: the server ends in its own time, and this waits for it.
for (const signal of ["SIGINT", "SIGTERM"])
  process.on(signal, () => signal === "SIGTERM" && server.kill(signal));
server.on("exit", (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
