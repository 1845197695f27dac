import { command } from "../command.ts";
import { explicitReference, openStore } from "../open.ts";
import { usage } from "../flags.ts";

export default command({
  arguments: [
    { name: "REF", about: "Where to: with a tag, a digest or both" },
    {
      name: "FILE",
      about: "The manifest; standard input where none or - is given",
      optional: true,
    },
  ],
  flags: { type: { about: "Media type, where the manifest does not say it", value: "TYPE" } },
  persists: true,
  about: "Pushed as it is; what it names must be there. Prints its digest.",
  examples: [
    {
      command: "wharf manifest get alpine | wharf manifest put localhost:5000/alpine:copy",
      does: "By way of a pipe",
    },
  ],
  async run(call) {
    const {
      arguments: [text, file = "-"],
      flags,
      output,
      signal,
    } = call;
    const [{ readInput }, { digestOf, parseDigest }, { manifestLimit, parseManifest }] =
      await Promise.all([
        import("../input.ts"),
        import("../../reference/digest.ts"),
        import("../../reference/manifest.ts"),
      ]);
    const { tag, digest: expected } = explicitReference(text!);
    const bytes = await readInput(call, file, manifestLimit);
    const digest = digestOf(bytes, expected ? parseDigest(expected).algorithm : "sha256");
    if (expected !== undefined && digest !== expected)
      throw usage(`The manifest has the digest ${digest}, not ${expected}`);
    const { mediaType } = parseManifest(bytes, flags.type);
    const { store, repository } = await openStore(call, text!, "pushManifest");
    await store.pushManifest(
      { descriptor: { mediaType, digest, size: bytes.length }, bytes },
      { signal, ...(tag ? { tag } : {}) },
    );
    if (output.json)
      return output.value({
        repository,
        mediaType,
        digest,
        size: bytes.length,
        ...(tag ? { tag } : {}),
      });
    await output.line(digest);
  },
});
