/** `/_sandbox/`: what the sandbox knows of itself, and what cannot be done over the API that it stands for. */
import type { IncomingMessage, ServerResponse } from "node:http";

import { findAccount } from "../accounts/accounts.ts";
import { totp } from "../accounts/secrets.ts";
import { buildsOf } from "../events/builds.ts";
import type { Webhooks } from "../events/webhooks.ts";
import { acceptInvite } from "../hub/behaviours/invites.ts";
import { renewDirectory } from "../hub/behaviours/scim.ts";
import type { Faults } from "../faults/faults.ts";
import { HubRefusal } from "../hub/refusal.ts";
import type { Keys } from "../keys.ts";
import { keySet } from "../registry/signing.ts";
import { type Answer, send } from "../answer.ts";
import { type OverviewParts, faultsOf, overviewOf } from "./overview.ts";
import { filterNames, listRequests } from "./requests.ts";

export interface ControlParts extends OverviewParts {
  readonly keys: Keys;
  readonly webhooks: Webhooks;
  readonly now: () => number;
  reset(): Promise<void>;
}

interface Call {
  readonly parts: ControlParts;
  readonly request: IncomingMessage;
  readonly query: URLSearchParams;
  /** What stands for the `*` of the route. */
  readonly word: string;
}

type Route = (call: Call) => Answer | Promise<Answer>;

/** By method and path below `/_sandbox`. */
const routes: Readonly<Record<string, Route>> = {
  "GET /": ({ parts }) => ({ status: 200, body: overviewOf(parts) }),

  async "POST /reset"({ parts }) {
    await parts.reset();
    return { status: 200, body: overviewOf(parts) };
  },

  "GET /requests"({ parts, query }) {
    const requests = listRequests(parts.journal, query);
    if (requests) return { status: 200, body: requests };
    return { status: 400, body: { message: `requests are chosen by ${filterNames.join(", ")}` } };
  },

  "DELETE /requests"({ parts }) {
    parts.journal.clear();
    return { status: 204 };
  },

  "GET /builds": ({ parts }) => ({ status: 200, body: buildsOf(parts.state) }),
  "GET /webhooks": ({ parts }) => ({ status: 200, body: parts.webhooks.history() }),

  "GET /faults": ({ parts }) => ({ status: 200, body: faultsOf(parts.faults) }),
  async "POST /faults"({ parts, request }) {
    const { addFaults } = await import("./faults.ts");
    return addFaults(parts.faults, request);
  },
  "DELETE /faults/*": ({ parts, word }) => removeFault(parts.faults, word),
  // As forms of pages do it, which know no other method.
  "POST /faults/*/remove": ({ parts, word }) => removeFault(parts.faults, word),
  "DELETE /faults"({ parts }) {
    parts.faults.clear();
    return { status: 204 };
  },

  async "GET /certificate"({ parts }) {
    const headers = { "content-type": "application/x-pem-file" };
    return { status: 200, headers, body: await parts.keys.certificate() };
  },

  "GET /jwks": async ({ parts }) => ({ status: 200, body: await keySet(parts.keys) }),

  "GET /accounts/*/code"({ parts, word }) {
    const secret = findAccount(parts.state, word)?.totp;
    if (!secret) return { status: 404, body: { message: `${word} has no second factor` } };
    return { status: 200, body: { code: totp(secret, parts.now()) } };
  },

  "POST /invites/*/accept": ({ parts, word, query }) =>
    told(() => {
      acceptInvite(parts.state, word, query.get("username") ?? undefined, parts.now());
      return {};
    }),

  "POST /orgs/*/scim-token": ({ parts, word }) =>
    told(() => renewDirectory(parts.state, word, parts.now())),
};

/** What a behaviour of Hub returns, or how it refuses. */
function told(work: () => object): Answer {
  try {
    return { status: 200, body: work() };
  } catch (error) {
    if (error instanceof HubRefusal) return { status: error.status, body: error.body };
    throw error;
  }
}

/** @param id as the path has it */
function removeFault(faults: Faults, id: string): Answer {
  if (faults.remove(Number(id))) return { status: 204 };
  return { status: 404, body: { message: `there is no fault ${id}` } };
}

export function createControl(parts: ControlParts) {
  return async function control(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://sandbox");
    const path = url.pathname.replace(/^\/_sandbox\/?/, "/");
    const { route, word } = routeOf(request.method ?? "GET", path);
    const answer = route
      ? await route({ parts, request, query: url.searchParams, word })
      : unknown(request.method, path);
    const seen = wantsPage(request)
      ? await (await import("./forPeople.ts")).forPeople(answer, parts, request.method, path)
      : answer;
    send(response, seen);
  };
}

function routeOf(method: string, path: string): { route?: Route | undefined; word: string } {
  const asked = `${method === "HEAD" ? "GET" : method} ${path}`;
  if (Object.hasOwn(routes, asked)) return { route: routes[asked], word: "" };
  const [, before = "", word = "", after = ""] = /^(\w+ \/\w+\/)([^/]+)(.*)$/.exec(asked) ?? [];
  const key = `${before}*${after}`;
  return { route: Object.hasOwn(routes, key) ? routes[key] : undefined, word };
}

/** As snapshot/routes.ts answers them. */
const snapshotRoutes = [
  "GET /snapshots",
  "POST /snapshots",
  "POST /snapshots/*/restore",
  "GET /snapshots/*",
  "PUT /snapshots/*",
  "DELETE /snapshots/*",
];

/** The refusal of what there is not, with what there is. */
function unknown(method: string | undefined, path: string): Answer {
  const message = `the sandbox's control knows no ${method} /_sandbox${path}`;
  const knows = [...Object.keys(routes), ...snapshotRoutes].map((route) =>
    route.replace(" ", " /_sandbox"),
  );
  return { status: 404, body: { message, knows } };
}

function wantsPage({ headers }: IncomingMessage): boolean {
  return /\btext\/html\b/.test(headers.accept ?? "");
}
