/** The configuration file: YAML, read once and checked field by field. */
import { readFileSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { WharfError } from "../errors.ts";
import {
  address,
  checked,
  configError,
  duration,
  flag,
  fromHome,
  positive,
  realms,
  hostKey,
  text,
  whole,
} from "./fields.ts";
import type { Check } from "./fields.ts";
import type { HostSettings, Layer, Timeouts } from "./settings.ts";

/** Bytes. A host takes some hundred: a thousand hosts fit, and a wrong path to a disk image does not hang us. */
const fileLimit = 1024 * 1024;

/**
 * Reads the file.
 *
 * @param named whether somebody asked for this file: then it must exist
 * @throws WharfError CONFIG_INVALID, FILE_NOT_FOUND, FILE_FAILED
 */
export function readConfigFile(file: string, named: boolean, home: string): Layer {
  const written = readText(file, named);
  if (written === undefined) return { hosts: new Map() };
  return readLayer(parseYaml(written, file), file, home);
}

function readText(file: string, named: boolean): string | undefined {
  try {
    const bytes = readFileSync(file);
    if (bytes.length > fileLimit) throw configError(file, `has more than ${fileLimit} bytes`);
    return bytes.toString();
  } catch (cause) {
    if (cause instanceof WharfError) throw cause;
    const { code = "unknown error" } = cause as NodeJS.ErrnoException;
    const missing = code === "ENOENT" || code === "ENOTDIR";
    if (missing && !named) return undefined;
    if (missing)
      throw new WharfError("FILE_NOT_FOUND", `Configuration file ${file} does not exist`, {
        cause,
      });
    throw new WharfError("FILE_FAILED", `Configuration file ${file} cannot be read: ${code}`, {
      cause,
    });
  }
}

function parseYaml(written: string, file: string): unknown {
  // Loaded here, because it takes longer than all else that a short command does, and most people have no file.
  const require = process.getBuiltinModule("node:module").createRequire(import.meta.url);
  const { parse } = require("yaml") as typeof import("yaml");
  try {
    return parse(written, { logLevel: "error", prettyErrors: true });
  } catch (cause) {
    const [line = "is not YAML"] = String((cause as Error).message).split("\n");
    throw new WharfError("CONFIG_INVALID", `${file}: ${line.replace(/:$/, "")}`, { cause });
  }
}

type Fields<Settings> = { readonly [Field in keyof Settings]-?: Check<Settings[Field]> };

const hostFields: Fields<Omit<HostSettings, "extraCa">> = {
  url: address,
  hubUrl: address,
  authUrl: address,
  scoutUrl: address,
  plainHttp: flag,
  insecure: flag,
  ca: text,
  cert: text,
  key: text,
  tokenRealms: realms,
  concurrency: whole(1, 1000),
  requestsPerSecond: positive,
};

const timeoutFields: Fields<Timeouts> = { connect: duration, headers: duration, idle: duration };

/** Settings that stand beside the hosts. No host is called like them: those have a dot or a port, or are localhost. */
const topFields = ["hosts", "timeouts", "retries"];

function readLayer(document: unknown, file: string, home: string): Layer {
  if (document === null || document === undefined) return { hosts: new Map() };
  const top = mapOf(document, file);
  const hosts = new Map<string, HostSettings>();
  const addHost = (host: string, value: unknown, where: string) => {
    const key = hostKey(host);
    if (key === undefined) throw configError(where, "is not a host");
    if (hosts.has(key)) throw configError(where, `${key} is configured twice`);
    hosts.set(key, readHost(value, where, dirname(file), home));
  };
  for (const [name, value] of Object.entries(top)) {
    if (topFields.includes(name)) continue;
    if (!/[.:]/.test(name) && name !== "localhost")
      throw unknownField(file, name, topFields, "a host without dot and port stands below `hosts`");
    addHost(name, value, `${file}: ${name}`);
  }
  for (const [host, value] of Object.entries(mapOf(top.hosts ?? {}, `${file}: hosts`)))
    addHost(host, value, `${file}: hosts.${host}`);
  const timeouts = top.timeouts ?? undefined;
  return {
    hosts,
    ...(timeouts !== undefined && {
      timeouts: readFields(timeouts, timeoutFields, `${file}: timeouts`),
    }),
    ...(top.retries !== undefined && {
      retries: checked(top.retries, whole(0, 100), `${file}: retries`),
    }),
  };
}

function readHost(value: unknown, where: string, folder: string, home: string): HostSettings {
  const settings = readFields<Omit<HostSettings, "extraCa">>(value ?? {}, hostFields, where);
  if (settings.key !== undefined && settings.cert === undefined)
    throw configError(`${where}.key`, "there is no cert to it");
  const located = (path: string) => locate(path, folder, home);
  return {
    ...settings,
    ...(settings.ca !== undefined && { ca: located(settings.ca) }),
    ...(settings.cert !== undefined && { cert: located(settings.cert) }),
    ...(settings.key !== undefined && { key: located(settings.key) }),
  };
}

function readFields<Settings extends object>(
  value: unknown,
  fields: Fields<Settings>,
  where: string,
): Settings {
  const settings: Record<string, unknown> = {};
  for (const [name, content] of Object.entries(mapOf(value, where))) {
    const check = Object.hasOwn(fields, name) ? fields[name as keyof Settings] : undefined;
    if (check === undefined) throw unknownField(where, name, Object.keys(fields));
    settings[name] = checked(content, check as Check<unknown>, `${where}.${name}`);
  }
  return settings as Settings;
}

function unknownField(where: string, name: string, known: readonly string[], hint?: string) {
  return configError(
    where,
    `${JSON.stringify(name)} is not known; ${known.join(", ")} are${hint === undefined ? "" : `, and ${hint}`}`,
  );
}

function mapOf(value: unknown, where: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw configError(where, "must be a map of names to settings");
  return value as Readonly<Record<string, unknown>>;
}

/** Relative paths are relative to the file they stand in. */
function locate(path: string, folder: string, home: string): string {
  const found = fromHome(path, home);
  return isAbsolute(found) ? found : join(folder, found);
}
