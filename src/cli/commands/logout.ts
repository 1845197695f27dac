import { command } from "../command.ts";

export default command({
  arguments: [{ name: "HOST", about: "Registry; docker.io where none is given", optional: true }],
  flags: {},
  persists: true,
  about: "Removes them from docker's and podman's files and their credential helpers.",
  examples: [{ command: "wharf logout ghcr.io", does: "Forget the credentials for ghcr.io" }],
  async run({ arguments: [host = "docker.io"], output }) {
    const [{ logout }, { parseHost }] = await Promise.all([
      import("../../auth/login.ts"),
      import("../../reference/hosts.ts"),
    ]);
    const { registry } = parseHost(host);
    const result = await logout({ registry });
    if (output.json) return output.value(result);
    if (result.places.length === 0) await output.line(`There were no credentials for ${registry}`);
    else
      await output.line(`Removed the credentials for ${registry} from ${result.places.join(", ")}`);
    if (result.remaining)
      output.warn(`${result.remaining} still gives credentials for ${registry}`);
  },
});
