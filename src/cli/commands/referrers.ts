import { command } from "../command.ts";
import { openStore, platformOf } from "../open.ts";
import { platformFlag } from "../shared-flags.ts";

export default command({
  arguments: [{ name: "REF", about: "Image, in a registry or a layout" }],
  flags: {
    tree: { about: "Also what refers to the referrers, as a tree" },
    type: { about: "Only of this artifact type", value: "TYPE" },
    platform: platformFlag,
  },
  about: "Asks the registry's referrers API, its fallback tag, and the tags that cosign writes.",
  examples: [
    {
      command: "wharf referrers ghcr.io/org/app:v1 --tree",
      does: "Everything attached, level by level",
    },
    {
      command: "wharf referrers localhost:5000/app:v1 --type application/spdx+json --json",
      does: "SBOMs, for a script",
    },
  ],
  async run(call) {
    const { arguments: words, flags, output, signal } = call;
    const { store, reference } = await openStore(
      call,
      words[0]!,
      "resolve",
      "fetchManifest",
      "fetchBlob",
      "listReferrers",
    );
    const { digest } = flags.platform
      ? await platformOf(store, reference, flags.platform, signal)
      : await store.resolve(reference, { signal });
    const [{ referrersTree }, { attachmentList, attachmentTree }] = await Promise.all([
      import("../../image/attached.ts"),
      import("../attachments.ts"),
    ]);
    const tree = await referrersTree(store, digest, {
      signal,
      ...(flags.tree ? {} : { depth: 1 }),
    });
    const found = tree.attachments.filter(
      ({ artifactType }) => flags.type === undefined || artifactType === flags.type,
    );
    if (output.json) {
      if (flags.tree) return output.value({ digest, attachments: found });
      for (const attachment of found) await output.item(attachment);
      return;
    }
    const lines = flags.tree ? [digest, ...attachmentTree(found)] : attachmentList(found);
    for (const line of lines) await output.line(line);
    if (tree.truncated && flags.tree) output.note("More is attached than is shown");
    if (found.length === 0) output.note(`Nothing refers to ${digest}`);
  },
});
