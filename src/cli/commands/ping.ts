import { WharfError } from "../../errors.ts";
import { command } from "../command.ts";

export default command({
  arguments: [{ name: "HOST", about: "Registry, with port or as a URL", optional: true }],
  flags: {},
  about:
    "Exits 0 where a registry answers and lets you in, anonymously or signed in; otherwise the error says which of it failed. HOST defaults to docker.io.",
  examples: [
    { command: "wharf ping ghcr.io", does: "Is GitHub's registry there, and who am I to it?" },
    { command: "wharf ping http://localhost:5000 --json", does: "The same for programs" },
  ],
  async run({ arguments: [host = "docker.io"], output, registry, signal }) {
    const remote = await registry(host);
    const result = await remote.ping({ signal });
    if (output.json) await output.value(result);
    else await output.line(`${remote.registry}: ${result.state}`);
    if (result.error instanceof WharfError) throw result.error;
  },
});
