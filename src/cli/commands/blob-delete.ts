import { command } from "../command.ts";
import { blobDigest, openStore } from "../open.ts";
import { confirm } from "../prompt.ts";
import { yesFlag } from "../shared-flags.ts";

export default command({
  arguments: [{ name: "REPO@DIGEST", about: "The blobs", repeated: true }],
  flags: { yes: yesFlag },
  persists: true,
  about:
    "An image that still names the blob is broken by this: wharf delete is what you want for images.",
  examples: [
    {
      command: "wharf blob delete localhost:5000/data@sha256:… --yes",
      does: "A blob that nothing names",
    },
  ],
  async run(call) {
    const { arguments: words, flags, output, signal } = call;
    const digests = words.map(blobDigest);
    await confirm(call, `Delete ${words.join(", ")}?`, flags.yes);
    for (const [i, word] of words.entries()) {
      const { store, repository } = await openStore(call, word, "deleteBlob");
      await store.deleteBlob(digests[i]!, { signal });
      const name = `${repository}@${digests[i]}`;
      await (output.json ? output.item({ deleted: name }) : output.line(`Deleted ${name}`));
    }
  },
});
