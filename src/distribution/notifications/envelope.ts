/**
 * What a receiver of notifications gets: the envelope that the CNCF's distribution sends, so that what was written for it
 * works. Source: distribution's documentation, "Work with notifications".
 */
import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { TLSSocket } from "node:tls";

import { name as repositoryName, path } from "../../reference/path.ts";
import type { RegistryEvent } from "../exchange.ts";

/** `Content-Type` of the envelope. */
export const envelopeType = "application/vnd.docker.distribution.events.v1+json";

/** The body of each request: one event, in a list as the format wants it. */
export interface Envelope {
  readonly events: readonly Notification[];
}

/** One event, as it is sent. */
export interface Notification {
  /** Unique: an event that is sent again, because its receipt is not certain, has the same. */
  readonly id: string;
  /** RFC 3339. */
  readonly timestamp: string;
  readonly action: RegistryEvent["action"];
  readonly target: NotificationTarget;
  readonly request: {
    readonly id: string;
    /** Address and port of the client. */
    readonly addr: string;
    readonly host: string;
    readonly method: string;
    readonly useragent: string;
  };
  /** Who asked; empty where nobody had to sign in. */
  readonly actor: { readonly name?: string };
  readonly source: { readonly addr: string; readonly instanceID: string };
}

export interface NotificationTarget {
  readonly mediaType?: string;
  readonly digest?: string;
  /** Bytes. */
  readonly size?: number;
  /** The same as `size`. */
  readonly length?: number;
  readonly repository: string;
  /** Where the content can be pulled; not of what was deleted. */
  readonly url?: string;
  readonly tag?: string;
  /** Where a blob was mounted from. */
  readonly fromRepository?: string;
}

/** Characters kept of what a client says of itself, so that it cannot fill the queue. */
const longest = 300;

const instance = randomUUID();

/**
 * The event as it is sent.
 * @param origin by which receivers reach the registry; without it, as the client called it
 */
export function describeEvent(event: RegistryEvent, origin?: string): Notification {
  const { action, request, user } = event;
  const { socket, headers, method = "" } = request;
  const host = (headers.host ?? "").slice(0, longest);
  const scheme = (socket as Partial<TLSSocket>).encrypted ? "https" : "http";
  return {
    id: randomUUID(),
    timestamp: new Date().toISOString(),
    action,
    target: targetOf(event, origin ?? `${scheme}://${host}`),
    request: {
      id: randomUUID(),
      addr: addressOf(socket.remoteAddress, socket.remotePort),
      host,
      method,
      useragent: (headers["user-agent"] ?? "").slice(0, longest),
    },
    actor: user === undefined ? {} : { name: user },
    source: { addr: addressOf(hostname(), socket.localPort), instanceID: instance },
  };
}

function targetOf(event: RegistryEvent, origin: string): NotificationTarget {
  const { action, kind, repository, digest, tag, size, from } = event;
  const common = {
    ...(digest !== undefined && { digest }),
    repository,
    ...(tag !== undefined && { tag }),
    ...(from !== undefined && { fromRepository: from }),
  };
  if (action === "delete" || digest === undefined) return common;
  const name = repositoryName(repository);
  const mediaType = event.mediaType ?? "application/octet-stream";
  const where =
    kind === "blob" ? path`/v2/${name}/blobs/${digest}` : path`/v2/${name}/manifests/${digest}`;
  return {
    mediaType,
    ...(size !== undefined && { size, length: size }),
    ...common,
    url: origin + where,
  };
}

function addressOf(host = "", port?: number): string {
  const written = host.includes(":") ? `[${host}]` : host;
  return port === undefined ? written : `${written}:${port}`;
}
