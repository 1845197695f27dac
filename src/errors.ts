/** Errors: one class, with a code of one table. */
import { errorTable } from "./errors/table.ts";

export { errorTable };

/** A code of {@link errorTable}. */
export type ErrorCode = keyof typeof errorTable;

/** One error as a registry reports it (distribution-spec 1.1, "Error Codes"). */
export interface RegistryErrorEntry {
  readonly code: string;
  readonly message?: string;
  readonly detail?: unknown;
}

/** What an error may say beyond its message; fields for programs. */
export interface ErrorDetails {
  /** Method of the failed request. */
  readonly method?: string;
  /** Address of the failed request, secrets removed. */
  readonly url?: string;
  /** HTTP status. */
  readonly status?: number;
  /** What the registry said. */
  readonly registryErrors?: readonly RegistryErrorEntry[];
  /** What was answered in spite of the error, as GraphQL may. */
  readonly partial?: unknown;
  /** Milliseconds after which the server allows another try. */
  readonly retryAfter?: number;
  /** What to do, where it is more precise than the table's remedy. */
  readonly hint?: string;
  /** A token ended while a body was sent that cannot be sent again; it is renewed, so resume from where the server stands. */
  readonly renewed?: boolean;
  /** The error below this one. */
  readonly cause?: unknown;
}

/**
 * The one error class: branch on `code`, show `message`.
 *
 * @example
 * try { await store.fetchManifest("latest") }
 * catch (error) { if (isError(error, "MANIFEST_NOT_FOUND")) return undefined; throw error }
 */
export class WharfError extends Error {
  override readonly name = "WharfError";
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.details = details;
  }

  /** Exit status for `wharf`. */
  get exitCode(): number {
    return errorTable[this.code].exit;
  }

  /** What to do about it: the precise hint, else the table's remedy. */
  get hint(): string {
    return this.details.hint ?? errorTable[this.code].remedy;
  }
}

/** Whether `error` is a {@link WharfError} with one of the codes (any code where none is named). */
export function isError(error: unknown, ...codes: ErrorCode[]): error is WharfError {
  return error instanceof WharfError && (codes.length === 0 || codes.includes(error.code));
}

/** The error for an aborted signal: `INTERRUPTED`, with the signal's reason as cause; a `WharfError` reason is kept as it is. */
export function interrupted(signal?: AbortSignal): WharfError {
  if (signal?.reason instanceof WharfError) return signal.reason;
  return new WharfError("INTERRUPTED", "Interrupted", { cause: signal?.reason });
}
