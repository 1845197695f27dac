import { command } from "../command.ts";
import { usage } from "../flags.ts";
import { openStore } from "../open.ts";
import { platformFlag } from "../shared-flags.ts";

export default command({
  arguments: [
    {
      name: "REF",
      about: "Image, in a registry or oci:, oci-archive:, docker-archive:, docker-daemon:",
    },
  ],
  flags: {
    platform: platformFlag,
    "all-platforms": {
      about: "All that an index names as a table; with --json a list",
    },
    "no-attachments": { about: "Do not look for signatures, SBOMs and attestations" },
    "no-sizes": { about: "Do not read every platform's manifest for its size" },
  },
  about:
    "Reads manifests and the configuration, no layer. Of an index the image for this machine is shown in detail, or for --platform.",
  examples: [
    { command: "wharf inspect alpine", does: "Platforms, layers, configuration, what is attached" },
    {
      command: "wharf inspect alpine --all-platforms",
      does: "Size, layers, date and digest of each platform",
    },
    { command: "wharf inspect alpine --json | jq .image.run.env", does: "One field, for a script" },
  ],
  async run(call) {
    const { arguments: words, flags, output, signal } = call;
    const all = flags["all-platforms"];
    if (all && flags.platform) throw usage("--all-platforms and --platform exclude each other");
    const { store, reference, name } = await openStore(
      call,
      words[0]!,
      "resolve",
      "fetchManifest",
      "fetchBlob",
    );
    if (all) {
      const [{ inspectPlatforms }, { platformTable }] = await Promise.all([
        import("../../image/everyPlatform.ts"),
        import("../platform-table.ts"),
      ]);
      const found = await inspectPlatforms(store, reference, { signal });
      if (output.json) return output.value(found);
      return output.line(platformTable(found).join("\n"));
    }
    const [{ inspect }, { inspectionScreen }, { parsePlatform }] = await Promise.all([
      import("../../image/inspect.ts"),
      import("../screens.ts"),
      import("../../reference/platform.ts"),
    ]);
    const found = await inspect(store, reference, {
      signal,
      attachments: !flags["no-attachments"],
      sizes: !flags["no-sizes"],
      ...(flags.platform ? { platform: parsePlatform(flags.platform) } : {}),
    });
    if (output.json) return output.value({ ...found, reference: name });
    const screen = {
      columns: Math.max(80, output.columns),
      now: Date.now(),
      heading: (title: string) => output.style("bold", title),
    };
    await output.line(inspectionScreen(found, name, screen).join("\n"));
  },
});
