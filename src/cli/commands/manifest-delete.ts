import { command } from "../command.ts";
import { explicitReference, openStore } from "../open.ts";
import { usage } from "../flags.ts";
import { confirm } from "../prompt.ts";
import { yesFlag } from "../shared-flags.ts";

export default command({
  arguments: [
    { name: "REPO@DIGEST", about: "Manifests; every tag on them goes too", repeated: true },
  ],
  flags: { yes: yesFlag },
  persists: true,
  examples: [
    {
      command: "wharf manifest delete localhost:5000/app@sha256:… --yes",
      does: "A manifest and all its tags",
    },
  ],
  async run(call) {
    const { arguments: words, flags, output, signal } = call;
    const digests = words.map((word) => {
      const { digest } = explicitReference(word);
      if (digest === undefined)
        throw usage(
          `'${word}' names no digest`,
          "wharf delete deletes tags; wharf digest tells a tag's digest.",
        );
      return digest;
    });
    await confirm(call, `Delete ${words.join(", ")} and every tag on it?`, flags.yes);
    for (const [i, word] of words.entries()) {
      const { store, repository } = await openStore(call, word, "deleteManifest");
      await store.deleteManifest(digests[i]!, { signal });
      const name = `${repository}@${digests[i]}`;
      await (output.json ? output.item({ deleted: name }) : output.line(`Deleted ${name}`));
    }
  },
});
