import { command } from "../command.ts";

export default command({
  arguments: [
    { name: "REPO", about: "Repository, or oci:DIR" },
    { name: "FILE", about: "The bytes; - for standard input" },
  ],
  flags: {
    alias: { about: "Give it a name too, a tag by which wharf blob get finds it", value: "NAME" },
    algorithm: {
      about: "Digest to name it by",
      value: "NAME",
      preset: "sha256",
      choices: ["sha256", "sha512"],
    },
  },
  persists: true,
  about:
    "One pass over the bytes: hashed while they are sent. A cut is mended where the registry kept what came.",
  examples: [
    {
      command: "wharf blob put localhost:5000/data disk.img",
      does: "Upload a file; prints its digest",
    },
    {
      command: "tar c folder | wharf blob put localhost:5000/data -",
      does: "Upload what a pipe gives",
    },
    {
      command: "wharf blob put localhost:5000/data logger.dat --alias may15",
      does: "Under a name, as dxf does",
    },
  ],
  async run(call) {
    const {
      arguments: [text, file],
      flags,
      output,
    } = call;
    const { putBlob } = await import("../blobs.ts");
    const { alias } = flags;
    const done = await putBlob(call, text!, file!, {
      algorithm: flags.algorithm as "sha256" | "sha512",
      alias,
    });
    await (output.json ? output.value(done) : output.line(done.digest));
  },
});
