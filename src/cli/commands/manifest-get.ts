import { command } from "../command.ts";
import { printable } from "../format.ts";
import { openStore, platformOf } from "../open.ts";
import { platformFlag } from "../shared-flags.ts";

export default command({
  arguments: [{ name: "REF", about: "Image, in a registry or elsewhere" }],
  flags: { platform: platformFlag },
  about:
    "The bytes are those that were pushed, verified against their digest, without a newline added (but on a terminal).",
  examples: [
    { command: "wharf manifest get alpine | sha256sum", does: "The digest, computed anew" },
    {
      command: "wharf manifest get alpine --platform linux/arm64",
      does: "One platform's manifest out of the index",
    },
  ],
  async run(call) {
    const {
      arguments: [text],
      flags,
      output,
      signal,
    } = call;
    const { store, reference } = await openStore(
      call,
      text!,
      "resolve",
      "fetchManifest",
      "fetchBlob",
    );
    let wanted = reference;
    if (flags.platform) {
      wanted = (await platformOf(store, reference, flags.platform, signal)).digest;
    }
    const { bytes, descriptor } = await store.fetchManifest(wanted, { signal });
    if (output.json) {
      const manifest: unknown = JSON.parse(new TextDecoder().decode(bytes));
      return output.value({ ...descriptor, manifest });
    }
    if (!output.stdout.isTTY) return output.write(bytes);
    await output.line(printable(new TextDecoder().decode(bytes)));
  },
});
