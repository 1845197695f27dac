/** How an exchange can fail, and what that is called above. */
import { type ErrorCode, WharfError } from "../errors.ts";
import type { Method } from "./http.ts";
import { redactUrl } from "./redact.ts";

export interface FailureOptions {
  /** Whether the server cannot have seen any of the request. @default false */
  readonly unsent?: boolean | undefined;
  /** Whether another try may end otherwise. @default true */
  readonly repeatable?: boolean | undefined;
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

/** An exchange that failed on its way; becomes a `WharfError` when nobody repeats it. */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly code: ErrorCode;
  readonly unsent: boolean;
  readonly repeatable: boolean;
  readonly hint: string | undefined;
  /** Whether the connection had served before and broke without a byte: the host was closing it as we wrote. */
  stale = false;

  constructor(code: ErrorCode, message: string, options: FailureOptions = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.unsent = options.unsent ?? false;
    this.repeatable = options.repeatable ?? true;
    this.hint = options.hint;
  }
}

/**
 * The error that the caller sees: one line with method and address.
 * @param attempts how often it was tried in all
 */
export function failed(failure: Failure, method: Method, url: URL, attempts = 1): WharfError {
  const address = redactUrl(url);
  const { code, message, hint, cause } = failure;
  const tried = attempts > 1 ? ` (tried ${attempts} times)` : "";
  const details = { method, url: address, hint, cause };
  return new WharfError(code, `${method} ${address}: ${message}${tried}`, details);
}

/** OpenSSL's and Node's words for a certificate that is refused, in ours. */
const certificateFaults: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: "certificate is self-signed",
  SELF_SIGNED_CERT_IN_CHAIN:
    "certificate comes from an authority that is not trusted (self-signed)",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "certificate comes from an unknown authority",
  UNABLE_TO_GET_ISSUER_CERT: "certificate comes from an unknown authority",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "certificate comes from an unknown authority",
  CERT_HAS_EXPIRED: "certificate has expired",
  CERT_NOT_YET_VALID: "certificate is not valid yet",
  CERT_REVOKED: "certificate has been revoked",
  CERT_UNTRUSTED: "certificate is not trusted",
  CERT_REJECTED: "certificate is rejected",
  CERT_SIGNATURE_FAILURE: "certificate's signature is wrong",
  CERT_CHAIN_TOO_LONG: "certificate chain is too long",
  INVALID_PURPOSE: "certificate is not for servers",
  INVALID_CA: "certificate comes from what is no authority",
  HOSTNAME_MISMATCH: "certificate is for another name",
};

/** Whether a host's certificate was refused only because its authority is not known. */
export function isUnknownAuthority(error: unknown): boolean {
  const { code } = innermost(error);
  return /^UNABLE_TO_(?:VERIFY_LEAF|GET_ISSUER)|^SELF_SIGNED_CERT_IN_CHAIN$/.test(code ?? "");
}

const connectFaults: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset",
  EPIPE: "connection closed by the host",
  EHOSTUNREACH: "host is unreachable",
  ENETUNREACH: "network is unreachable",
  EADDRNOTAVAIL: "address is not available",
  ETIMEDOUT: "connection timed out",
  ENOTFOUND: "host name not found",
  EAI_AGAIN: "host name could not be looked up for now",
  EAI_NODATA: "host name has no address",
  EACCES: "connection not permitted",
};

interface SystemError extends Error {
  code?: string;
  errors?: unknown[];
  hostname?: string;
}

/**
 * Classifies an error of a socket.
 * @param stage connecting: nothing has been sent
 */
export function classify(error: unknown, stage: "connecting" | "exchanging"): Failure {
  if (error instanceof Failure) return error;
  const unsent = stage === "connecting";
  const fault = innermost(error);
  const code = fault.code ?? "";
  const options = { unsent, cause: error };
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    return new Failure("TLS_UNTRUSTED", altNames(fault), { ...options, repeatable: false });
  }
  const certificate = certificateFaults[code];
  if (certificate) {
    return new Failure("TLS_UNTRUSTED", certificate, { ...options, repeatable: false });
  }
  if (code === "ERR_SSL_WRONG_VERSION_NUMBER" || code === "ERR_SSL_PACKET_LENGTH_TOO_LONG") {
    return new Failure("CONNECTION_FAILED", "host does not speak TLS on this port", {
      ...options,
      repeatable: false,
      hint: "If it serves plain HTTP, say `--plain-http=HOST`.",
    });
  }
  if (/CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE|BAD_CERTIFICATE|UNKNOWN_CA/.test(code)) {
    return new Failure("CONNECTION_FAILED", "host refused the TLS handshake", {
      ...options,
      repeatable: false,
      hint: "It may want a client certificate: set `cert` and `key` of the host.",
    });
  }
  if (code.startsWith("ERR_SSL") || code === "EPROTO") {
    return new Failure("CONNECTION_FAILED", `TLS failed (${code})`, {
      ...options,
      repeatable: false,
    });
  }
  const known = connectFaults[code];
  if (known) {
    const name = code === "ENOTFOUND" && fault.hostname ? `: ${fault.hostname}` : "";
    return new Failure("CONNECTION_FAILED", known + name, {
      ...options,
      repeatable: code !== "ENOTFOUND",
    });
  }
  return new Failure("CONNECTION_FAILED", fault.message || "connection failed", options);
}

/** Happy eyeballs gives one error for all addresses tried: the first says enough. */
function innermost(error: unknown): SystemError {
  if (!(error instanceof Error)) return new Error(String(error));
  const system = error as SystemError;
  const first = system.errors?.[0];
  if (first instanceof Error) return first as SystemError;
  return system;
}

function altNames(error: SystemError): string {
  const certificate = (error as { cert?: { subjectaltname?: string } }).cert;
  const names = certificate?.subjectaltname?.replace(/DNS:|IP Address:/g, "").slice(0, 200);
  return `certificate is for another name${names ? ` (${names})` : ""}`;
}
