/** What the client tells those who watch it; secrets are gone before an event exists. */
import { withoutControls } from "./printable.ts";

interface Base {
  /** The request, counted from 1; its repeats and redirects have the same number. */
  readonly request: number;
}

/**
 * One step of a request, or a connection that was made or failed. Secrets are gone from addresses and header fields.
 * Times in milliseconds.
 */
export type TraceEvent =
  | (Base & {
      readonly type: "request";
      readonly method: string;
      readonly url: string;
      readonly headers: readonly (readonly [string, string])[];
      /** Counted from 1. */
      readonly attempt: number;
    })
  | (Base & {
      readonly type: "response";
      readonly method: string;
      readonly url: string;
      readonly status: number;
      readonly headers: readonly (readonly [string, string])[];
      /** From sending to the answer's head. */
      readonly milliseconds: number;
    })
  | (Base & {
      readonly type: "failure";
      readonly method: string;
      readonly url: string;
      readonly message: string;
      readonly milliseconds: number;
    })
  | (Base & {
      readonly type: "retry";
      readonly method: string;
      readonly url: string;
      readonly reason: string;
      /** Milliseconds until the next try. */
      readonly delay: number;
    })
  | (Base & { readonly type: "redirect"; readonly from: string; readonly to: string })
  | {
      readonly type: "connection";
      readonly host: string;
      readonly secure: boolean;
      readonly proxied: boolean;
      readonly milliseconds: number;
      /** What went wrong, where it did. */
      readonly error?: string;
    };

/**
 * An event as `--debug` prints it, on one or more lines without a newline at the end. Control characters that a host put
 * into it are gone.
 */
export function formatTrace(event: TraceEvent): string {
  return linesOf(event).map(withoutControls).join("\n");
}

function linesOf(event: TraceEvent): string[] {
  const time = "milliseconds" in event ? ` ${Math.round(event.milliseconds)} ms` : "";
  switch (event.type) {
    case "connection":
      return [
        `* connection to ${event.host}${event.secure ? " (TLS)" : ""}${event.proxied ? " by proxy" : ""}${time}${event.error ? `: ${event.error}` : ""}`,
      ];
    case "request": {
      const again = event.attempt > 1 ? ` (try ${event.attempt})` : "";
      return [`${event.request} > ${event.method} ${event.url}${again}`, ...fields(event, ">")];
    }
    case "response":
      return [
        `${event.request} < ${event.status} ${event.method} ${event.url}${time}`,
        ...fields(event, "<"),
      ];
    case "failure":
      return [`${event.request} ! ${event.method} ${event.url}: ${event.message}${time}`];
    case "retry":
      return [`${event.request} * again in ${Math.round(event.delay)} ms: ${event.reason}`];
    case "redirect":
      return [`${event.request} * redirected to ${event.to}`];
  }
}

function fields(
  event: { request: number; headers: readonly (readonly [string, string])[] },
  mark: string,
): string[] {
  return event.headers.map(([name, value]) => `${event.request} ${mark}   ${name}: ${value}`);
}
