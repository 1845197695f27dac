/** What the server says on stderr: requests where they are wanted, failures of its own always. */
import type { IncomingMessage } from "node:http";

import { isError } from "../../errors.ts";
import { redactTarget } from "../../http/redact.ts";
import type { AccessEntry } from "../../server/server.ts";
import type { Flag, FlagValues } from "../command.ts";
import { printable } from "../format.ts";
import type { Output } from "../output.ts";
import type { Part } from "./part.ts";

export const logFlags = {
  log: { about: "Print a line for each request on stderr" },
} as const satisfies Record<string, Flag>;

export function logPart(flags: FlagValues<typeof logFlags>, output: Output): Part {
  return {
    options: {
      onFailure: (error, request) => output.say(failureLine(error, request, output.json)),
      ...(flags.log && { onAccess: (entry) => output.say(accessLine(entry, output.json)) }),
    },
  };
}

function accessLine(entry: AccessEntry, json: boolean): string {
  const time = new Date().toISOString();
  const target = redactTarget(entry.target);
  if (json) return JSON.stringify({ time, ...entry, target });
  const { method, status, bytes, duration, address, user, cut } = entry;
  const who = `${address ?? "-"} ${printable(user ?? "-").replaceAll(" ", "_")}`;
  const how = `${status}${cut ? " cut" : ""} ${bytes} B ${duration.toFixed(1)} ms`;
  return `${time} ${who} ${method} ${printable(target)} ${how}`;
}

/** One line: when, for which request, and the errors from the outermost to the innermost. */
export function failureLine(
  error: unknown,
  { method = "-", url = "/" }: Pick<IncomingMessage, "method" | "url">,
  json: boolean,
): string {
  const time = new Date().toISOString();
  const code = isError(error) ? error.code : "INTERNAL";
  const message = messageOf(error);
  const target = redactTarget(url);
  if (json) return JSON.stringify({ time, failure: { code, message, method, target } });
  return `${time} failed: ${printable(`${method} ${target}: ${code}: ${message}`)}`;
}

/** What an error says, and what caused it, in a line. */
export function messageOf(error: unknown): string {
  const found: string[] = [];
  for (let at = error, depth = 0; at !== undefined && depth < 5; depth += 1) {
    const message = (at instanceof Error ? at.message || at.name : String(at)).replace(/\s+/g, " ");
    // A cause is often quoted by what it caused.
    if (!found.some((before) => before.includes(message))) found.push(message);
    at = at instanceof Error ? at.cause : undefined;
  }
  return found.join(": ");
}
