import { command } from "../command.ts";
import { usage } from "../flags.ts";
import { formatBytes, formatDuration } from "../format.ts";
import { maxUnpackedFlag, platformFlag } from "../shared-flags.ts";

export default command({
  arguments: [
    {
      name: "REF",
      about: "Image, in a registry or oci:, oci-archive:, docker-archive:, docker-daemon:",
    },
  ],
  flags: {
    output: { about: "Tar to write; - is standard output", value: "FILE", short: "o", preset: "-" },
    platform: platformFlag,
    "max-unpacked": maxUnpackedFlag,
  },
  about:
    "Writes the files of an image as one tar, the layers on top of each other and what they remove removed: what docker export gives of a container that never ran. Owners, modes, times, hard links and extended attributes stay; unpack as root to have them all. Layers are verified; a FILE gets its name when it is whole, on standard output mind the exit status. Of an index the image for this machine is taken, or for --platform.",
  examples: [
    { command: "wharf export alpine -o alpine.tar", does: "The files of an image, in a tar" },
    {
      command: "wharf export alpine --platform linux/arm64 | tar x -C rootfs",
      does: "Into a folder, for another machine",
    },
    { command: "wharf export localhost:5000/app:1.0 | tar tv", does: "List them all" },
  ],
  async run(call) {
    const { arguments: words, flags, output } = call;
    const { output: file } = flags;
    if (output.json && file === "-")
      throw usage("--json and the tar cannot both go to standard output", "Add --output FILE.");
    if (file === "-" && output.stdout.isTTY)
      throw usage(
        "A tar would garble the terminal",
        "Pipe it on, as in `… | tar tv`, or write it to a file with --output FILE.",
      );
    const [{ withFilesystem }, { exportTar }, { writeToFile, writeToOutput }] = await Promise.all([
      import("../filesystem.ts"),
      import("../../image/filesystem/tar.ts"),
      import("../sink.ts"),
    ]);
    const started = performance.now();
    const counted = { entries: 0, size: 0 };
    const { name, descriptor } = await withFilesystem(call, words[0]!, flags, async (image) => {
      const tar = exportTar(image, counted);
      if (file === "-") await writeToOutput(call, tar, "The tar");
      else await writeToFile(call, tar, file);
    });
    const { entries, size } = counted;
    if (output.json)
      return output.value({ reference: name, digest: descriptor.digest, file, entries, size });
    const what = `${entries} ${entries === 1 ? "entry" : "entries"}, ${formatBytes(size)}`;
    const where = file === "-" ? "" : `${file}: `;
    output.note(`${where}${what}, ${formatDuration(performance.now() - started)}`);
  },
});
