/** What flags and environment variables say about hosts. */
import { WharfError } from "../errors.ts";
import { checked, configError, duration, fromHome, hostKey, whole } from "./fields.ts";
import type { HostSettings, Layer } from "./settings.ts";

/** Flags that are settings; each may be repeated. */
export interface ConfigFlags {
  /** Hosts to speak http to without TLS. */
  readonly plainHttp?: readonly string[];
  /** Hosts whose certificate is not checked. */
  readonly insecure?: readonly string[];
  /** `FILE` for every host, or `HOST=FILE`. */
  readonly ca?: readonly string[];
  /** `HOST=FILE`: who we are is not shown to every host. */
  readonly cert?: readonly string[];
  readonly key?: readonly string[];
  /** Configuration file. */
  readonly config?: string;
  readonly debug?: boolean;
}

/**
 * @param home where files that begin with `~/` are: behind `HOST=` no shell puts it in
 * @throws WharfError USAGE
 */
export function readFlags(flags: ConfigFlags, home: string): Layer {
  return hostLayer(
    flags,
    home,
    (name) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    (where, why, hint) => new WharfError("USAGE", `${where}: ${why}`, { hint }),
  );
}

/**
 * @param home as with the flags
 * @throws WharfError CONFIG_INVALID
 */
export function readEnvironment(environment: NodeJS.ProcessEnv, home: string): Layer {
  const list = (name: string) => environment[name]?.split(",").map((item) => item.trim());
  const hosts = hostLayer(
    {
      plainHttp: list("WHARF_PLAIN_HTTP"),
      insecure: list("WHARF_INSECURE"),
      ca: list("WHARF_CA"),
      cert: list("WHARF_CERT"),
      key: list("WHARF_KEY"),
    },
    home,
    (name) => `WHARF_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`,
    configError,
  );
  const time = (name: string) => {
    const value = environment[name];
    return value ? checked(value, duration, name) : undefined;
  };
  const [connect, headers, idle] = [
    time("WHARF_CONNECT_TIMEOUT"),
    time("WHARF_HEADERS_TIMEOUT"),
    time("WHARF_IDLE_TIMEOUT"),
  ];
  const { WHARF_RETRIES: retries } = environment;
  return {
    ...hosts,
    timeouts: {
      ...(connect !== undefined && { connect }),
      ...(headers !== undefined && { headers }),
      ...(idle !== undefined && { idle }),
    },
    ...(retries && {
      retries: checked(
        /^\d+$/.test(retries) ? Number(retries) : retries,
        whole(0, 100),
        "WHARF_RETRIES",
      ),
    }),
  };
}

/** Whether a variable that is on or off is on. @throws WharfError CONFIG_INVALID */
export function isOn(environment: NodeJS.ProcessEnv, name: string): boolean {
  const value = environment[name]?.toLowerCase() ?? "";
  if (["", "0", "false", "no", "off"].includes(value)) return false;
  if (["1", "true", "yes", "on"].includes(value)) return true;
  throw configError(name, "must be 1 or 0");
}

type Blame = (where: string, why: string, hint: string) => WharfError;

function hostLayer(
  flags: ConfigFlags,
  home: string,
  nameOf: (flag: string) => string,
  blame: Blame,
): Layer {
  const hosts = new Map<string, HostSettings>();
  let everywhere: HostSettings = {};
  const add = (host: string, settings: HostSettings, where: string) => {
    const registry = hostKey(host);
    if (registry === undefined || /^(?:true|yes|on|all)$/.test(registry))
      throw blame(
        where,
        `${JSON.stringify(host)} is not a host`,
        `Name each, such as ${where}=localhost:5000.`,
      );
    hosts.set(registry, { ...hosts.get(registry), ...settings });
  };
  for (const name of ["plainHttp", "insecure"] as const)
    for (const host of present(flags[name])) add(host, { [name]: true }, nameOf(name));
  for (const name of ["ca", "cert", "key"] as const)
    for (const item of present(flags[name])) {
      // Files with a '=' in their name are told by the slash before it.
      const [, host, file] = /^([^=/\\]+)=(.+)$/s.exec(item) ?? [];
      if (host !== undefined && file !== undefined)
        add(host, { [name]: fromHome(file, home) }, nameOf(name));
      else if (name === "ca") everywhere = { ca: fromHome(item, home) };
      else
        throw blame(
          nameOf(name),
          `${JSON.stringify(item)} does not say for which host it is`,
          `Write ${nameOf(name)}=HOST=FILE.`,
        );
    }
  for (const settings of hosts.values())
    if (settings.key !== undefined && settings.cert === undefined)
      throw blame(
        nameOf("key"),
        "there is no certificate to it",
        `Name it with ${nameOf("cert")}.`,
      );
  return { hosts, everywhere };
}

function present(items: readonly string[] = []): readonly string[] {
  return items.filter((item) => item !== "");
}
