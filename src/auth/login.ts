/** Signs in and out: writes and reads the same entries as `docker login` and `podman login`. */
import { basename } from "node:path";
import type { Config } from "../config.ts";
import { WharfError } from "../errors.ts";
import type { Cancellable } from "../http/bytes.ts";
import type { HttpClient } from "../http/http.ts";
import { parseRegistry } from "../reference/hosts.ts";
import { type AuthFileOptions, type AuthFilePath, authFilePaths } from "./authFile.ts";
import { type Credentials, findCredentials } from "./credentials.ts";
import { eraseEntry, storeEntry } from "./entry.ts";
import type { HelperOptions } from "./helper.ts";
import { jwtUsername } from "./jwt.ts";
import { verifyCredentials } from "./verify.ts";

interface PlaceOptions extends AuthFileOptions, HelperOptions, Cancellable {
  /** `docker.io`, `localhost:5000` */
  readonly registry: string;
  /** The file to change. @default REGISTRY_AUTH_FILE, else docker's */
  readonly file?: string;
}

export interface LoginOptions extends PlaceOptions {
  readonly username?: string;
  /** Password or personal access token. */
  readonly password?: string;
  /** An identity token (OAuth2 refresh token) in place of a password. */
  readonly token?: string;
  /** Sends the request that checks the credentials. */
  readonly http: HttpClient;
  readonly config?: Pick<Config, "hosts">;
  /** Base address to check at. @default that of the registry, `https://HOST/v2/` */
  readonly url?: URL;
}

/** Who has signed in, and where the credentials are kept. */
export interface LoginResult {
  readonly registry: string;
  readonly username?: string;
  /** Path of the file, or name of the helper, that holds the credentials now. */
  readonly place: string;
  /** Whether the registry looked at the credentials; false where it lets in everybody. */
  readonly checked: boolean;
  /** What goes before the stored credentials, such as `GITHUB_TOKEN`. */
  readonly shadowedBy?: string;
}

/**
 * Checks credentials with the registry, then stores them: in the helper that docker's file names, else in the file.
 *
 * @throws WharfError UNAUTHORIZED where they are refused, and nothing is stored; USAGE; CREDENTIALS_NOT_SENT;
 *   CREDENTIAL_HELPER_FAILED; CONFIG_INVALID; FILE_FAILED; LOCKED
 * @example
 * await login({ registry: "docker.io", username: "me", password: token, http })
 */
export async function login(options: LoginOptions): Promise<LoginResult> {
  const registry = parseRegistry(options.registry);
  const credentials = credentialsOf(options);
  const checked = await verifyCredentials({ ...options, registry, credentials });
  const place = await storeEntry(fileOf(options), registry, credentials, options);
  const found = await findCredentials(options).find(registry);
  const origin = found.kind === "anonymous" ? undefined : found.origin;
  const { username } = credentials;
  return {
    registry,
    place,
    checked,
    ...(username !== undefined && { username }),
    ...(origin !== undefined && origin !== place && { shadowedBy: origin }),
  };
}

export interface LogoutResult {
  readonly registry: string;
  /** Files and helpers from which credentials were removed; empty where there were none. */
  readonly places: readonly string[];
  /** What still gives credentials for the registry, such as `GITHUB_TOKEN`. */
  readonly remaining?: string;
}

/**
 * Removes the credentials of a registry from docker's and podman's files and their helpers, or from `file` alone.
 * @throws WharfError CREDENTIAL_HELPER_FAILED, CONFIG_INVALID, FILE_FAILED, LOCKED
 */
export async function logout(options: PlaceOptions): Promise<LogoutResult> {
  const registry = parseRegistry(options.registry);
  const files = options.file === undefined ? authFilePaths(options) : [fileOf(options)];
  const places: string[] = [];
  for (const file of files) places.push(...(await eraseEntry(file, registry, options)));
  const left = await findCredentials(options).find(registry);
  const remaining = left.kind === "anonymous" ? undefined : left.origin;
  return { registry, places, ...(remaining !== undefined && { remaining }) };
}

/** Which credentials would be used at a registry; never the secret. */
export interface Identity {
  readonly registry: string;
  readonly kind: Credentials["kind"];
  readonly username?: string;
  /** Where the credentials come from: a file, a helper, a variable. */
  readonly origin?: string;
}

/**
 * Whose credentials would be used for a registry; nothing is asked of the registry.
 * @throws WharfError CREDENTIAL_HELPER_FAILED, CONFIG_INVALID, FILE_FAILED
 */
export async function whoami(
  options: { readonly registry: string } & AuthFileOptions & HelperOptions,
): Promise<Identity> {
  const registry = parseRegistry(options.registry);
  const found = await findCredentials(options).find(registry);
  if (found.kind === "anonymous") return { registry, kind: found.kind };
  const username = found.kind === "basic" ? found.username : usernameOf(found);
  return {
    registry,
    kind: found.kind,
    ...(username !== undefined && { username }),
    ...(found.origin !== undefined && { origin: found.origin }),
  };
}

function usernameOf(found: Extract<Credentials, { token: string }>): string | undefined {
  return (found.kind === "identity" ? found.username : undefined) ?? jwtUsername(found.token);
}

function credentialsOf({
  username,
  password,
  token,
}: LoginOptions): Extract<Credentials, { kind: "basic" | "identity" }> {
  // RFC 7617, section 2: a colon would end the name. Passwords are taken as they are: Google's are JSON with line breaks.
  if (username !== undefined && /[:\p{Cc}]/u.test(username)) {
    throw new WharfError("USAGE", "A user name cannot hold a colon or control characters");
  }
  if (token) return { kind: "identity", token, ...(username && { username }) };
  if (!username || !password) {
    throw new WharfError("USAGE", "To sign in takes a user name and a password, or a token");
  }
  return { kind: "basic", username, password };
}

function fileOf(options: PlaceOptions): AuthFilePath {
  const { file, environment = process.env } = options;
  const path = file ?? environment["REGISTRY_AUTH_FILE"];
  if (path) {
    const podman = file === undefined || basename(file) === "auth.json";
    return { path, owner: podman ? "podman" : "docker" };
  }
  const docker = authFilePaths(options).find(({ owner }) => owner === "docker");
  if (docker === undefined) throw new WharfError("INTERNAL", "Docker's file has no place");
  return docker;
}
