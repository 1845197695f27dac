import { WharfError } from "../../errors.ts";
import { command } from "../command.ts";
import { blobDigest, openStore } from "../open.ts";

export default command({
  arguments: [
    { name: "REPO@DIGEST", about: "The blob, and where it is" },
    { name: "TO", about: "Repository of the same registry that is to have it too" },
  ],
  flags: {},
  persists: true,
  about: "No bytes move. Prints the digest.",
  examples: [
    {
      command: "wharf blob mount localhost:5000/app@sha256:… localhost:5000/other",
      does: "Share a blob",
    },
  ],
  async run(call) {
    const {
      arguments: [from, to],
      output,
      signal,
    } = call;
    const digest = blobDigest(from!);
    const source = await openStore(call, from!, "statBlob");
    const target = await openStore(call, to!, "mountBlob", "canMount");
    if (!target.store.canMount(source.store))
      throw new WharfError(
        "UNSUPPORTED",
        `${source.repository} and ${target.repository} are not in the same registry`,
        { hint: "wharf copy moves images between registries." },
      );
    const found = await source.store.statBlob(digest, { signal });
    if (!found)
      throw new WharfError("BLOB_NOT_FOUND", `${source.repository} has no blob ${digest}`);
    if (!(await target.store.mountBlob(found, source.store, { signal })))
      throw new WharfError(
        "UNSUPPORTED",
        `${target.repository}: the registry declined to mount ${digest}`,
        { hint: "Push it with wharf blob put." },
      );
    await (output.json
      ? output.value({ repository: target.repository, digest, size: found.size })
      : output.line(digest));
  },
});
