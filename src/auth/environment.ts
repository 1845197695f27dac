/** Credentials in environment variables. Each belongs to one registry: a secret goes nowhere else. */
import { readFileSync } from "node:fs";
import { WharfError } from "../errors.ts";
import { dockerHub, parseRegistry } from "../reference/hosts.ts";
import type { Credentials } from "./credentials.ts";

type Environment = NodeJS.ProcessEnv;

/**
 * Credentials for `registry` that the environment holds, `undefined` where it holds none.
 *
 * For the registry that `WHARF_REGISTRY` names, and no other:
 * - `WHARF_TOKEN` alone: a token that goes to the registry as it is; with `WHARF_USERNAME` a personal access token, used in place of a password;
 * - `WHARF_USERNAME` and `WHARF_PASSWORD`.
 *
 * For docker.io: `DOCKER_HUB_USER` and `DOCKER_HUB_TOKEN`, or `DOCKERHUB_USERNAME` and `DOCKERHUB_TOKEN` or `DOCKERHUB_PASSWORD`;
 * half of a pair counts as none. For ghcr.io: `GITHUB_TOKEN`, with `GITHUB_ACTOR` as the user where it is set.
 *
 * Each may have `_FILE` at its end and name a file that holds the value; the variable without it wins. Empty counts as unset.
 * @throws WharfError CONFIG_INVALID for a `WHARF_` secret without registry or user, or a file that cannot be read
 */
export function environmentCredentials(
  environment: Environment,
  registry: string,
): Credentials | undefined {
  const own = ownCredentials(environment, registry);
  if (own !== undefined) return own;
  if (registry === dockerHub) {
    return (
      pair(environment, "DOCKER_HUB_USER", "DOCKER_HUB_TOKEN") ??
      pair(environment, "DOCKERHUB_USERNAME", "DOCKERHUB_TOKEN") ??
      pair(environment, "DOCKERHUB_USERNAME", "DOCKERHUB_PASSWORD")
    );
  }
  if (registry === "ghcr.io") {
    const token = readSecret(environment, "GITHUB_TOKEN");
    // ghcr.io looks at the token alone, but wants some user.
    const username = readSecret(environment, "GITHUB_ACTOR") ?? "token";
    if (token) return { kind: "basic", username, password: token, origin: "GITHUB_TOKEN" };
  }
  return undefined;
}

function ownCredentials(environment: Environment, registry: string): Credentials | undefined {
  const names = ["WHARF_TOKEN", "WHARF_PASSWORD", "WHARF_USERNAME"];
  const given = names.find((name) => environment[name] || environment[`${name}_FILE`]);
  if (given === undefined) return undefined;
  const owner = environment["WHARF_REGISTRY"];
  if (!owner) {
    throw new WharfError("CONFIG_INVALID", `${given} is set, but WHARF_REGISTRY is not`, {
      hint: "Set WHARF_REGISTRY to the registry that it is for: it is sent to no other.",
    });
  }
  if (parseRegistry(owner) !== registry) return undefined;
  const username = readSecret(environment, "WHARF_USERNAME");
  const token = readSecret(environment, "WHARF_TOKEN");
  const password = readSecret(environment, "WHARF_PASSWORD");
  if (token && !username) return { kind: "bearer", token, origin: "WHARF_TOKEN" };
  const origin = token ? "WHARF_TOKEN" : "WHARF_PASSWORD";
  const secret = token ?? password;
  if (username && secret) return { kind: "basic", username, password: secret, origin };
  const missing = username ? "WHARF_PASSWORD nor WHARF_TOKEN" : "WHARF_USERNAME";
  throw new WharfError(
    "CONFIG_INVALID",
    `${given} is set, but ${username ? "neither " : "not "}${missing}`,
    {
      hint: "Set user and password, or user and token, or a token alone.",
    },
  );
}

function pair(environment: Environment, user: string, secret: string): Credentials | undefined {
  const username = readSecret(environment, user);
  const password = username === undefined ? undefined : readSecret(environment, secret);
  if (username === undefined || password === undefined) return undefined;
  return { kind: "basic", username, password, origin: secret };
}

/** The value of a variable, or of the file that its `_FILE` names; a line break at the end of the file is no part of it. */
export function readSecret(environment: Environment, name: string): string | undefined {
  const value = environment[name];
  if (value) return value;
  const path = environment[`${name}_FILE`];
  if (!path) return undefined;
  try {
    return readFileSync(path, "utf8").replace(/\r?\n$/, "") || undefined;
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    throw new WharfError("CONFIG_INVALID", `${name}_FILE: ${path} cannot be read (${code})`);
  }
}
