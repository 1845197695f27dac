import { openAlias } from "../aliases.ts";
import { command } from "../command.ts";
import { explicitReference } from "../open.ts";
import { platformFlag } from "../shared-flags.ts";

export default command({
  arguments: [{ name: "REPO:ALIAS", about: "An alias, or any image, whose layers are the blobs" }],
  flags: { platform: platformFlag },
  about: "Digests and sizes in bytes, in the order of the alias.",
  examples: [
    { command: "wharf blob list localhost:5000/data:may15", does: "What a name stands for" },
  ],
  async run(call) {
    const { output, flags } = call;
    const [text = ""] = call.arguments;
    explicitReference(text);
    const { blobs } = await openAlias(call, text, flags.platform);
    for (const { digest, size } of blobs)
      await (output.json ? output.item({ digest, size }) : output.line(`${digest}  ${size}`));
  },
});
