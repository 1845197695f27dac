/**
 * The configuration: flags over environment over file over the folders of certificates.
 * Nothing is read before it is asked for, and nothing twice. For people: docs/configuration.md.
 */
import { join } from "node:path";
import { certificateFolders, findCertificates } from "./config/certificates.ts";
import { isOn, readEnvironment, readFlags } from "./config/commandLine.ts";
import type { ConfigFlags } from "./config/commandLine.ts";
import { readConfigFile } from "./config/file.ts";
import { hostKey } from "./config/fields.ts";
import { mergeSettings } from "./config/settings.ts";
import type { HostSettings, Layer, Timeouts } from "./config/settings.ts";
import { hostAddress, isLoopback, parseHost, parseRegistry } from "./reference/hosts.ts";

export type { ConfigFlags } from "./config/commandLine.ts";
export type { HostSettings, Timeouts } from "./config/settings.ts";

/** What is configured. Each part is read when it is first asked for. */
export interface Config {
  /**
   * What is said about a registry, all sources merged.
   *
   * @param registry its name, or `HOST[:PORT]` that it is reached at
   * @throws WharfError CONFIG_INVALID, FILE_NOT_FOUND, FILE_FAILED, USAGE
   */
  hosts(registry: string): HostSettings;
  /** Whether requests are to be shown. */
  readonly debug: boolean;
  readonly timeouts: Timeouts;
  /** How often a failed request is repeated; undefined leaves it to the client. */
  readonly retries: number | undefined;
}

/** Where the configuration comes from, besides its file. */
export interface ConfigOptions {
  /** @default process.env */
  readonly environment?: NodeJS.ProcessEnv;
  /** What goes before everything else. @default none */
  readonly flags?: ConfigFlags;
  /** Where the system's folders of certificates are. @default /etc */
  readonly systemFolder?: string;
}

/**
 * Opens the configuration. Reads no file yet.
 *
 * @example
 * const config = loadConfig({ flags: { plainHttp: ["registry.test:5000"] } });
 * config.hosts("registry.test:5000").plainHttp; // true
 */
export function loadConfig(options: ConfigOptions = {}): Config {
  const { environment = process.env, flags = {}, systemFolder = "/etc" } = options;
  const home = environment.HOME || environment.USERPROFILE || homeFolder();
  const configHome = environment.XDG_CONFIG_HOME || join(home, ".config");
  const named = flags.config || environment.WHARF_CONFIG;
  const file = named || join(configHome, "wharfinger", "config.yaml");

  const layers = once((): readonly Layer[] => [
    readFlags(flags, home),
    readEnvironment(environment, home),
    readConfigFile(file, named !== undefined && named !== "", home),
  ]);
  const folders = certificateFolders(home, systemFolder, configHome);
  const known = new Map<string, HostSettings>();
  return {
    hosts(registry) {
      let settings = known.get(registry);
      if (settings === undefined) {
        const key = hostKey(registry) ?? parseRegistry(registry);
        settings = settle(key, layers(), folders);
        known.set(registry, settings);
      }
      return settings;
    },
    get debug() {
      return flags.debug ?? isOn(environment, "WHARF_DEBUG");
    },
    get timeouts() {
      return Object.assign(
        {},
        ...layers()
          .map((layer) => layer.timeouts)
          .reverse(),
      ) as Timeouts;
    },
    get retries() {
      return layers().find((layer) => layer.retries !== undefined)?.retries;
    },
  };
}

/**
 * Where a registry's `/v2/` begins: its configured address, else its own, over http where plain http is in order.
 * The path has no slash at its end, but for that of the root.
 *
 * @example
 * registryUrl("docker.io", {}).href // "https://registry-1.docker.io/"
 */
export function registryUrl(registry: string, settings: HostSettings): URL {
  if (settings.url !== undefined) {
    const { scheme = "https", host, pathPrefix = "/" } = parseHost(settings.url);
    return new URL(pathPrefix, `${scheme}://${host}`);
  }
  return new URL(`${settings.plainHttp ? "http" : "https"}://${hostAddress(registry).host}`);
}

function settle(host: string, layers: readonly Layer[], folders: readonly string[]): HostSettings {
  const certificates = findCertificates(host, folders);
  const merged = mergeSettings([
    ...layers.map((layer) => mergeSettings([layer.hosts.get(host), layer.everywhere])),
    certificates,
    ...layers.map((layer) => servedAt(host, layer)),
  ]);
  if (merged.plainHttp !== undefined || merged.url !== undefined) return merged;
  // Who says something about the certificate of this very host means TLS.
  const meansTls = [certificates, ...layers.map((layer) => layer.hosts.get(host))].some(
    (settings) => settings?.insecure || settings?.ca || settings?.cert,
  );
  return isLoopback(host) && !meansTls ? { ...merged, plainHttp: true } : merged;
}

/** What holds for a host because a registry's `url` points to it: all that concerns the connection. */
function servedAt(host: string, layer: Layer): HostSettings {
  for (const settings of layer.hosts.values()) {
    if (settings.url === undefined || hostKey(settings.url) !== host) continue;
    const {
      url,
      hubUrl: _,
      authUrl: __,
      scoutUrl: ___,
      tokenRealms: ____,
      ...connection
    } = settings;
    return { ...connection, plainHttp: url.toLowerCase().startsWith("http:") };
  }
  return {};
}

function homeFolder(): string {
  return process.getBuiltinModule("node:os").homedir();
}

function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  let failed: { readonly error: unknown } | undefined;
  return () => {
    if (failed) throw failed.error;
    try {
      made ??= { value: make() };
    } catch (error) {
      failed = { error };
      throw error;
    }
    return made.value;
  };
}
