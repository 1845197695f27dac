/**
 * How the wire says no: distribution-spec 1.1, "Error Codes".
 */
import { type ErrorCode, WharfError } from "../errors.ts";

/** Each code with the status it usually comes with. The last two are for failures of ours (5xx), for which the specification names none. */
const statuses = {
  BLOB_UNKNOWN: 404,
  BLOB_UPLOAD_INVALID: 400,
  BLOB_UPLOAD_UNKNOWN: 404,
  DIGEST_INVALID: 400,
  MANIFEST_BLOB_UNKNOWN: 404,
  MANIFEST_INVALID: 400,
  MANIFEST_UNKNOWN: 404,
  NAME_INVALID: 400,
  NAME_UNKNOWN: 404,
  SIZE_INVALID: 400,
  UNAUTHORIZED: 401,
  DENIED: 403,
  UNSUPPORTED: 405,
  TOOMANYREQUESTS: 429,
  UNKNOWN: 500,
  UNAVAILABLE: 503,
} as const;

/** A code as clients read it. Source: distribution-spec 1.1, "Error Codes"; UNKNOWN and UNAVAILABLE are ours. */
export type RefusalCode = keyof typeof statuses;

/** What a refusal says beside its code and its message. */
export interface RefusalDetails {
  /** HTTP status, where it is not the usual one of the code. */
  readonly status?: number;
  /** Header fields of the answer, names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What a program may want to know; any JSON. */
  readonly detail?: unknown;
  /** What it came from; clients are not told. */
  readonly cause?: unknown;
}

/** Thrown to end a request with an error of the protocol. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: RefusalCode;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly detail: unknown;

  constructor(code: RefusalCode, message: string, details: RefusalDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.status = details.status ?? statuses[code];
    this.headers = details.headers ?? {};
    this.detail = details.detail;
  }

  /** The body: `{"errors":[{code, message, detail}]}`. */
  envelope(): Buffer {
    const { code, message, detail } = this;
    return Buffer.from(JSON.stringify({ errors: [{ code, message, detail }] }));
  }
}

/** What a store's error is on the wire; a code that is not here is our failure, and its message stays with us. */
const wireCodes: Partial<Record<ErrorCode, [RefusalCode, status?: number]>> = {
  REFERENCE_INVALID: ["NAME_INVALID"],
  DIGEST_INVALID: ["DIGEST_INVALID"],
  DIGEST_MISMATCH: ["DIGEST_INVALID"],
  SIZE_MISMATCH: ["SIZE_INVALID"],
  MANIFEST_INVALID: ["MANIFEST_INVALID"],
  MANIFEST_TOO_LARGE: ["MANIFEST_INVALID", 413],
  MANIFEST_NOT_FOUND: ["MANIFEST_UNKNOWN"],
  BLOB_NOT_FOUND: ["BLOB_UNKNOWN"],
  REPOSITORY_NOT_FOUND: ["NAME_UNKNOWN"],
  UPLOAD_UNKNOWN: ["BLOB_UPLOAD_UNKNOWN"],
  UPLOAD_INVALID: ["BLOB_UPLOAD_INVALID", 416],
  UNAUTHORIZED: ["UNAUTHORIZED"],
  FORBIDDEN: ["DENIED"],
  RATE_LIMITED: ["TOOMANYREQUESTS"],
  UNSUPPORTED: ["UNSUPPORTED"],
};

/** The refusal that tells a client of `error`. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof WharfError) {
    const known = wireCodes[error.code];
    if (known)
      return new Refusal(known[0], error.message, {
        cause: error,
        ...(known[1] && { status: known[1] }),
        ...(error.code === "RATE_LIMITED" && { headers: { "retry-after": "5" } }),
      });
    if (error.code === "LOCKED")
      return new Refusal("UNAVAILABLE", "the registry is busy; try again", {
        headers: { "retry-after": "1" },
        cause: error,
      });
    if (error.code === "DISK_FULL")
      return new Refusal("UNAVAILABLE", "the registry has no space left", {
        status: 507,
        cause: error,
      });
  }
  return new Refusal("UNKNOWN", "the registry failed; its log says why", { cause: error });
}
