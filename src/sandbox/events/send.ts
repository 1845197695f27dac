/** Sends a webhook once. */
import { type ClientRequest, request as requestHttp, type RequestOptions } from "node:http";

import { version } from "../../http/version.ts";
import { AddressRefused, lookupFor, type Reach } from "./address.ts";

export interface Sending {
  readonly url: URL;
  /** JSON. */
  readonly payload: string;
  readonly reach: Reach;
  /** Milliseconds until the answer must have begun. */
  readonly timeout: number;
  readonly signal: AbortSignal;
}

/** How it ended. */
export interface Sent {
  readonly state: "delivered" | "failed" | "refused";
  /** In words, such as `status 200`. */
  readonly outcome: string;
}

/** Never throws: what went wrong is the outcome. Redirects are not followed, and what is answered is not read. */
export async function send({ url, payload, reach, timeout, signal }: Sending): Promise<Sent> {
  const start = url.protocol === "https:" ? (await import("node:https")).request : requestHttp;
  try {
    const options: RequestOptions = {
      method: "POST",
      agent: false,
      headers: {
        "content-type": "application/json",
        "content-length": Buffer.byteLength(payload),
        "user-agent": `wharf-sandbox/${version()}`,
      },
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeout)]),
      lookup: lookupFor(url, reach),
    };
    const status = await statusOf(start(url, options), payload);
    return {
      state: status >= 200 && status < 300 ? "delivered" : "failed",
      outcome: `status ${status}`,
    };
  } catch (error) {
    if (error instanceof AddressRefused) return { state: "refused", outcome: error.message };
    const late = (error as Error).name === "AbortError";
    const { message, code = "" } = error as NodeJS.ErrnoException;
    const outcome = late ? `no answer for ${timeout / 1000} s` : message || code;
    return { state: "failed", outcome };
  }
}

function statusOf(request: ClientRequest, payload: string): Promise<number> {
  return new Promise((resolve, reject) => {
    request.once("error", reject);
    request.once("response", (response) => {
      resolve(response.statusCode ?? 0);
      // What comes after the status is nobody's business, however long it is.
      response.destroy();
    });
    request.end(payload);
  });
}
