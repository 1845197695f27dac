/** What `wharf sandbox` tells whoever has started it. */
import { isError } from "../errors.ts";
import type { SandboxUrls } from "../sandbox/sandbox.ts";

export interface Running {
  readonly urls: SandboxUrls;
  readonly hubUrl: string;
  readonly host: string;
  readonly accounts: readonly {
    readonly name: string;
    readonly password: string;
    readonly totp?: string;
    readonly about: string;
  }[];
}

export interface Telling {
  /** Whether it holds what our seeds hold. */
  readonly ours: boolean;
  /** The configuration file that makes it Docker Hub for every command, where there is one. */
  readonly config?: string | undefined;
  readonly environment?: NodeJS.ProcessEnv;
}

/** Accounts, and commands that work as printed. */
export function whatToTry(running: Running, telling: Telling): string {
  const { urls, accounts } = running;
  if (accounts.length === 0) return "\nCtrl-C ends it.";
  const width = Math.max(...accounts.map(({ password }) => password.length));
  const names = Math.max(6, ...accounts.map(({ name }) => name.length));
  const second = accounts.find(({ totp }) => totp !== undefined);
  return [
    "",
    "Accounts, with their passwords:",
    ...accounts.map(({ name, password, about }) =>
      `  ${name.padEnd(names)} ${password.padEnd(width)}  ${about}`.trimEnd(),
    ),
    ...(second
      ? [`  ${second.name}'s code now: curl ${urls.control}/accounts/${second.name}/code`]
      : []),
    "",
    "In another terminal, in this folder, try:",
    ...commands(running, telling).map((line) => `  ${line}`),
    "",
    "Ctrl-C ends it.",
  ].join("\n");
}

function commands(
  { hubUrl, host, accounts }: Running,
  { ours, config, environment = process.env }: Telling,
): string[] {
  // Whoever came by npm has no `wharf` on the path.
  const wharf = environment.npm_execpath ? "npx wharf" : "wharf";
  const [{ name, password } = { name: "", password: "" }] = accounts;
  const identity = `export DOCKERHUB_USERNAME=${name} DOCKERHUB_PASSWORD=${password}`;
  if (config !== undefined)
    return [
      `export WHARF_CONFIG=${quoted(config)}  # every command then asks it`,
      identity,
      ...(ours
        ? [
            `${wharf} search hello`,
            `${wharf} inspect hello`,
            `${wharf} copy hello ${name}/first:v1`,
            `${wharf} hub tags ${name}/first`,
            `${wharf} hub repositories list harbour`,
          ]
        : [`${wharf} hub repositories list ${name}`]),
    ];
  return [
    `export DOCKERHUB_URL=${hubUrl}`,
    identity,
    ...(ours
      ? [
          `${wharf} hub repositories list harbour`,
          `${wharf} hub repositories create alice/first --description 'My first'`,
          `${wharf} hub tags harbour/api`,
          `${wharf} login ${host} --username ${name}`,
          `${wharf} copy ${host}/library/hello ${host}/alice/first:v1`,
          `${wharf} inspect ${host}/alice/first:v1`,
        ]
      : [`${wharf} hub repositories list ${name}`, `${wharf} login ${host} --username ${name}`]),
  ];
}

/** A configuration file (YAML) by which docker.io is the sandbox. */
export function configOf({ urls }: Pick<Running, "urls">): string {
  return [
    "# Written by wharf sandbox: docker.io is the sandbox.",
    "docker.io:",
    `  url: ${urls.registry}`,
    `  hubUrl: ${urls.hub}`,
    `  authUrl: ${urls.auth}`,
    `  scoutUrl: ${urls.scout}`,
    "",
  ].join("\n");
}

/** Starts at a port or, where that is taken and `fallback` says so, at any free one. */
export async function startAt<Started>(
  port: number,
  fallback: boolean,
  start: (port: number) => Promise<Started>,
): Promise<Started> {
  try {
    return await start(port);
  } catch (error) {
    if (fallback && isError(error, "PORT_IN_USE")) return start(0);
    throw error;
  }
}

/** As a word of a shell. */
function quoted(word: string): string {
  return /^[\w./@%+=:,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
