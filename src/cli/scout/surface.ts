/** The operations of Docker Scout for the command line. */
import { prepare } from "../../hub/client/request.ts";
import type { AnyOperation } from "../../operation.ts";
import { preparedQuery } from "../../scout/graphql/request.ts";
import * as operations from "../../scout/operations.ts";
import type { Callable, Surface } from "../hub/surface.ts";
import { openScout } from "./open.ts";

export function scoutSurface(): Surface {
  return {
    operation: (verb) => operations[verb as keyof typeof operations] as AnyOperation,
    open: async (call, verb) => (await openScout(call))[verb as "streams"] as Callable,
    prepare: (operation, input) =>
      operation.run === undefined ? prepare(operation, input) : preparedQuery(operation, input),
  };
}
