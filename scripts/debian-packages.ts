/**
 * Installs the Debian packages that tests need, only where that harms nobody: as root in CI or in a container,
 * or where WHARF_TEST_APT=1 asks for it; never by sudo. Otherwise the tests that need them are skipped, and say so.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { mayInstall } from "./may-install.ts";

const packages = ["docker-registry", "skopeo", "podman"];
/** Services that a package starts by itself and that no test wants. */
const services = ["docker-registry.service", "podman.socket"];

const environment = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
const run = (command: string, ...args: string[]) =>
  spawnSync(command, args, {
    env: environment,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
const isActive = (service: string) =>
  run("systemctl", "is-active", "--quiet", service).status === 0;
const isThere = (program: string) =>
  (process.env.PATH ?? "").split(delimiter).some((folder) => existsSync(join(folder, program)));

const inContainer =
  existsSync("/.dockerenv") ||
  existsSync("/run/.containerenv") ||
  run("systemd-detect-virt", "--container", "--quiet").status === 0;
const user = process.getuid?.();
const missing = packages.filter((name) => !isThere(name));

if (missing.length > 0 && mayInstall({ environment, user, inContainer }) && isThere("apt-get")) {
  console.log(`Installing ${missing.join(", ")} (Debian packages)`);
  const before = new Set(services.filter(isActive));
  run("apt-get", "update");
  const result = run("apt-get", "install", "--yes", "--no-install-recommends", ...missing);
  if (result.status !== 0)
    console.log(`apt-get could not install them:\n${result.stderr.slice(-2000)}`);
  for (const service of services)
    if (!before.has(service) && isActive(service)) run("systemctl", "stop", service);
}
