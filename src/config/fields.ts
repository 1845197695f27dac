/** Checks what people wrote; every complaint names the source and the field. */
import { join } from "node:path";
import { WharfError } from "../errors.ts";
import { parseHost, parseRegistry } from "../reference/hosts.ts";

/** Turns what was written into a setting, or says in words what it must be. */
export type Check<Value> = (value: unknown) => Value | Complaint;

/** What a value must be. */
export class Complaint {
  readonly must: string;
  constructor(must: string) {
    this.must = must;
  }
}

/** The error for a source (a file, a variable) and the field in it. */
export function configError(source: string, why: string, hint?: string): WharfError {
  return new WharfError("CONFIG_INVALID", `${source}: ${why}`, hint === undefined ? {} : { hint });
}

/** @throws WharfError CONFIG_INVALID */
export function checked<Value>(value: unknown, check: Check<Value>, where: string): Value {
  const result = check(value);
  if (result instanceof Complaint)
    throw configError(where, `must be ${result.must}, not ${shown(value)}`);
  return result;
}

export const flag: Check<boolean> = (value) =>
  typeof value === "boolean" ? value : new Complaint("true or false");

export const text: Check<string> = (value) =>
  typeof value === "string" && value !== "" ? value : new Complaint("text");

/** @param least smallest value allowed */
export function whole(least: number, most: number): Check<number> {
  return (value) =>
    Number.isInteger(value) && (value as number) >= least && (value as number) <= most
      ? (value as number)
      : new Complaint(`a whole number from ${least} to ${most}`);
}

export const positive: Check<number> = (value) =>
  typeof value === "number" && value > 0 && value <= 1e6
    ? value
    : new Complaint("a number above 0");

const units = { ms: 1, s: 1000, m: 60_000 } as const;

/** A span of time: `500ms`, `30s`, `2m`, or a number of seconds. Gives milliseconds. */
export const duration: Check<number> = (value) => {
  const match = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m)?$/.exec(String(value));
  const time = Number(match?.[1]) * units[(match?.[2] ?? "s") as keyof typeof units];
  // A day: timers of Node end at 24.8 of them, and who waits longer has other problems.
  return time >= 1 && time <= 86_400_000
    ? Math.round(time)
    : new Complaint('a time such as "500ms", "30s" or "2m", or a number of seconds');
};

/** An http address without secrets. */
export const address: Check<string> = (value) => {
  const must = new Complaint("an address such as https://mirror.example.com/prefix");
  if (typeof value !== "string" || !/^https?:\/\//i.test(value)) return must;
  try {
    const { username, password } = parseHost(value);
    if (username !== undefined || password !== undefined)
      return new Complaint("an address without user and password (`wharf login` keeps those)");
    return value;
  } catch {
    return must;
  }
};

/** Hosts or addresses. */
export const realms: Check<readonly string[]> = (value) => {
  const list = typeof value === "string" ? [value] : value;
  const valid = Array.isArray(list) && list.every((item) => isRealm(item));
  return valid ? (list as string[]) : new Complaint("a list of hosts such as auth.example.com");
};

/** Under which name the settings of a host are kept, however it is written; undefined where it is no host. */
export function hostKey(host: string): string | undefined {
  try {
    // 443 is what is meant without a port, unless plain http is; and that is a setting, not part of the name.
    return parseHost(host).registry.toLowerCase().replace(/:443$/, "");
  } catch {
    return undefined;
  }
}

function isRealm(item: unknown): boolean {
  if (typeof item !== "string") return false;
  if (item.includes("://")) return !(address(item) instanceof Complaint);
  try {
    parseRegistry(item);
    return true;
  } catch {
    return false;
  }
}

/** A path, its `~/` replaced by the home folder. */
export const fromHome = (path: string, home: string): string =>
  path.startsWith("~/") ? join(home, path.slice(2)) : path;

/** A value in a message; long and nested ones by their kind, addresses with a password not at all. */
function shown(value: unknown): string {
  if (value === null || value === undefined) return "empty";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a map";
  const written = JSON.stringify(value);
  if (written.includes("@")) return "what stands there";
  return written.length > 60 ? `${written.slice(0, 58)}…` : written;
}
