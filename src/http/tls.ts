/** TLS on a connected socket. Loaded when the first secure connection is made. */
import { readFileSync } from "node:fs";
import { isIP, type Socket } from "node:net";
import {
  connect,
  type ConnectionOptions,
  createSecureContext,
  getCACertificates,
  rootCertificates,
  type TLSSocket,
} from "node:tls";
import { WharfError } from "../errors.ts";
import { ready } from "./ready.ts";

/** Whom to believe to be a host, and as whom to sign in. */
export interface Trust {
  /** Do not check the host's certificate. */
  readonly insecure?: boolean | undefined;
  /** Files of authorities that are trusted besides the usual ones. */
  readonly authorities?: readonly string[];
  /** File of our own certificate. */
  readonly cert?: string | undefined;
  /** File of its key. @default `cert` */
  readonly key?: string | undefined;
  /** File of authorities in place of the usual ones (`SSL_CERT_FILE`). */
  readonly roots?: string | undefined;
}

/** What was read for a host; files are read once. */
const known = new WeakMap<Trust, ConnectionOptions>();

/**
 * @throws the socket's error where the certificate is not trusted; WharfError CONFIG_INVALID where a file that `trust`
 *   names is of no use
 */
export function secure(
  socket: Socket,
  hostname: string,
  trust: Trust,
  signal: AbortSignal,
): Promise<TLSSocket> {
  let options = known.get(trust);
  if (!options) {
    options = connectionOptions(trust, false);
    known.set(trust, options);
  }
  const secured = connect({
    ...options,
    socket,
    host: hostname,
    ALPNProtocols: ["http/1.1"],
    ...(isIP(hostname) === 0 && { servername: hostname }),
  });
  return ready(secured, "secureConnect", signal);
}

/**
 * Adds the system's authorities, where Node's own do not know a host's: a company's may be there. They are not used
 * from the start because reading them takes longer than a request.
 * @returns whether that is new
 */
export function trustSystem(trust: Trust): boolean {
  if (trust.roots || trust.insecure || withSystem.has(trust)) return false;
  withSystem.add(trust);
  known.set(trust, connectionOptions(trust, true));
  return true;
}

const withSystem = new WeakSet<Trust>();

function connectionOptions(trust: Trust, system: boolean): ConnectionOptions {
  const { insecure, authorities = [], cert, key, roots } = trust;
  const options: ConnectionOptions = {};
  if (insecure) options.rejectUnauthorized = false;
  const own: Parameters<typeof createSecureContext>[0] = {};
  if (authorities.length > 0 || roots || system) {
    const usual = roots ? [readPem(roots)] : [...rootCertificates];
    const more = system ? getCACertificates("system") : [];
    own.ca = [...usual, ...more, ...authorities.map(readPem)];
  }
  if (cert) {
    own.cert = readPem(cert);
    own.key = readPem(key ?? cert);
  }
  if (Object.keys(own).length === 0) return options;
  try {
    options.secureContext = createSecureContext(own);
  } catch (cause) {
    const files = [roots, ...authorities, cert, key].filter((file) => file !== undefined);
    throw new WharfError("CONFIG_INVALID", `No certificate and key in PEM: ${files.join(", ")}`, {
      cause,
    });
  }
  return options;
}

function readPem(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch (cause) {
    throw new WharfError("CONFIG_INVALID", `Certificate file ${file} cannot be read`, { cause });
  }
}
