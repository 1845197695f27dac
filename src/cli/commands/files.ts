import { command } from "../command.ts";
import { maxUnpackedFlag, platformFlag } from "../shared-flags.ts";

export default command({
  arguments: [
    {
      name: "REF",
      about: "Image, in a registry or oci:, oci-archive:, docker-archive:, docker-daemon:",
    },
    { name: "PATH", about: "Folder or file in it; the root where none is given", optional: true },
  ],
  flags: {
    recursive: { about: "Also what is in folders below", short: "R" },
    platform: platformFlag,
    "max-unpacked": maxUnpackedFlag,
  },
  about:
    "Reads all layers, and keeps nothing but names. With --json each file is a line, with the layer that it comes from. Of an index the image for this machine is taken, or for --platform.",
  examples: [
    { command: "wharf files alpine /etc", does: "What is in a folder" },
    {
      command: "wharf files alpine -R --json | jq -r 'select(.size > 1e6) | .path'",
      does: "Large files",
    },
  ],
  async run(call) {
    const { arguments: words, flags, output } = call;
    const [reference, path = "/"] = words;
    const [{ withFilesystem }, { listFiles }, { fileLines }] = await Promise.all([
      import("../filesystem.ts"),
      import("../../image/filesystem/list.ts"),
      import("../file-lines.ts"),
    ]);
    await withFilesystem(call, reference!, flags, async (image) => {
      const files = await listFiles(image, { path, recursive: flags.recursive });
      if (output.json) {
        for (const { layer, path, ...file } of files)
          await output.item({ path: `/${path}`, ...file, ...(layer && { layer: layer.digest }) });
        return;
      }
      for (const line of fileLines(files, path)) await output.line(line);
      if (files.length === 0) output.note(`${path} is empty`);
    });
  },
});
