import { command } from "../command.ts";
import { usage } from "../flags.ts";
import { platformFlag } from "../shared-flags.ts";

export default command({
  arguments: [{ name: "REPO@DIGEST", about: "The blob; or REPO:ALIAS, a name for some" }],
  flags: {
    output: {
      about: "File to write; - is standard output",
      value: "FILE",
      short: "o",
      preset: "-",
    },
    platform: platformFlag,
  },
  about:
    "Verified against its digest. Into a file it comes by way of sha256-….part beside it, and an interrupted download goes on where it was. On standard output, bytes are out before the last one is verified: mind the exit status.",
  examples: [
    {
      command: "wharf blob get localhost:5000/data@sha256:… -o disk.img",
      does: "Into a file; run it again after a cut",
    },
    {
      command: "wharf blob get localhost:5000/data:may15 > logger.dat",
      does: "What an alias names, one blob behind the other",
    },
    { command: "wharf blob get alpine@sha256:… | tar tz", does: "List what a layer holds" },
  ],
  async run(call) {
    const { flags, output } = call;
    if (output.json && flags.output === "-")
      throw usage("--json and the blob cannot both go to standard output", "Add --output FILE.");
    const { getBlob } = await import("../blobs.ts");
    const done = await getBlob(call, call.arguments[0]!, {
      file: flags.output,
      platform: flags.platform,
    });
    if (output.json && done) await output.value(done);
  },
});
