import { command } from "../command.ts";
import { wholeNumber } from "../flags.ts";

export default command({
  arguments: [],
  flags: {
    store: {
      about: "Folder that holds the repositories, one OCI layout each; made where it is missing",
      value: "DIR",
      preset: "wharf-registry",
    },
    host: { about: "Address to listen on", value: "ADDRESS", preset: "127.0.0.1" },
    port: { about: "Port; 0 is any free one", value: "N", preset: "5000" },
    memory: { about: "Keep everything in memory, and forget it at the end" },
    "allow-anonymous": {
      about: "Allow an address that others can reach, for everybody to read and write",
    },
    seed: { about: "Put a small image (hello/wharf) into an empty registry" },
    quickstart: { about: "--seed, another port where it is taken, and commands to try" },
    log: { about: "Print a line for each request on stderr" },
  },
  about:
    "Speaks the OCI distribution protocol to docker, podman, skopeo and the rest. What was answered 201 is on the disk. Ctrl-C ends it after running requests, a second one at once.",
  examples: [
    {
      command: "wharf registry serve --store ./registry --port 5000",
      does: "A registry for this machine",
    },
    {
      command: "wharf registry serve --memory --port 0 --json",
      does: "For tests: any free port, printed as JSON",
    },
  ],
  async run({ flags, output, signal }) {
    const port = wholeNumber("port", flags.port, { from: 0, to: 65_535 });
    const { serve } = await import("../serving.ts");
    await serve({ ...flags, port }, output, signal);
  },
});
