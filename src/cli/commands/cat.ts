import { command } from "../command.ts";
import { usage } from "../flags.ts";
import { maxUnpackedFlag, platformFlag } from "../shared-flags.ts";

export default command({
  arguments: [
    {
      name: "REF",
      about: "Image, in a registry or oci:, oci-archive:, docker-archive:, docker-daemon:",
    },
    { name: "PATH", about: "File in it, such as /etc/os-release; links are followed" },
  ],
  flags: {
    output: {
      about: "File to write; - is standard output",
      value: "FILE",
      short: "o",
      preset: "-",
    },
    platform: platformFlag,
    verify: { about: "Read the whole layer and check its digest before anything is printed" },
    "max-unpacked": maxUnpackedFlag,
  },
  about:
    "Looks through the layers from the newest down, and stops where the file ends: the less there is above it, the faster. Bytes come then before the digest of their layer could be checked, unless --verify is given. Of an index the image for this machine is taken, or for --platform.",
  examples: [
    { command: "wharf cat alpine /etc/os-release", does: "Which release is this?" },
    {
      command: "wharf cat localhost:5000/app:1.0 /usr/bin/app -o app --verify",
      does: "A program out of an image",
    },
  ],
  async run(call) {
    const { arguments: words, flags, output } = call;
    const [reference, path] = words as readonly [string, string];
    const { output: file, verify } = flags;
    if (output.json && file === "-")
      throw usage("--json and the file cannot both go to standard output", "Add --output FILE.");
    const [{ withFilesystem }, { readFile }, { writeToFile, writeToOutput }] = await Promise.all([
      import("../filesystem.ts"),
      import("../../image/filesystem/read.ts"),
      import("../sink.ts"),
    ]);
    let found: object = {};
    const { name, descriptor } = await withFilesystem(call, reference, flags, async (image) => {
      const opened = await readFile(image, path, { verify });
      try {
        if (file === "-") await writeToOutput(call, opened.body, path);
        else await writeToFile(call, opened.body, file);
      } finally {
        await opened.close();
      }
      const { path: real, header, layer } = opened;
      const { size, mode, uid, gid } = header;
      found = { path: `/${real}`, size, mode, uid, gid, layer: layer.digest };
    });
    if (output.json)
      return output.value({ reference: name, digest: descriptor.digest, file, ...found });
  },
});
