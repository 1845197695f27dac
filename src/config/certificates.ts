/**
 * Certificates where docker and podman look for them: `certs.d/HOST[:PORT]/`, with `*.crt` for authorities and
 * `*.cert` with `*.key` for our own.
 * Sources: Docker's "Verify repository client with certificates"; containers-certs.d(5).
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { dockerHub, dockerHubAliases } from "../reference/hosts.ts";
import { configError } from "./fields.ts";
import type { HostSettings } from "./settings.ts";

/** The folders, what counts most first. */
export function certificateFolders(home: string, system: string, configHome: string): string[] {
  return [
    join(configHome, "containers", "certs.d"),
    join(home, ".config", "containers", "certs.d"),
    join(system, "containers", "certs.d"),
    join(system, "docker", "certs.d"),
  ].filter((folder, index, all) => all.indexOf(folder) === index);
}

/**
 * The certificates for a registry; the first folder that has some counts.
 *
 * @throws WharfError CONFIG_INVALID for a key without certificate or the other way round
 */
export function findCertificates(registry: string, folders: readonly string[]): HostSettings {
  const names = registry === dockerHub ? [registry, ...dockerHubAliases] : [registry];
  for (const folder of folders)
    for (const name of names) {
      const settings = readFolder(join(folder, name));
      if (settings !== undefined) return settings;
    }
  return {};
}

function readFolder(folder: string): HostSettings | undefined {
  const files = list(folder);
  const ending = (suffix: string) => files.filter((file) => file.endsWith(suffix));
  const [ca, ...extraCa] = ending(".crt").map((file) => join(folder, file));
  const [certificate] = ending(".cert");
  const [key] = ending(".key");
  if (ca === undefined && certificate === undefined && key === undefined) return undefined;
  return {
    ...(ca !== undefined && { ca }),
    ...(extraCa.length > 0 && { extraCa }),
    ...(certificate !== undefined && { cert: join(folder, certificate) }),
    ...(certificate !== undefined && { key: keyOf(folder, certificate, files) }),
    ...checkLoneKey(folder, files),
  };
}

function keyOf(folder: string, certificate: string, files: readonly string[]): string {
  const key = certificate.replace(/\.cert$/, ".key");
  if (!files.includes(key)) throw configError(join(folder, certificate), `${key} is not beside it`);
  return join(folder, key);
}

function checkLoneKey(folder: string, files: readonly string[]): HostSettings {
  for (const file of files)
    if (file.endsWith(".key") && !files.includes(file.replace(/\.key$/, ".cert")))
      throw configError(join(folder, file), `${file.replace(/\.key$/, ".cert")} is not beside it`);
  return {};
}

/** Sorted, so that the same certificate is chosen each time. What cannot be read has nothing for us, as with docker. */
function list(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
