/** The access log: a line for each request, for programs that read such logs. */
import type { AccessLogFormat } from "../../server/accessLog.ts";
import type { Flag, FlagValues } from "../command.ts";
import { usage } from "../flags.ts";
import { printable } from "../format.ts";
import type { Output } from "../output.ts";
import type { Part } from "./part.ts";

const formats: readonly AccessLogFormat[] = ["text", "json"];

export const accessLogFlags = {
  "access-log": {
    about: "Append a line for each request to this file, or '-' for stderr; SIGHUP opens it anew",
    value: "FILE",
  },
  "access-log-format": {
    about: "text: the Combined Log Format, and the seconds it took; json: an object a line",
    value: "FORMAT",
    preset: "text",
    choices: formats,
  },
} as const satisfies Record<string, Flag>;

/** @throws WharfError USAGE, FILE_FAILED, FILE_NOT_FOUND */
export async function accessLogPart(
  flags: FlagValues<typeof accessLogFlags>,
  output: Output,
): Promise<Part> {
  const path = flags["access-log"];
  if (path === undefined) return {};
  const format = formats.find((known) => known === flags["access-log-format"]);
  if (!format) throw usage(`--access-log-format is ${formats.join(" or ")}`);
  const { formatAccess, openAccessLog } = await import("../../server/accessLog.ts");
  if (path === "-")
    return { options: { onAccess: (entry) => output.say(formatAccess(entry, format)) } };

  const log = await openAccessLog(path, {
    format,
    onFailure: ({ message }) =>
      output.warn(`${printable(message)}; lines of the access log are lost`),
  });
  const onHangUp = () => log.reopen();
  process.on("SIGHUP", onHangUp);
  return {
    options: { onAccess: (entry) => log.write(entry) },
    async close() {
      process.off("SIGHUP", onHangUp);
      await log.close();
    },
  };
}
