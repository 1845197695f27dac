import { command } from "../command.ts";
import { openStore, platformOf } from "../open.ts";
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
    const { digest, mediaType, size } = flags.platform
      ? await platformOf(store, reference, flags.platform, signal)
      : await store.resolve(reference, { signal });
    if (output.json) await output.value({ reference: name, digest, mediaType, size });
    else await output.line(digest);
  },
});
