/** Reads the files in which docker and podman keep credentials (`config.json`, `auth.json`). */
import { readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { WharfError } from "../errors.ts";
import { parseRegistry } from "../reference/hosts.ts";
import type { Credentials } from "./credentials.ts";

/** Where one of the files is, and whose it is: they spell Docker Hub's key differently. */
export interface AuthFilePath {
  readonly path: string;
  readonly owner: "docker" | "podman";
}

/** What a file says; its entries are read when they are asked for. */
export interface AuthFile {
  /** For messages: a path, or `DOCKER_AUTH_CONFIG`. */
  readonly name: string;
  /** Helper that holds all credentials (`credsStore`). */
  readonly store?: string;
  /** Helpers by key: a registry, or part of one. */
  readonly helpers: ReadonlyMap<string, string>;
  /** Entries of `auths` by key; several spellings may mean the same. */
  readonly entries: ReadonlyMap<string, readonly unknown[]>;
}

export interface AuthFileOptions {
  /** @default process.env */
  readonly environment?: NodeJS.ProcessEnv;
  /** Home folder. @default the user's */
  readonly home?: string;
}

// Docker's own file with hundreds of logins has some 100 KiB.
const fileLimit = 4 * 1024 * 1024;

/**
 * The files that docker and podman use, by precedence. Podman reads the file that `REGISTRY_AUTH_FILE` names and then
 * none of its others (containers-auth.json(5)); docker's is in the folder `DOCKER_CONFIG`, or `~/.docker`.
 */
export function authFilePaths(options: AuthFileOptions = {}): AuthFilePath[] {
  const { environment = process.env, home = homedir() } = options;
  const docker = join(environment["DOCKER_CONFIG"] || join(home, ".docker"), "config.json");
  const named = environment["REGISTRY_AUTH_FILE"];
  if (named)
    return [
      { path: named, owner: "podman" },
      { path: docker, owner: "docker" },
    ];
  const folders = [
    environment["XDG_RUNTIME_DIR"],
    environment["XDG_CONFIG_HOME"],
    join(home, ".config"),
  ].filter((folder): folder is string => Boolean(folder));
  const podman = folders.map((folder) => join(folder, "containers", "auth.json"));
  return [
    { path: docker, owner: "docker" },
    ...[...new Set(podman)].map((path) => ({ path, owner: "podman" }) as const),
  ];
}

/** The file's text, `undefined` where there is none. */
export async function readAuthText(path: string): Promise<string | undefined> {
  try {
    if (statSync(path).size > fileLimit) throw invalid(path, "is larger than 4 MiB");
    return readFileSync(path, "utf8").replace(/^\uFEFF/, "");
  } catch (error) {
    if (error instanceof WharfError) throw error;
    const { code = "" } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new WharfError("FILE_FAILED", `${path} cannot be read (${code})`, { cause: error });
  }
}

/** @throws WharfError CONFIG_INVALID that names the file, never its content */
export function parseAuthFile(text: string, name: string): AuthFile {
  let parsed: unknown;
  try {
    parsed = text.trim() === "" ? {} : JSON.parse(text);
  } catch {
    throw invalid(name, "is not JSON"); // the parser's words would quote the file
  }
  const file = recordOf(parsed, name);
  const auths = recordOf(file["auths"] ?? {}, name, "auths");
  const entries = new Map<string, unknown[]>();
  for (const [spelling, entry] of Object.entries(auths)) {
    const key = keyOf(spelling);
    if (key !== undefined) entries.set(key, [...(entries.get(key) ?? []), entry]);
  }
  const helpers = new Map<string, string>();
  for (const [spelling, helper] of Object.entries(
    recordOf(file["credHelpers"] ?? {}, name, "credHelpers"),
  )) {
    const key = keyOf(spelling);
    if (key !== undefined && typeof helper === "string" && helper !== "") helpers.set(key, helper);
  }
  const store = file["credsStore"];
  return { name, entries, helpers, ...(typeof store === "string" && store !== "" && { store }) };
}

/** The credentials in the entries of a key; an empty entry only marks that a helper has them. */
export function entryCredentials(file: AuthFile, key: string): Credentials | undefined {
  for (const value of file.entries.get(key) ?? []) {
    const entry = recordOf(value, file.name, key);
    const text = (name: string): string | undefined => {
      const field = entry[name];
      return typeof field === "string" && field !== "" ? field : undefined;
    };
    const origin = file.name;
    const registryToken = text("registrytoken");
    if (registryToken) return { kind: "bearer", token: registryToken, origin };
    const auth = text("auth");
    const login = auth === undefined ? undefined : decodeAuth(auth);
    if (auth !== undefined && login === undefined)
      throw invalid(file.name, `has an auth for ${key} that is not base64 of USER:PASSWORD`);
    const username = login?.username || text("username");
    const token = text("identitytoken");
    if (token) return { kind: "identity", token, origin, ...(username && { username }) };
    const password = login?.password || text("password");
    if (username && password) return { kind: "basic", username, password, origin };
  }
  return undefined;
}

/** The keys under which credentials for a repository may stand, the most precise first: `quay.io/org/app`, `quay.io/org`, `quay.io`. */
export function keysFor(registry: string, repository = ""): string[] {
  const parts = repository === "" ? [] : repository.split("/");
  return [...parts.keys(), parts.length]
    .reverse()
    .map((count) => [registry, ...parts.slice(0, count)].join("/"));
}

/** The one spelling of a key: docker writes `https://index.docker.io/v1/` and `https://HOST/v2/`, podman `docker.io` and `quay.io/org`. */
export function keyOf(spelling: string): string | undefined {
  const [host = "", ...path] = spelling
    .replace(/^https?:\/\//i, "")
    .replace(/\/+$/, "")
    .split("/");
  const version = path.length === 1 && /^v[12]$/.test(path[0] ?? "");
  try {
    const registry = parseRegistry(host);
    return version ? registry : [registry, ...path].join("/");
  } catch {
    return undefined; // somebody else's entry
  }
}

function decodeAuth(auth: string): { username: string; password: string } | undefined {
  if (!/^[A-Za-z0-9+/_-]+=*$/.test(auth.trim())) return undefined;
  const text = Buffer.from(auth, "base64").toString("utf8");
  const colon = text.indexOf(":");
  // Docker pads with NUL.
  return colon < 0
    ? undefined
    : { username: text.slice(0, colon), password: text.slice(colon + 1).replace(/\0+$/, "") };
}

function recordOf(value: unknown, name: string, field?: string): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw invalid(
    name,
    field === undefined ? "is not a JSON object" : `has no object under ${field}`,
  );
}

function invalid(name: string, why: string): WharfError {
  return new WharfError("CONFIG_INVALID", `${name} ${why}`);
}
