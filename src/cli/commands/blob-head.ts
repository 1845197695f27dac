import { WharfError } from "../../errors.ts";
import { command } from "../command.ts";
import { blobDigest, openStore } from "../open.ts";

export default command({
  arguments: [{ name: "REPO@DIGEST", about: "The blob" }],
  flags: {},
  examples: [{ command: "wharf blob head localhost:5000/app@sha256:…", does: "Its size in bytes" }],
  async run(call) {
    const {
      arguments: [text],
      output,
      signal,
    } = call;
    const digest = blobDigest(text!);
    const { store, repository } = await openStore(call, text!, "statBlob");
    const found = await store.statBlob(digest, { signal });
    if (!found) throw new WharfError("BLOB_NOT_FOUND", `${repository} has no blob ${digest}`);
    await (output.json
      ? output.value({ digest, size: found.size })
      : output.line(String(found.size)));
  },
});
