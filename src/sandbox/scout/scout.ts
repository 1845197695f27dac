/** Docker Scout of the sandbox: GraphQL at `/v1/graphql`, and a few requests of REST. */
import type { IncomingMessage, ServerResponse } from "node:http";

import type { Identity } from "../accounts/accounts.ts";
import { urlOf } from "../address.ts";
import { readBody } from "../body.ts";
import { send, sendJson } from "../answer.ts";
import { HubRefusal } from "../hub/refusal.ts";
import { Sessions } from "../hub/sessions.ts";
import type { Keys } from "../keys.ts";
import type { Content } from "../registry/content.ts";
import type { State } from "../state/state.ts";
import type { Asked } from "./asked.ts";
import { answerGraphql } from "./graphql/answer.ts";
import { ScoutRefusal, unauthenticated } from "./refusal.ts";
import { answerRest } from "./rest/rest.ts";
import { Blobs } from "./sbom/blobs.ts";

/** Bytes of a request: a document with its variables. */
const bodyLimit = 1 << 20;

export interface ScoutParts {
  readonly state: State;
  readonly content: Content;
  readonly keys: Keys;
  readonly now: () => number;
  /** Path that all addresses begin with, such as `/scout`. */
  readonly base: string;
  onFailure(error: unknown, request: IncomingMessage): void;
}

export function createScoutHandler(parts: ScoutParts) {
  const { state, content, base } = parts;
  const sessions = new Sessions(parts.keys);
  const blobs = new Blobs(content);

  return async function scout(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = urlOf(request);
    const path = url.pathname.slice(base.length);
    if (path === "/v1/graphql") return graphql(request, response);
    try {
      request.resume();
      const { authorization } = request.headers;
      const answer = await answerRest(
        { method: request.method ?? "GET", path, query: url.searchParams, authorization },
        { state, now: parts.now, ask: (identity) => asking(request, identity) },
      );
      send(response, answer);
    } catch (error) {
      if (!(error instanceof ScoutRefusal)) throw error;
      sendJson(response, error.extensions.status, { message: error.message });
    }
  };

  async function graphql(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== "POST") {
      request.resume();
      response.setHeader("allow", "POST");
      return sendErrors(response, 405, "BAD_REQUEST", "GraphQL is asked by POST");
    }
    if (
      !/^application\/(?:graphql-response\+)?json\b/i.test(request.headers["content-type"] ?? "")
    ) {
      request.resume();
      return sendErrors(response, 415, "BAD_REQUEST", "the body must be application/json");
    }
    const text = (await readBody(request, bodyLimit))?.toString();
    if (text === undefined)
      return sendErrors(response, 413, "BAD_REQUEST", `a request has at most ${bodyLimit} bytes`);
    let asked: Asked;
    try {
      asked = await asking(request);
    } catch (error) {
      if (!(error instanceof ScoutRefusal)) throw error;
      return sendErrors(response, 401, "UNAUTHENTICATED", error.message);
    }
    const answer = await answerGraphql(parsed(text), asked, (error) =>
      parts.onFailure(error, request),
    );
    sendJson(response, answer.status, answer.body);
  }

  /** @throws ScoutRefusal for a session that does not count; nobody is somebody, too, for what is public */
  async function asking(request: IncomingMessage, identity?: Identity): Promise<Asked> {
    const now = parts.now();
    await content.settled();
    const known = new Map<string, unknown>();
    try {
      const whose =
        identity ?? (await sessions.identify(state, request.headers.authorization, now));
      return { state, content, blobs, now, identity: whose, known };
    } catch (error) {
      if (error instanceof HubRefusal) throw unauthenticated("the session is not valid");
      throw error;
    }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function sendErrors(response: ServerResponse, status: number, code: string, message: string): void {
  sendJson(response, status, { errors: [{ message, extensions: { code, status } }] });
}
