/** A GraphQL query as a request. Source: GraphQL over HTTP, section 5.4. */
import * as z from "zod";
import { type Input, prepare, type Prepared } from "../../hub/client/request.ts";
import { type AnyOperation, operation } from "../../operation.ts";
import type { ScoutQuery } from "./query.ts";

/** What every query is sent by. */
export const exchange = operation({
  summary: "Sends a GraphQL document.",
  http: "POST /v1/graphql",
  service: "scout",
  effect: "read",
  input: z.strictObject({
    query: z.string(),
    variables: z.record(z.string(), z.unknown()).optional(),
    operationName: z.string().optional(),
  }),
  output: z.looseObject({
    data: z.unknown().optional(),
    errors: z.array(z.looseObject({ message: z.unknown().optional() })).nullish(),
  }),
});

/** The request of an operation that is one query, for whoever shows it. */
export function preparedQuery(operation: AnyOperation, input: Input): Prepared {
  const { document, variables } = operation as AnyOperation & ScoutQuery<Input, unknown>;
  return prepare(exchange, { query: document, variables: variables(input) });
}
