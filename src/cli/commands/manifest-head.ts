import { command } from "../command.ts";
import { openStore } from "../open.ts";

export default command({
  arguments: [{ name: "REF", about: "Image, in a registry or elsewhere" }],
  flags: {},
  examples: [
    { command: "wharf manifest head alpine", does: "Type, digest and size, without the manifest" },
  ],
  async run(call) {
    const {
      arguments: [text],
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
    const { mediaType, digest, size } = await store.resolve(reference, { signal });
    if (output.json) return output.value({ mediaType, digest, size });
    await output.line(`${mediaType} ${digest} ${size}`);
  },
});
