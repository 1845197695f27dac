/** TLS on a connected socket. Loaded when the first secure connection is made. */
import { readFileSync } from "node:fs";
import type { Socket } from "node:net";
import { isIP } from "node:net";
import {
  connect,
  createSecureContext,
  rootCertificates,
  type ConnectionOptions,
  type TLSSocket,
} from "node:tls";
import { ready } from "./connect.ts";

/** @throws the socket's error where the certificate is not trusted */
export function secure(
  socket: Socket,
  hostname: string,
  options: ConnectionOptions,
  signal: AbortSignal,
): Promise<TLSSocket> {
  const secured = connect({
    ...options,
    socket,
    host: hostname,
    ALPNProtocols: ["http/1.1"],
    ...(isIP(hostname) === 0 && { servername: hostname }),
  });
  return ready(secured, "secureConnect", signal);
}

export interface Trust {
  /** Do not check the host's certificate. */
  readonly insecure?: boolean;
  /** File of authorities that are trusted besides the usual ones. */
  readonly ca?: string;
  /** File of our own certificate, and of its key. */
  readonly cert?: string;
  readonly key?: string;
  /** File of authorities in place of the usual ones (`SSL_CERT_FILE`). */
  readonly roots?: string;
}

/** What TLS needs to know about a host. Reads the files it names. */
export function trustOptions(trust: Trust): ConnectionOptions {
  const options: ConnectionOptions = {};
  if (trust.insecure) options.rejectUnauthorized = false;
  const own: { ca?: (string | Buffer)[]; cert?: Buffer; key?: Buffer } = {};
  if (trust.ca || trust.roots) {
    const roots = trust.roots ? [readFileSync(trust.roots)] : rootCertificates;
    own.ca = trust.ca ? [...roots, readFileSync(trust.ca)] : [...roots];
  }
  if (trust.cert) own.cert = readFileSync(trust.cert);
  if (trust.key) own.key = readFileSync(trust.key);
  if (own.ca || own.cert || own.key) options.secureContext = createSecureContext(own);
  return options;
}
