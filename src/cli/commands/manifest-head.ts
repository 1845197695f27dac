import { command } from "../command.ts";

export default command({
  arguments: [{ name: "REF", about: "Image, in a registry or elsewhere" }],
  flags: {},
  examples: [
    { command: "wharf manifest head alpine", does: "Type, digest and size, without the manifest" },
  ],
  async run({ arguments: [text], output, source, signal }) {
    const { store, reference } = await source(text!);
    const { mediaType, digest, size } = await store.resolve(reference, { signal });
    if (output.json) return output.value({ mediaType, digest, size });
    await output.line(`${mediaType} ${digest} ${size}`);
  },
});
