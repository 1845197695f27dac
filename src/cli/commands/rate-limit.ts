import { command } from "../command.ts";
import { formatDuration } from "../format.ts";

export default command({
  arguments: [{ name: "HOST", about: "Registry; docker.io where none is given", optional: true }],
  flags: {},
  about: "Asking does not count as a pull.",
  examples: [{ command: "wharf rate-limit", does: "How many pulls from Docker Hub are left?" }],
  async run({ arguments: [host = "docker.io"], output, registry, signal }) {
    const remote = await registry(host);
    const limit = await remote.pullLimit({ signal });
    if (output.json) return output.value({ registry: remote.registry, ...limit });
    if (!limit) return output.line(`${remote.registry} tells of no limit on pulls`);
    const window = limit.window === undefined ? "" : ` in ${formatDuration(limit.window)}`;
    await output.line(
      `${limit.remaining ?? "?"} of ${limit.limit ?? "?"} pulls left${window}${limit.source ? ` for ${limit.source}` : ""}`,
    );
  },
});
