import { command } from "../command.ts";
import { printable } from "../format.ts";

export default command({
  arguments: [{ name: "HOST", about: "Registry; docker.io where none is given", optional: true }],
  flags: {},
  about: "Asks nothing of the registry: wharf ping does that.",
  examples: [
    { command: "wharf whoami ghcr.io", does: "Who would I be there, and where is that said?" },
  ],
  async run({ arguments: [host = "docker.io"], output, credentials }) {
    const [{ whoami }, { parseHost }] = await Promise.all([
      import("../../auth/login.ts"),
      import("../../reference/hosts.ts"),
    ]);
    const { registry: wanted } = parseHost(host);
    credentials.readHost(host);
    const given = await credentials.given(wanted);
    const identity =
      given?.kind === "basic"
        ? { registry: wanted, kind: given.kind, username: given.username, origin: given.origin }
        : await whoami({ registry: wanted });
    if (output.json) return output.value(identity);
    const { registry, kind, username, origin } = identity;
    if (kind === "anonymous") return output.line(`${registry}: anonymous`);
    const who = username ?? (kind === "identity" ? "an identity token" : "a token");
    await output.line(printable(`${registry}: ${who}${origin ? ` (${origin})` : ""}`));
  },
});
