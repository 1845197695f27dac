import { isDigest } from "../../reference/digest.ts";
import { command } from "../command.ts";
import { openStore, platformOf } from "../open.ts";
import { platformFlag } from "../shared-flags.ts";

export default command({
  arguments: [{ name: "REF", about: "Image or artifact, in a registry or a layout" }],
  flags: {
    tree: { about: "Also what is attached to what is attached" },
    type: { about: "Only of this artifact type", value: "TYPE" },
    platform: platformFlag,
  },
  about:
    "Shows what is attached to an image: what kind of thing, its digest, the files that pull writes, and annotations. wharf referrers lists the same in a line each, without reading them.",
  examples: [
    { command: "wharf discover localhost:5000/app:v1", does: "Signatures, SBOMs, reports" },
    {
      command: "wharf discover localhost:5000/app:v1 --type application/spdx+json --json",
      does: "For a script",
    },
  ],
  async run(call) {
    const { arguments: words, flags, output, signal } = call;
    const { store, reference, repository } = await openStore(
      call,
      words[0]!,
      "resolve",
      "fetchManifest",
      "fetchBlob",
      "listReferrers",
    );
    const subject = await subjectOf();
    const [{ discover }, { drawDiscovery, discoveryJson }] = await Promise.all([
      import("../../image/artifacts/index.ts"),
      import("../discovery.ts"),
    ]);
    const { attachments, truncated } = await discover(store, subject, {
      signal,
      ...(flags.tree ? { depth: 8 } : { depth: 1 }),
      ...(flags.type !== undefined && { artifactType: flags.type }),
    });
    const name = `${repository}@${subject}`;
    if (output.json) return output.value(discoveryJson(name, subject, attachments));
    for (const line of drawDiscovery(name, attachments, output.columns)) await output.line(line);
    if (attachments.length === 0) output.note(`Nothing is attached to ${name}`);
    if (truncated && flags.tree) output.note("More is attached than is shown");

    /** What a digest names may be gone; what was attached to it is found all the same. */
    async function subjectOf(): Promise<string> {
      if (flags.platform)
        return (await platformOf(store, reference, flags.platform, signal)).digest;
      return isDigest(reference) ? reference : (await store.resolve(reference, { signal })).digest;
    }
  },
});
