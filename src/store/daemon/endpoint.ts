/**
 * Where the local daemon may listen.
 * Source: docker's CLI reference, "Environment variables" and "docker context"; podman-system-service(1).
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

import { WharfError } from "../../errors.ts";

/** A way to reach a daemon. */
export interface Endpoint {
  /** For messages: `unix:///var/run/docker.sock`. */
  readonly name: string;
  /** A Unix socket, or a named pipe of Windows. */
  readonly socketPath?: string;
  readonly host?: string;
  readonly port?: number;
  readonly encrypted?: boolean;
  /** Folder with ca.pem, cert.pem and key.pem. */
  readonly certificates?: string;
}

export interface EndpointOptions {
  /** The only place to look at, as in DOCKER_HOST. */
  readonly socket?: string;
  /** @default process.env */
  readonly environment?: NodeJS.ProcessEnv;
  /** @default the user's */
  readonly home?: string;
}

/**
 * The places to try, in this order. What the user names is the only one: `socket`, DOCKER_CONTEXT, DOCKER_HOST, the
 * context that `docker context use` has chosen. Else docker's usual sockets, and then podman's.
 *
 * @throws WharfError CONFIG_INVALID, UNSUPPORTED for ssh
 */
export function findEndpoints(options: EndpointOptions = {}): Endpoint[] {
  const { socket, environment = process.env, home = homedir() } = options;
  const folder = environment["DOCKER_CONFIG"] || join(home, ".docker");
  const wantsTls = Boolean(environment["DOCKER_TLS_VERIFY"] || environment["DOCKER_TLS"]);
  const certificates = wantsTls ? environment["DOCKER_CERT_PATH"] || folder : undefined;
  if (socket) return [parseEndpoint(socket, "the socket", certificates)];
  const context = environment["DOCKER_CONTEXT"];
  if (context && context !== "default") return [readContext(folder, context)];
  const host = environment["DOCKER_HOST"];
  if (host) return [parseEndpoint(host, "DOCKER_HOST", certificates)];
  const current = context ? undefined : currentContext(folder);
  if (current) return [readContext(folder, current)];
  return usualPlaces(environment, home);
}

function usualPlaces(environment: NodeJS.ProcessEnv, home: string): Endpoint[] {
  if (process.platform === "win32") {
    return ["docker_engine", "podman-machine-default"].map((name) =>
      parseEndpoint(`npipe:////./pipe/${name}`, "the usual place"),
    );
  }
  const runtime = environment["XDG_RUNTIME_DIR"];
  const sockets = ["/var/run/docker.sock", join(home, ".docker/run/docker.sock")];
  if (runtime) sockets.push(join(runtime, "docker.sock"));
  const places = sockets.map((path) => parseEndpoint(`unix://${path}`, "the usual place"));
  const podman = environment["CONTAINER_HOST"];
  // Podman speaks ssh to its machines; a daemon that was not asked for by name is no reason to fail.
  if (podman && !podman.startsWith("ssh:")) places.push(parseEndpoint(podman, "CONTAINER_HOST"));
  if (runtime)
    places.push(parseEndpoint(`unix://${runtime}/podman/podman.sock`, "the usual place"));
  places.push(parseEndpoint("unix:///run/podman/podman.sock", "the usual place"));
  return places;
}

/**
 * @param from who says so, for messages
 * @throws WharfError CONFIG_INVALID, UNSUPPORTED
 */
function parseEndpoint(text: string, from: string, certificates?: string): Endpoint {
  if (text.startsWith("/")) return { name: `unix://${text}`, socketPath: text };
  const path = /^(?:unix|npipe):\/\/(.+)$/.exec(text)?.[1];
  if (path) return { name: text, socketPath: path };
  if (text.startsWith("ssh://")) {
    throw new WharfError("UNSUPPORTED", `${from}: a daemon behind ssh cannot be reached directly`, {
      hint: "Forward its socket: `ssh -N -L /tmp/docker.sock:/var/run/docker.sock HOST`, and name that in DOCKER_HOST.",
    });
  }
  const match = /^(tcp|http|https):\/\/([^/?#]+)\/?$/.exec(text);
  // A scheme that URLs do not know keeps the port, whatever it is.
  const url = match && URL.parse(`tcp://${match[2]}`);
  if (!url || url.username || url.password) {
    throw new WharfError("CONFIG_INVALID", `${from}: is no address of a daemon`, {
      hint: "Write unix:///PATH or tcp://HOST:PORT.",
    });
  }
  const encrypted = certificates !== undefined || match[1] === "https";
  const port = url.port || (encrypted ? "2376" : "2375");
  return {
    name: `tcp://${url.hostname}:${port}`,
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: Number(port),
    encrypted,
    ...(certificates !== undefined && { certificates }),
  };
}

function currentContext(folder: string): string | undefined {
  const path = join(folder, "config.json");
  if (!existsSync(path)) return undefined;
  try {
    const { currentContext: name } = JSON.parse(readFileSync(path, "utf8")) as {
      currentContext?: unknown;
    };
    return typeof name === "string" && name !== "default" && name !== "" ? name : undefined;
  } catch {
    return undefined; // who needs the file for credentials says what is wrong with it
  }
}

/** A context's folder is named by the hash of its name. */
function readContext(folder: string, context: string): Endpoint {
  const from = `docker context ${JSON.stringify(context)}`;
  const id = createHash("sha256").update(context).digest("hex");
  try {
    const path = join(folder, "contexts", "meta", id, "meta.json");
    const { Endpoints } = JSON.parse(readFileSync(path, "utf8")) as {
      Endpoints?: { docker?: { Host?: unknown } };
    };
    const host = Endpoints?.docker?.Host;
    if (typeof host !== "string") throw new TypeError("it names no host");
    const certificates = join(folder, "contexts", "tls", id, "docker");
    return parseEndpoint(host, from, existsSync(certificates) ? certificates : undefined);
  } catch (error) {
    if (error instanceof WharfError) throw error;
    throw new WharfError("CONFIG_INVALID", `${from}: cannot be read: ${(error as Error).message}`, {
      hint: "See `docker context ls`, or name the daemon's socket in DOCKER_HOST.",
      cause: error,
    });
  }
}
