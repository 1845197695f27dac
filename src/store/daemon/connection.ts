/** HTTP to a daemon on its socket. */
import { readFileSync } from "node:fs";
import type { ClientRequest } from "node:http";
import { join } from "node:path";

import { interrupted, WharfError } from "../../errors.ts";
import type { Cancellable } from "../../http/bytes.ts";
import { findEndpoints, type Endpoint, type EndpointOptions } from "./endpoint.ts";
import { answerTo, codeOf, refusal } from "./exchange.ts";

export interface DaemonOptions extends EndpointOptions, Cancellable {
  /** Milliseconds in which a daemon must have taken the connection and answered a ping. @default 5 000 */
  readonly pingTimeout?: number;
  /**
   * Milliseconds without a byte in either direction. The daemon packs and unpacks whole images before it says a word, so
   * it may take its time. @default 900 000
   */
  readonly idleTimeout?: number;
}

/** A daemon that answers. */
export interface Daemon {
  /** For messages: `unix:///var/run/docker.sock`. */
  readonly name: string;
  /** Begins a request; the caller sends the body, ends it and waits for the answer. */
  begin(method: "GET" | "POST", path: string, headers?: Record<string, string>): ClientRequest;
}

/**
 * Finds the first daemon that answers.
 * @throws WharfError DAEMON_UNREACHABLE, which names every socket that was tried and what was wrong with it;
 *   CONFIG_INVALID, UNSUPPORTED, INTERRUPTED
 */
export async function connectDaemon(options: DaemonOptions = {}): Promise<Daemon> {
  const faults: WharfError[] = [];
  for (const endpoint of findEndpoints(options)) {
    const daemon = { name: endpoint.name, begin: await transportOf(endpoint) };
    try {
      await ping(daemon, options);
      return daemon;
    } catch (error) {
      if (options.signal?.aborted) throw interrupted(options.signal);
      if (!(error instanceof WharfError)) throw error;
      faults.push(error);
    }
  }
  const denied = faults.some(({ cause }) => codeOf(cause) === "EACCES");
  const tried = faults.map(({ message }) => message).join("; ");
  throw new WharfError("DAEMON_UNREACHABLE", `No daemon answers: ${tried}`, {
    ...(denied && {
      hint: "The socket is there, but not for you: join the group that it belongs to (docker), or run as root.",
    }),
    cause: faults[0],
  });
}

async function ping(daemon: Daemon, { pingTimeout = 5_000, signal }: DaemonOptions): Promise<void> {
  const request = daemon.begin("GET", "/_ping");
  request.end();
  const answer = await answerTo(daemon, request, {
    timeout: pingTimeout,
    ...(signal && { signal }),
  });
  if (answer.statusCode !== 200) throw await refusal(daemon, answer, "ping");
  answer.destroy();
}

async function transportOf(endpoint: Endpoint): Promise<Daemon["begin"]> {
  const { socketPath, host, port, encrypted } = endpoint;
  const address = socketPath === undefined ? { host, port } : { socketPath };
  const { request } = await (encrypted ? import("node:https") : import("node:http"));
  const certificates = encrypted ? readCertificates(endpoint) : {};
  return (method, path, headers) =>
    // On a socket the host means nothing, but HTTP wants one.
    request({
      ...address,
      ...certificates,
      agent: false,
      method,
      path,
      headers: { ...(socketPath !== undefined && { host: "docker" }), ...headers },
    });
}

function readCertificates({ certificates, name }: Endpoint): {
  ca?: Buffer;
  cert?: Buffer;
  key?: Buffer;
} {
  if (certificates === undefined) return {};
  try {
    const read = (file: string): Buffer => readFileSync(join(certificates, file));
    return { ca: read("ca.pem"), cert: read("cert.pem"), key: read("key.pem") };
  } catch (error) {
    throw new WharfError(
      "CONFIG_INVALID",
      `${name}: its certificates cannot be read: ${(error as Error).message}`,
      {
        hint: "Put ca.pem, cert.pem and key.pem there, or name their folder in DOCKER_CERT_PATH.",
        cause: error,
      },
    );
  }
}
