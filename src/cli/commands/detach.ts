import { isDigest } from "../../reference/digest.ts";
import { command } from "../command.ts";
import { usage } from "../flags.ts";
import { printable } from "../format.ts";
import { explicitReference, openStore, platformOf } from "../open.ts";
import { confirm } from "../prompt.ts";
import { platformFlag, yesFlag } from "../shared-flags.ts";

export default command({
  arguments: [
    { name: "REF", about: "Image or artifact, with a tag or digest" },
    {
      name: "DIGEST",
      about: "What is to go, as wharf discover shows it",
      optional: true,
      repeated: true,
    },
  ],
  flags: {
    type: { about: "All of this artifact type", value: "TYPE" },
    platform: { ...platformFlag, about: "What is attached to this image of an index" },
    "dry-run": { about: "Only show what would go", short: "n" },
    yes: yesFlag,
  },
  persists: true,
  about:
    "Deletes manifests that are attached to an image, with what is attached to them in turn; the image stays. Where a registry lists no referrers, the tag that stands in for the list is kept. Their blobs are the registry's to collect. Off a terminal --yes is needed.",
  examples: [
    {
      command: "wharf detach localhost:5000/app:v1 sha256:…",
      does: "One, as wharf discover shows it",
    },
    {
      command: "wharf detach localhost:5000/app:v1 --type application/spdx+json --yes",
      does: "All SBOMs, without a question",
    },
  ],
  async run(call) {
    const {
      arguments: [text, ...digests],
      flags,
      output,
      signal,
    } = call;
    if (digests.length === 0 && flags.type === undefined)
      throw usage("Detach what?", "Name digests after REF, or give --type TYPE.");
    if (digests.length > 0 && flags.type !== undefined)
      throw usage("Name digests or --type, not both");
    const wrong = digests.find((digest) => !isDigest(digest));
    if (wrong !== undefined)
      throw usage(`'${wrong}' is no digest`, "wharf discover REF shows them: sha256:…");
    explicitReference(text!);
    const reading = ["resolve", "fetchManifest", "fetchBlob", "listReferrers"] as const;
    const opened = await openStore(call, text!, ...reading, "deleteManifest");
    const { store, reference, repository } = opened;
    const subject = await subjectOf();
    const { findDetachable } = await import("../../image/artifacts/index.ts");
    const wish = flags.type === undefined ? { digests } : { artifactType: flags.type };
    const found = await findDetachable(store, subject, wish, { signal });
    if (found.length === 0) {
      if (output.json) return;
      return output.note(`Nothing of type ${flags.type} is attached to ${repository}@${subject}`);
    }
    if (!flags["dry-run"]) await ask();
    for (const { descriptor, artifactType } of found) {
      const { digest } = descriptor;
      if (!flags["dry-run"]) await store.deleteManifest(digest, { signal });
      const done = flags["dry-run"] ? "Would detach" : "Detached";
      if (output.json) await output.item({ detached: digest, artifactType, subject });
      else await output.line(printable(`${done} ${digest}  ${artifactType ?? ""}`).trimEnd());
    }

    async function subjectOf(): Promise<string> {
      if (flags.platform)
        return (await platformOf(store, reference, flags.platform, signal)).digest;
      return isDigest(reference) ? reference : (await store.resolve(reference, { signal })).digest;
    }

    async function ask(): Promise<void> {
      if (!flags.yes && call.stdin.isTTY)
        for (const { descriptor, artifactType = "" } of found)
          output.note(`${descriptor.digest}  ${artifactType}`);
      const what = found.length === 1 ? found[0]!.descriptor.digest : `${found.length} manifests`;
      await confirm(call, `Delete ${what} from ${repository}?`, flags.yes);
    }
  },
});
