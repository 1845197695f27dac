/** The client of Docker Scout: every operation as a function, and any other query. */
import { WharfError } from "../errors.ts";
import { fitting } from "../hub/client/answer.ts";
import { type Call, type CallOptions, createCall, type WithResponse } from "../hub/client/call.ts";
import { type CallsOf, callsOf } from "../hub/client/calls.ts";
import { guard } from "../hub/client/guard.ts";
import { type Client, type HubOptions, openClient } from "../hub/client/hub.ts";
import type { Input } from "../hub/client/request.ts";
import type { Sender } from "../hub/client/sender.ts";
import type { AnyOperation, Authorization } from "../operation.ts";
import * as catalogue from "./catalogue.ts";
import { operationsIn } from "./graphql/document.ts";
import { type GraphqlError, failureOf } from "./graphql/failure.ts";
import type { Data, ScoutTools } from "./graphql/query.ts";
import { exchange } from "./graphql/request.ts";

/** Options as those of `createHub`: Docker Scout knows whoever is signed in to Docker Hub. */
export interface ScoutOptions extends Omit<HubOptions, "scimToken" | "authUrl" | "registryUrl"> {}

/** The operations of Docker Scout. */
export type ScoutCalls = CallsOf<typeof catalogue.scout>;

/** What can be said with a query. */
export interface QueryOptions extends CallOptions {
  /** Which operation of the document, where it has several. */
  readonly operationName?: string;
}

/** Docker Scout: its operations as `scout.VERB(input, options)`, and any other GraphQL document by `query`. */
export interface Scout extends ScoutCalls, Client {
  /**
   * Sends a GraphQL document of your own. What is not among the operations is asked so; the result is not checked.
   * @throws WharfError CONFIRMATION_REQUIRED for a mutation without `confirm`; INPUT_INVALID for what is no document;
   * PLAN_INSUFFICIENT, FORBIDDEN and others for an answer with errors: data that came along is in `details.partial`
   * @example
   * const { user } = await scout.query<{ user: { username: string } }>("query { user { username } }")
   */
  query<Result = Data>(
    document: string,
    variables?: Readonly<Record<string, unknown>>,
    options?: QueryOptions,
  ): Call<Result>;
}

/**
 * A client of Docker Scout. Nothing is read, connected or signed in before the first call.
 *
 * @example
 * const scout = createScout()
 * const [summary] = await scout.imageSummaries({ digests: ["sha256:…"] })
 * for await (const cve of scout.streamCves({ organization: "acme", stream: "latest-indexed" })) console.log(cve.cveId)
 * await scout.close()
 */
export function createScout(options: ScoutOptions = {}): Scout {
  const { sender, allowed, properties } = openClient(options);
  const { check = true } = options;
  const send: Sender["send"] = async (id, operation, input, call) => {
    if (operation.run === undefined) return sender.send(id, operation, input, call);
    return runWith(sender, id, operation, input, { ...call, check });
  };
  const { scout } = callsOf(catalogue, { send, allowed, name: "createScout" });
  const query: Scout["query"] = (document, variables, { operationName, ...call } = {}) =>
    createCall(async () => {
      const kinds = operationsIn(document);
      const changes = kinds.includes("mutation");
      guard(
        "This GraphQL mutation",
        { effect: changes ? "destroy" : "read" } as AnyOperation,
        {},
        call.confirm ?? allowed,
      );
      const asked = { document, variables, operationName, repeat: !changes };
      return (await post(sender, "scout.query", asked, call)) as WithResponse<never>;
    });
  return Object.defineProperties({ ...scout, query }, properties) as unknown as Scout;
}

/** Does the work of an operation; the response is that of its last query. */
async function runWith(
  sender: Sender,
  id: string,
  operation: AnyOperation,
  input: Input,
  { check, ...options }: CallOptions & { readonly check: boolean },
): Promise<WithResponse<unknown>> {
  let last: WithResponse<Data> | undefined;
  const tools: ScoutTools = {
    async query(document, variables) {
      const asked = {
        document,
        variables,
        auth: operation.auth ?? "required",
        repeat: operation.effect === "read",
      };
      last = await post(sender, id, asked, options);
      return last.data;
    },
  };
  const data = await operation.run?.(input as never, tools as never);
  if (last === undefined) throw new WharfError("INTERNAL", `${id} sent nothing`);
  return { ...last, data: check ? fitting(operation, data, { ...last, method: "POST" }) : data };
}

interface Asked {
  readonly document: string;
  readonly variables?: object | undefined;
  readonly operationName?: string | undefined;
  readonly auth?: Authorization | undefined;
  /** Whether it may be sent again. */
  readonly repeat: boolean;
}

async function post(
  sender: Sender,
  id: string,
  { document, variables, operationName, auth = "optional", repeat }: Asked,
  options: CallOptions,
): Promise<WithResponse<Data>> {
  const body = {
    query: document,
    ...(variables !== undefined && { variables }),
    ...(operationName !== undefined && { operationName }),
  };
  const declared = { ...exchange, auth, repeat: repeat ? ("always" as const) : ("never" as const) };
  const answer = await sender.send(id, declared, body, options);
  const { data, errors } = answer.data as {
    data?: unknown;
    errors?: readonly GraphqlError[] | null;
  };
  const { url, status } = answer;
  if (errors !== undefined && errors !== null && errors.length > 0)
    throw failureOf(errors, data, { method: "POST", url, status });
  if (typeof data !== "object" || data === null)
    throw new WharfError(
      "RESPONSE_INVALID",
      `POST ${url}: the answer has neither data nor errors`,
      {
        method: "POST",
        url,
        status,
      },
    );
  return { ...answer, data: data as Data };
}
