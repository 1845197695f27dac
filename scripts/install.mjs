/** Installs what is missing. Plain JavaScript for any Node from 18 on, because it runs before anything is installed. */
import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

/** The project's own Node, so that the system's version does not matter. */
export const node = join(root, "node_modules", ".bin", "node");

/** Environment in which `node` and the development tools are the project's. */
export const environment = {
  ...process.env,
  PATH: `${join(root, "node_modules", ".bin")}:${process.env.PATH}`,
};

/** Ends this process with the command's status where it fails. */
export function run(command, ...args) {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    env: environment,
    stdio: "inherit",
  });
  if (error) console.error(`${command}: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}

export function installPackages() {
  const installed = join(root, "node_modules", ".package-lock.json");
  const lock = join(root, "package-lock.json");
  const fresh =
    existsSync(node) &&
    existsSync(installed) &&
    statSync(installed).mtimeMs >= statSync(lock).mtimeMs;
  if (!fresh) run("npm", "ci", "--no-audit", "--no-fund", "--loglevel=error");
}
