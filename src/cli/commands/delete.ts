import { command } from "../command.ts";
import { explicitReference, openStore } from "../open.ts";
import { usage } from "../flags.ts";
import { confirm } from "../prompt.ts";
import { yesFlag } from "../shared-flags.ts";

export default command({
  arguments: [
    {
      name: "REF",
      about: "With a tag (its siblings stay) or a digest (the manifest and all its tags go)",
      repeated: true,
    },
  ],
  flags: { yes: yesFlag },
  persists: true,
  about:
    "The tag latest is never implied. Where the registry cannot delete a tag alone, a throw-away manifest takes its place and is deleted with it, so that other tags on the same image live on. Off a terminal --yes is needed.",
  examples: [
    {
      command: "wharf delete localhost:5000/app:old",
      does: "One tag; others on the same image stay",
    },
    {
      command: "wharf delete localhost:5000/app@sha256:… --yes",
      does: "The manifest, and every tag on it",
    },
  ],
  async run(call) {
    const { arguments: words, flags, output, signal } = call;
    const wanted = words.map((word) => ({ word, ...explicitReference(word) }));
    const both = wanted.find(({ tag, digest }) => tag !== undefined && digest !== undefined);
    if (both) throw usage(`'${both.word}' names a tag and a digest`, "Name the one that is to go.");
    await confirm(call, `Delete ${words.join(", ")}?`, flags.yes);
    for (const { word, tag, digest } of wanted) {
      const { store, repository } = await openStore(call, word, "deleteTag", "deleteManifest");
      if (digest === undefined) await store.deleteTag(tag!, { signal });
      else await store.deleteManifest(digest, { signal });
      const name = digest === undefined ? `${repository}:${tag}` : `${repository}@${digest}`;
      await (output.json ? output.item({ deleted: name }) : output.line(`Deleted ${name}`));
    }
  },
});
