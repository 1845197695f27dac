/** `/_sandbox/faults`: rules are added. */
import type { IncomingMessage } from "node:http";

import { isError } from "../../errors.ts";
import type { Faults } from "../faults/faults.ts";
import { type FaultRule, rulesOf } from "../faults/rule.ts";
import { readBody } from "../body.ts";
import type { Answer } from "../answer.ts";
import { faultsOf } from "./overview.ts";

/** Bytes of a body: a thousand rules. */
const limit = 256 << 10;

export async function addFaults(faults: Faults, request: IncomingMessage): Promise<Answer> {
  const text = (await readBody(request, limit))?.toString();
  if (text === undefined) return { status: 413, body: { message: "request entity too large" } };
  try {
    const added = await faults.add(readRules(text, request.headers["content-type"]));
    return { status: 201, body: faultsOf({ list: added }) };
  } catch (error) {
    if (!isError(error, "USAGE") && !(error instanceof SyntaxError)) throw error;
    const detail = isError(error) ? error.hint : "The body is one rule or a list of them, as JSON.";
    return { status: 400, body: { message: error.message, detail } };
  }
}

/** A rule or several: JSON, a form's field `rule`, or text, one a line. */
function readRules(text: string, type = ""): (string | FaultRule)[] {
  // No rule begins so; curl says of every body that it is a form.
  if (/json/i.test(type) || /^\s*[[{]/.test(text)) {
    const given = JSON.parse(text) as unknown;
    return (Array.isArray(given) ? given : [given]).map((rule) =>
      typeof rule === "object" && rule !== null ? (rule as FaultRule) : String(rule),
    );
  }
  if (/x-www-form-urlencoded/i.test(type) && text.startsWith("rule="))
    return new URLSearchParams(text).getAll("rule");
  return rulesOf(text);
}
