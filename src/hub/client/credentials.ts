/** Who signs in to Docker Hub. */
import { WharfError } from "../../errors.ts";
import { type CredentialSource, findCredentials } from "../../auth/credentials.ts";
import { readSecret } from "../../auth/environment.ts";
import { readJwt } from "../../auth/jwt.ts";
import { registryAt } from "./addresses.ts";
import { hubSessions } from "./sessionFile.ts";

/**
 * What is shown to Docker Hub:
 * `secret`: a Docker ID and its password or personal access token, or an organization's name and its access token;
 * `login`: the same by the older `/v2/users/login`, which knows a second factor: `code` is asked for when it is wanted;
 * `jwt`: a token of a session that somebody else opened;
 * `anonymous`: nothing.
 */
export type HubCredentials =
  | {
      readonly kind: "secret";
      readonly identifier: string;
      readonly secret: string;
      /** Where it was found, in words for people. */
      readonly origin?: string;
    }
  | {
      readonly kind: "login";
      readonly username: string;
      readonly password: string;
      readonly code?: (() => string | Promise<string>) | undefined;
      readonly origin?: string;
    }
  | { readonly kind: "jwt"; readonly token: string; readonly origin?: string }
  | { readonly kind: "anonymous" };

/** Where {@link findHubCredentials} looks. */
export interface FindHubCredentialsOptions {
  /** @default process.env */
  readonly environment?: NodeJS.ProcessEnv;
  /** Docker's and podman's files. @default those of the user */
  readonly files?: CredentialSource;
  /** Where Docker Hub is: a session that `wharf hub login` opened there counts too. @default none does */
  readonly url?: URL;
  /**
   * Whose credentials of docker's and podman's files are meant.
   * @default docker.io, or the host of a `url` that is not Docker's
   */
  readonly registry?: string;
}

/** Ready tokens of a session; a value elsewhere that is one is recognised too. */
const jwtNames = ["DOCKERHUB_JWT", "DOCKER_HUB_LOGIN_TOKEN"];

const users = ["DOCKER_HUB_USER", "DOCKERHUB_USERNAME", "DOCKER_HUB_USERNAME"];
const tokens = ["DOCKER_HUB_TOKEN", "DOCKERHUB_TOKEN", "HUB_PAT_TOKEN"];
const passwords = ["DOCKERHUB_PASSWORD", "DOCKER_HUB_PASSWORD"];

/**
 * Credentials by precedence: a JWT, a token, user and password (each of the environment, `…_FILE` included), a session
 * that was opened before, docker's and podman's files for docker.io, anonymous.
 *
 * @throws WharfError CONFIG_INVALID for a token without a user, or a file that cannot be read
 * @example
 * await findHubCredentials({ environment: { DOCKERHUB_USERNAME: "me", DOCKERHUB_TOKEN: "dckr_pat_…" } })
 */
export async function findHubCredentials(
  options: FindHubCredentialsOptions = {},
): Promise<HubCredentials> {
  const { environment = process.env } = options;
  const given = fromEnvironment(environment);
  if (given !== undefined) return given;
  const session = options.url && hubSessions(environment).find(options.url);
  if (session) return { kind: "jwt", token: session.token, origin: "wharf hub login" };
  const files = options.files ?? findCredentials({ environment });
  const found = await files.find(
    options.registry ?? (options.url ? registryAt(options.url, undefined) : "docker.io"),
  );
  const origin = "origin" in found && found.origin !== undefined ? { origin: found.origin } : {};
  switch (found.kind) {
    case "basic":
      if (isJwt(found.password)) return { kind: "jwt", token: found.password, ...origin };
      return { kind: "secret", identifier: found.username, secret: found.password, ...origin };
    case "bearer":
      return { kind: "jwt", token: found.token, ...origin };
    default:
      // A refresh token is for the registry's token service alone.
      return { kind: "anonymous" };
  }
}

function fromEnvironment(environment: NodeJS.ProcessEnv): HubCredentials | undefined {
  const jwt = firstOf(environment, jwtNames);
  if (jwt !== undefined) return { kind: "jwt", token: jwt.value, origin: jwt.name };
  const token = firstOf(environment, tokens);
  if (token !== undefined && isJwt(token.value))
    return { kind: "jwt", token: token.value, origin: token.name };
  const secret = token ?? firstOf(environment, passwords);
  if (secret === undefined) return undefined;
  const user = firstOf(environment, users);
  if (user === undefined) {
    throw new WharfError(
      "CONFIG_INVALID",
      `${secret.name} is set, but no user that it belongs to`,
      {
        hint: `Set ${users.join(", ")} or unset it. For an organization's token the user is the organization.`,
      },
    );
  }
  return { kind: "secret", identifier: user.value, secret: secret.value, origin: secret.name };
}

function firstOf(environment: NodeJS.ProcessEnv, names: readonly string[]) {
  for (const name of names) {
    const value = readSecret(environment, name)?.trim();
    if (value) return { name, value };
  }
  return undefined;
}

/** Whether a secret is the token of a session rather than a personal access token or a password. */
export function isJwt(text: string): boolean {
  return text.startsWith("eyJ") && readJwt(text) !== undefined;
}
