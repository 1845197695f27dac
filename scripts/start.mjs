/**
 * `npm start`: installs and builds what is missing, then starts the sandbox: a Docker Hub of one's own, in memory. Words behind `--`
 * are its flags. With WHARF_PREPARED=1 nothing is installed or built.
 */
import { spawn } from "node:child_process";
import { environment, installPackages, node, root, run } from "./install.mjs";

if (process.env.WHARF_PREPARED !== "1") {
  installPackages();
  run(node, "scripts/build.ts", "--if-stale");
}

const quickstart = ["--quickstart", "--write-config", ".wharf/sandbox.yaml"];
const words = ["dist/cli/bin.js", "sandbox", ...quickstart, ...process.argv.slice(2)];
const server = spawn(node, words, { cwd: root, env: environment, stdio: "inherit" });
// Ctrl-C reaches the whole process group: the server ends in its own time, and this waits for it.
for (const signal of ["SIGINT", "SIGTERM"])
  process.on(signal, () => signal === "SIGTERM" && server.kill(signal));
server.on("exit", (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
