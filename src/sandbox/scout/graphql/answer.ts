/** Answers GraphQL requests. Sources: GraphQL, September 2025; GraphQL over HTTP. This file is loaded with the first request. */
import {
  buildSchema,
  execute,
  getOperationAST,
  GraphQLError,
  type GraphQLFormattedError,
  parse,
  validate,
} from "graphql";

import { isObject } from "../../../reference/fields.ts";
import type { Asked } from "../asked.ts";
import { mutations, queries } from "../fields/index.ts";
import { ScoutRefusal } from "../refusal.ts";
import { schemaText } from "../schema/schema.ts";
import { excessOf } from "./bounds.ts";

const schema = buildSchema(schemaText);

/** Words of a document; the longest of the catalogue's has some two hundred. */
const maxTokens = 20_000;

export interface GraphqlAnswer {
  readonly status: number;
  readonly body: { readonly data?: unknown; readonly errors?: readonly GraphQLFormattedError[] };
}

/**
 * Executes a request.
 * @param body as it was sent: `query`, `variables`, `operationName`
 * @param onFailure told of what is our own fault, and not shown to whoever asks
 */
export async function answerGraphql(
  body: unknown,
  asked: Asked,
  onFailure: (error: unknown) => void,
): Promise<GraphqlAnswer> {
  if (!isObject(body) || typeof body["query"] !== "string")
    return refused("BAD_REQUEST", "the body is no object with a query");
  const { query, variables, operationName } = body;
  if (variables !== undefined && variables !== null && !isObject(variables))
    return refused("BAD_REQUEST", "variables is no object");
  if (operationName !== undefined && operationName !== null && typeof operationName !== "string")
    return refused("BAD_REQUEST", "operationName is no text");
  let document;
  try {
    document = parse(query, { maxTokens });
  } catch (error) {
    if (error instanceof GraphQLError) return failed("GRAPHQL_PARSE_FAILED", [error]);
    // Brackets in brackets in brackets: the parser has no end of its own but the stack's.
    if (error instanceof RangeError)
      return refused("GRAPHQL_PARSE_FAILED", "the document is nested too deeply");
    throw error;
  }
  const errors = validate(schema, document, undefined, { maxErrors: 20 });
  if (errors.length > 0) return failed("GRAPHQL_VALIDATION_FAILED", errors);
  const excess = excessOf(document);
  if (excess !== undefined) return refused("GRAPHQL_VALIDATION_FAILED", excess);
  const operation = getOperationAST(document, operationName);
  if (!operation)
    return refused("BAD_REQUEST", "operationName must be that of one operation of the document");
  const result = await execute({
    schema,
    document,
    rootValue: operation.operation === "mutation" ? mutations : queries,
    contextValue: asked,
    variableValues: variables,
    operationName,
  });
  if (result.errors === undefined) return { status: 200, body: { data: result.data } };
  return {
    status: 200,
    body: {
      // Without any, where nothing was executed because variables are wrong. Source: GraphQL, "Request Error Result Format".
      ...(result.data !== undefined && { data: result.data }),
      errors: result.errors.map((error) => shown(error, onFailure)),
    },
  };
}

function shown(error: GraphQLError, onFailure: (error: unknown) => void): GraphQLFormattedError {
  const { originalError } = error;
  // Without an original it is about variables; with one of ours it is meant to be read.
  if (originalError === undefined || originalError instanceof GraphQLError)
    return { ...error.toJSON(), extensions: { code: "BAD_USER_INPUT" } };
  if (originalError instanceof ScoutRefusal) return error.toJSON();
  onFailure(originalError);
  const { path } = error;
  return {
    message: "the sandbox failed",
    ...(path && { path }),
    extensions: { code: "INTERNAL_SERVER_ERROR", status: 500 },
  };
}

function failed(code: string, errors: readonly GraphQLError[]): GraphqlAnswer {
  return {
    status: 400,
    body: { errors: errors.map((error) => ({ ...error.toJSON(), extensions: { code } })) },
  };
}

function refused(code: string, message: string): GraphqlAnswer {
  return failed(code, [new GraphQLError(message)]);
}
