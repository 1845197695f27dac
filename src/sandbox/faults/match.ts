/** Whether a request is one that a rule is for. */
import type { IncomingMessage } from "node:http";

import { nearest } from "../../config/nearest.ts";
import { WharfError } from "../../errors.ts";
import { callerOf } from "../caller.ts";
import { fitsPattern } from "../wildcard.ts";
import { operationIds, operationOf } from "./operation.ts";
import type { FaultRule } from "./rule.ts";

/** @param part which part of the sandbox the request is for */
export function fits(rule: FaultRule, request: IncomingMessage, part: string): boolean {
  const { method = "GET", url = "/" } = request;
  if (rule.part !== undefined && rule.part !== part) return false;
  if (rule.method !== undefined && rule.method !== method) return false;
  if (rule.path !== undefined && !matches(rule.path, url)) return false;
  if (rule.operation !== undefined && rule.operation !== operationOf(method, url, part))
    return false;
  if (rule.account !== undefined && rule.account !== callerOf(request)) return false;
  return rule.header === undefined || hasHeader(request, rule.header);
}

/** @throws WharfError USAGE for a rule with an operation that there is not, which would never be met */
export function checkOperation({ operation }: FaultRule): void {
  if (operation === undefined) return;
  const ids = operationIds();
  if (ids.includes(operation)) return;
  const near = nearest(operation, ids);
  throw new WharfError("USAGE", `Docker Hub's API has no operation ${operation}`, {
    hint: near
      ? `Did you mean ${near}?`
      : "docs/operations.md lists them: tags.list, auth.createToken.",
  });
}

/** Whether a rule's path fits a request's; without a `?` in it the query does not count. */
export function matches(pattern: string, target: string): boolean {
  return fitsPattern(pattern, pattern.includes("?") ? target : withoutQuery(target));
}

function hasHeader({ headers }: IncomingMessage, wanted: string): boolean {
  const colon = wanted.indexOf(":");
  if (colon < 0) return headers[wanted.toLowerCase()] !== undefined;
  const value = headers[wanted.slice(0, colon).toLowerCase()];
  return value !== undefined && String(value) === wanted.slice(colon + 1).trim();
}

function withoutQuery(target: string): string {
  return target.split("?", 1)[0] ?? "/";
}
