import { command } from "../command.ts";
import { openStore } from "../open.ts";
import { platformFlag } from "../shared-flags.ts";

export default command({
  arguments: [
    {
      name: "REF",
      about: "Image, in a registry or oci:, oci-archive:, docker-archive:, docker-daemon:",
    },
  ],
  flags: { platform: platformFlag },
  about: "One HEAD request where the registry allows it: it does not count against a pull limit.",
  examples: [
    { command: "wharf digest alpine", does: "What does alpine:latest stand for now?" },
    {
      command: "wharf digest alpine --platform linux/arm64",
      does: "The manifest for one platform",
    },
  ],
  async run(call) {
    const {
      arguments: [text],
      flags,
      output,
      signal,
    } = call;
    const { store, reference, name } = await openStore(
      call,
      text!,
      "resolve",
      "fetchManifest",
      "fetchBlob",
    );
    let descriptor = await store.resolve(reference, { signal });
    if (flags.platform) {
      const [{ selectPlatform }, { parsePlatform }] = await Promise.all([
        import("../../image/platforms.ts"),
        import("../../reference/platform.ts"),
      ]);
      descriptor = await selectPlatform(store, reference, parsePlatform(flags.platform), {
        signal,
      });
    }
    const { digest, mediaType, size } = descriptor;
    if (output.json) await output.value({ reference: name, digest, mediaType, size });
    else await output.line(digest);
  },
});
