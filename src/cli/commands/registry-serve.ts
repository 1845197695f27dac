import { command } from "../command.ts";
import { serveFlags } from "../serving/flags.ts";

export default command({
  arguments: [],
  flags: serveFlags,
  about:
    "Speaks the OCI distribution protocol to docker, podman, skopeo and the rest. What was answered 201 is on the disk. Ctrl-C ends it after running requests, a second one at once.",
  examples: [
    {
      command: "wharf registry serve --store ./registry --port 5000",
      does: "A registry for this machine",
    },
    {
      command: "wharf registry serve --htpasswd users --rules rules.yaml",
      does: "A registry whose users may do what the rules say",
    },
    {
      command: "wharf registry serve --memory --port 0 --json",
      does: "For tests: any free port, printed as JSON",
    },
  ],
  async run(call) {
    const { serve } = await import("../serving/serve.ts");
    await serve(call);
  },
});
