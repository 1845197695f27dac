import { command } from "../command.ts";

export default command({
  arguments: [{ name: "HOST", about: "Registry; docker.io where none is given", optional: true }],
  flags: {},
  about: "Asks nothing of the registry: wharf ping does that.",
  examples: [
    { command: "wharf whoami ghcr.io", does: "Who would I be there, and where is that said?" },
  ],
  async run({ arguments: [host = "docker.io"], output }) {
    const [{ whoami }, { parseHost }] = await Promise.all([
      import("../../auth/login.ts"),
      import("../../reference/hosts.ts"),
    ]);
    const identity = await whoami({ registry: parseHost(host).registry });
    if (output.json) return output.value(identity);
    const { registry, kind, username, origin } = identity;
    if (kind === "anonymous") await output.line(`${registry}: anonymous`);
    else
      await output.line(
        `${registry}: ${username ?? `a ${kind} token`}${origin ? ` (${origin})` : ""}`,
      );
  },
});
