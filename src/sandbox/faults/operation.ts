/** Which operation of Docker Hub's API a request is for, for lists of requests and for rules. */
import * as catalogue from "../../hub/catalogue.ts";
import { createRouter, type Router } from "../hub/router.ts";

let router: Router | undefined;

/** @param target path and query @param part of the sandbox that the request is for */
export function operationOf(method: string, target: string, part = "hub"): string | undefined {
  if (part !== "hub") return undefined;
  // On a port of its own Hub has no prefix.
  const path = (target.split("?", 1)[0] ?? "/").replace(/^\/hub(?=\/)/, "");
  const found = routes().find(method, path);
  return found.kind === "route" ? found.route.id : undefined;
}

/** Ids of all operations. */
export function operationIds(): string[] {
  return routes().routes.map(({ id }) => id);
}

/** The method that an operation is sent with; undefined for one that there is not. */
export function methodOf(operation: string): string | undefined {
  return routes().routes.find(({ id }) => id === operation)?.method;
}

function routes(): Router {
  return (router ??= createRouter(catalogue));
}
