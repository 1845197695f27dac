import { command } from "../command.ts";
import type { Hub } from "../../hub/client/hub.ts";
import { hubPlaceOf } from "../hub/place.ts";
import { explicitReference, openStore, repositoryName } from "../open.ts";
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
    "The tag latest is never implied. Where the registry cannot delete a tag alone, a throw-away manifest takes its place and is deleted with it, so that other tags on the same image live on; tags of Docker Hub are deleted by its API. Off a terminal --yes is needed.",
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
    const told = (name: string) =>
      output.json ? output.item({ deleted: name }) : output.line(`Deleted ${name}`);
    let hub: Hub | undefined;
    for (const { word, tag, digest } of wanted) {
      const place = hubPlaceOf(call.config, repositoryName(word));
      if (place !== undefined && digest === undefined) {
        hub ??= await (await import("../hub/open.ts")).openHub(call);
        await hub.tags.delete({ ...place, tag: tag! }, { confirm: true, signal });
        await told(`docker.io/${place.namespace}/${place.repository}:${tag}`);
        continue;
      }
      const { store, repository } = await openStore(call, word, "deleteTag", "deleteManifest");
      if (digest === undefined) await store.deleteTag(tag!, { signal });
      else await store.deleteManifest(digest, { signal });
      await told(digest === undefined ? `${repository}:${tag}` : `${repository}@${digest}`);
    }
  },
});
