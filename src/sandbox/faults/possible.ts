/** Rules that no request can ever meet: whoever waits for one would take what never went wrong for a success. */
import { WharfError } from "../../errors.ts";
import { baseOf } from "../listen.ts";
import { methodOf } from "./operation.ts";
import { type FaultRule, writeRule } from "./rule.ts";

/** Parts that meet faults. */
const parts = ["hub", "registry", "auth", "scout"] as const;
type Part = (typeof parts)[number];

/**
 * Checks that what a rule says does not contradict itself.
 * @param separate whether each part of the sandbox has a port of its own
 * @throws WharfError USAGE
 */
export function checkPossible(rule: FaultRule, separate: boolean): void {
  const why = whyNever(rule, separate);
  if (why !== undefined)
    throw new WharfError("USAGE", `No request can meet ${JSON.stringify(writeRule(rule))}: ${why}`);
}

function whyNever(rule: FaultRule, separate: boolean): string | undefined {
  const { operation, method, part = operation === undefined ? undefined : "hub", path } = rule;
  if (operation !== undefined) {
    if (part !== "hub") return `${operation} is an operation of hub`;
    const own = methodOf(operation);
    if (method !== undefined && method !== own && !(method === "HEAD" && own === "GET"))
      return `${operation} is sent with ${own}`;
  }
  if (rule.fault === "digest" && part !== undefined && part !== "registry")
    return "only the registry tells digests";
  return numbers(rule) ?? (path === undefined ? undefined : places(path, part, separate));
}

function numbers({ nth, first, every }: FaultRule): string | undefined {
  if (nth !== undefined && first !== undefined && nth > first)
    return `number ${nth} is none of the first ${first}`;
  if (nth !== undefined && every !== undefined && nth % every !== 0)
    return `number ${nth} is none that every=${every} means`;
  if (every !== undefined && first !== undefined && every > first)
    return `none of the first ${first} is one that every=${every} means`;
  return undefined;
}

function places(path: string, part: Part | undefined, separate: boolean): string | undefined {
  const among = part === undefined ? parts : [part];
  const bases = among.map((one) => baseOf(one, separate));
  if (bases.some((base) => mayBeBelow(path, base))) return undefined;
  const whose = part === undefined ? "paths" : `paths of ${part}`;
  return `${whose} begin with ${bases.join(", ")}`;
}

/** Whether a pattern fits any path that is the base or below it. */
function mayBeBelow(pattern: string, base: string): boolean {
  const [begin = ""] = pattern.split("*", 1);
  if (begin.length <= base.length && pattern.includes("*")) return base.startsWith(begin);
  return begin.startsWith(base) && /^[/?]|^$/.test(begin.slice(base.length));
}
