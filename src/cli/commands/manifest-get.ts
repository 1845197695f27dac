import { command } from "../command.ts";
import { platformFlag } from "../shared-flags.ts";

export default command({
  arguments: [{ name: "REF", about: "Image, in a registry or elsewhere" }],
  flags: { platform: platformFlag },
  about:
    "The bytes are those that were pushed, verified against their digest, without a newline added.",
  examples: [
    { command: "wharf manifest get alpine | sha256sum", does: "The digest, computed anew" },
    {
      command: "wharf manifest get alpine --platform linux/arm64",
      does: "One platform's manifest out of the index",
    },
  ],
  async run({ arguments: [text], flags, output, source, signal }) {
    const { store, reference } = await source(text!);
    let wanted = reference;
    if (flags.platform) {
      const { platformOf } = await import("../open.ts");
      wanted = (await platformOf(store, reference, flags.platform, signal)).digest;
    }
    const { bytes, descriptor } = await store.fetchManifest(wanted, { signal });
    if (output.json) {
      const manifest: unknown = JSON.parse(new TextDecoder().decode(bytes));
      return output.value({ ...descriptor, manifest });
    }
    await output.write(bytes);
  },
});
