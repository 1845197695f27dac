/** Runs docker's credential helpers: `docker-credential-NAME get|store|erase`, see Docker's "Credential helper protocol". */
import { WharfError } from "../errors.ts";
import { dockerHub } from "../reference/hosts.ts";
import type { Credentials } from "./credentials.ts";

export interface HelperOptions {
  /** For `PATH`, and passed on. @default process.env */
  readonly environment?: NodeJS.ProcessEnv;
  /** Milliseconds; a helper may have to ask its user to unlock something. @default 60 000 */
  readonly timeout?: number;
}

// Tokens of cloud registries have some 2 KiB.
const outputLimit = 256 * 1024;
// How a helper marks an identity token (docker-credential-helpers, and Docker's CLI).
const tokenUser = "<token>";

/** How a helper knows a registry. */
export function helperServer(registry: string): string {
  return registry === dockerHub ? "https://index.docker.io/v1/" : registry;
}

/**
 * What a helper holds for a server, `undefined` where it has nothing.
 * @throws WharfError CREDENTIAL_HELPER_FAILED
 */
export async function getFromHelper(
  helper: string,
  server: string,
  options?: HelperOptions,
): Promise<Credentials | undefined> {
  const { status, output } = await run(helper, "get", server, options);
  if (status !== 0) {
    if (isAbsence(output)) return undefined;
    throw failure(helper, `get ${server}`, status, output);
  }
  const answer = parse(output);
  const username = answer?.["Username"];
  const secret = answer?.["Secret"];
  if (typeof username !== "string" || typeof secret !== "string") {
    throw new WharfError(
      "CREDENTIAL_HELPER_FAILED",
      `${programOf(helper)} did not answer with JSON`,
    );
  }
  if (secret === "") return undefined;
  const origin = programOf(helper);
  return username === tokenUser
    ? { kind: "identity", token: secret, origin }
    : { kind: "basic", username, password: secret, origin };
}

/** @throws WharfError CREDENTIAL_HELPER_FAILED */
export async function storeInHelper(
  helper: string,
  server: string,
  credentials: Extract<Credentials, { kind: "basic" | "identity" }>,
  options?: HelperOptions,
): Promise<void> {
  const input = JSON.stringify(
    credentials.kind === "basic"
      ? { ServerURL: server, Username: credentials.username, Secret: credentials.password }
      : { ServerURL: server, Username: tokenUser, Secret: credentials.token },
  );
  const { status, output } = await run(helper, "store", input, options);
  if (status !== 0) throw failure(helper, `store ${server}`, status, output);
}

/**
 * Whether there was something to erase.
 * @throws WharfError CREDENTIAL_HELPER_FAILED
 */
export async function eraseFromHelper(
  helper: string,
  server: string,
  options?: HelperOptions,
): Promise<boolean> {
  const { status, output } = await run(helper, "erase", server, options);
  if (status !== 0 && !isAbsence(output)) throw failure(helper, `erase ${server}`, status, output);
  return status === 0;
}

function programOf(helper: string): string {
  return `docker-credential-${helper}`;
}

function isAbsence(output: string): boolean {
  return /credentials not found/i.test(output);
}

function parse(output: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(output);
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch {
    return undefined; // the parser's words would quote what may be a secret
  }
}

/** Helpers put their complaint on stdout; what looks like an answer is not repeated. */
function failure(
  helper: string,
  what: string,
  status: number | string,
  output: string,
): WharfError {
  const line = output.trim().split(/\r?\n/, 1)[0] ?? "";
  const said = /^[\w '".,:;()/-]{1,200}$/.test(line) && what.startsWith("get") ? `: ${line}` : "";
  return new WharfError(
    "CREDENTIAL_HELPER_FAILED",
    `${programOf(helper)} ${what} failed (${status})${said}`,
  );
}

async function run(
  helper: string,
  verb: "get" | "store" | "erase",
  input: string,
  { environment = process.env, timeout = 60_000 }: HelperOptions = {},
): Promise<{ status: number | string; output: string }> {
  // The name comes from a file: it must not lead to a program elsewhere.
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(helper)) {
    throw new WharfError(
      "CONFIG_INVALID",
      `A credential helper cannot be called ${JSON.stringify(helper)}`,
    );
  }
  const program = programOf(helper);
  const { spawn } = await import("node:child_process");
  return new Promise((resolve, reject) => {
    const child = spawn(program, [verb], {
      env: environment,
      stdio: ["pipe", "pipe", "ignore"],
      windowsHide: true,
    });
    const chunks: Buffer[] = [];
    let size = 0;
    const give = (why: string, hint?: string): void => {
      clearTimeout(timer);
      child.kill("SIGKILL");
      child.stdout.destroy();
      reject(
        new WharfError(
          "CREDENTIAL_HELPER_FAILED",
          `${program} ${why}`,
          hint === undefined ? {} : { hint },
        ),
      );
    };
    const timer = setTimeout(() => give(`did not answer within ${timeout / 1000} s`), timeout);
    child.on("error", (error: NodeJS.ErrnoException) =>
      error.code === "ENOENT"
        ? give("is not installed", `Install it, or remove "${helper}" from docker's config.json.`)
        : give(`could not be run (${error.code})`),
    );
    child.stdin.on("error", () => {}); // it may end without reading
    child.stdin.end(input);
    child.stdout.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > outputLimit) give(`printed more than ${outputLimit / 1024} KiB`);
      else chunks.push(chunk);
    });
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      resolve({
        status: code ?? signal ?? "ended",
        output: Buffer.concat(chunks).toString("utf8"),
      });
    });
  });
}
