/** `/_sandbox/`: what the sandbox knows of itself, and what cannot be done over the API that it stands for. */
import type { IncomingMessage, ServerResponse } from "node:http";

import { totp } from "./accounts/secrets.ts";
import { findAccount } from "./accounts/accounts.ts";
import { acceptInvite } from "./hub/behaviours/invites.ts";
import { missingBehaviours } from "./hub/hub.ts";
import { HubRefusal } from "./hub/refusal.ts";
import type { Faults } from "./faults/faults.ts";
import type { Journal } from "./journal.ts";
import type { Keys } from "./keys.ts";
import { keySet } from "./registry/signing.ts";
import type { SeedAccount } from "./seed/index.ts";
import type { State } from "./state/state.ts";

export interface ControlParts {
  /** Who can sign in after the seed. */
  readonly accounts: readonly SeedAccount[];
  readonly state: State;
  readonly keys: Keys;
  readonly journal: Journal;
  readonly faults: Faults;
  readonly now: () => number;
  reset(): Promise<void>;
}

export function createControl(parts: ControlParts) {
  const { state, keys, journal, now } = parts;
  return async function control(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://sandbox");
    const asked = `${request.method} ${url.pathname.replace(/^\/_sandbox\/?/, "/")}`;
    const answer = (status: number, body: unknown) => sendJson(response, status, body);
    const code = /^GET \/accounts\/([^/]+)\/code$/.exec(asked)?.[1];
    const invite = /^POST \/invites\/([^/]+)\/accept$/.exec(asked)?.[1];
    if (asked === "GET /") return answer(200, overview());
    if (asked === "GET /certificate") return sendPem(response, await keys.certificate());
    if (asked === "GET /jwks") return answer(200, await keySet(keys));
    if (asked === "POST /reset") {
      await parts.reset();
      return answer(200, overview());
    }
    if (code !== undefined) {
      const secret = findAccount(state, code)?.totp;
      if (!secret) return answer(404, { message: `${code} has no second factor` });
      return answer(200, { code: totp(secret, now()) });
    }
    if (invite !== undefined)
      try {
        acceptInvite(state, invite, url.searchParams.get("username") ?? undefined, now());
        return answer(200, {});
      } catch (error) {
        if (error instanceof HubRefusal) return answer(error.status, error.body);
        throw error;
      }
    answer(404, { message: `the sandbox's control knows no ${asked}` });
  };

  function overview() {
    return {
      accounts: parts.accounts,
      counts: {
        accounts: state.count("SELECT count(*) AS count FROM accounts"),
        repositories: state.count("SELECT count(*) AS count FROM repositories"),
        tags: state.count("SELECT count(*) AS count FROM tags"),
      },
      requests: journal.entries,
      missing: missingBehaviours(),
    };
  }
}

function sendPem(response: ServerResponse, pem: string): void {
  const bytes = Buffer.from(pem);
  response.writeHead(200, {
    "content-type": "application/x-pem-file",
    "content-length": bytes.byteLength,
  });
  response.end(bytes);
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": bytes.byteLength,
  });
  response.end(bytes);
}
