import { isError, WharfError } from "../../errors.ts";
import type { PingResult } from "../../registry/ping.ts";
import { command } from "../command.ts";
import { printable } from "../format.ts";

export default command({
  arguments: [
    { name: "HOST", about: "Registry, with port or as a URL (docker.io)", optional: true },
  ],
  flags: {},
  about:
    "Exits 0 where a registry answers and lets you in, anonymously or signed in; otherwise the error says which of it failed.",
  examples: [
    { command: "wharf ping ghcr.io", does: "Is GitHub's registry there, and who am I to it?" },
    { command: "wharf ping http://localhost:5000 --json", does: "The same for programs" },
  ],
  async run({ arguments: [host = "docker.io"], output, registry, signal }) {
    const remote = await registry(host);
    const { error, ...result } = await remote.ping({ signal });
    if (output.json) await output.value({ ...result, ...(error && { error: error.code }) });
    else await output.line(printable(`${remote.registry}: ${words(result)}`));
    if (error) throw pointed(error);
  },
});

function words({ state, username, url }: PingResult): string {
  switch (state) {
    case "reachable":
      return `reachable; it asks nobody who they are (${url})`;
    case "anonymous":
      return `reachable, anonymously (${url})`;
    case "signed-in":
      return `signed in${username === undefined ? "" : ` as ${username}`} (${url})`;
    case "refused":
      return "sign-in refused";
    case "forbidden":
      return "not enough rights";
    case "not-a-registry":
      return "no registry there";
    case "untrusted":
      return "certificate not trusted";
    case "unreachable":
      return "unreachable";
    default:
      return "failing";
  }
}

/** The table's remedy is to ping, which was just done. */
function pointed(error: WharfError): WharfError {
  if (!isError(error, "CONNECTION_FAILED") || error.details.hint !== undefined) return error;
  const hint = "Check host, port and proxy.";
  return new WharfError(error.code, error.message, { ...error.details, hint, cause: error });
}
