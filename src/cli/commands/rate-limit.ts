import { isError } from "../../errors.ts";
import { command } from "../command.ts";
import { formatDuration, printable } from "../format.ts";

export default command({
  arguments: [{ name: "HOST", about: "Registry; docker.io where none is given", optional: true }],
  flags: {},
  about: "Asking does not count as a pull.",
  examples: [{ command: "wharf rate-limit", does: "How many pulls from Docker Hub are left?" }],
  async run({ arguments: [host = "docker.io"], output, registry, signal }) {
    const remote = await registry(host);
    const found = await remote.pullLimit({ signal }).catch((error: unknown) => {
      // Other registries have no image for this question, and say nothing of a limit when they deny it.
      if (isError(error, "MANIFEST_NOT_FOUND", "REPOSITORY_NOT_FOUND")) return undefined;
      throw error;
    });
    if (output.json) return output.value({ registry: remote.registry, ...found });
    if (!found) return output.line(`${remote.registry} states no limit on pulls`);
    const { limit, remaining, window, source } = found;
    const span = window === undefined ? "" : ` in ${formatDuration(window)}`;
    const whose = source === undefined ? "" : `, counted for ${printable(source)}`;
    await output.line(`${remaining} of ${limit} pulls left${span}${whose}`);
  },
});
