import { command } from "../command.ts";

export default command({
  arguments: [
    { name: "REPO", about: "Repository, or oci:DIR" },
    { name: "FILE", about: "The bytes; - for standard input" },
  ],
  flags: {
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
  ],
  async run(call) {
    const {
      arguments: [text, file],
      flags,
      output,
    } = call;
    const { putBlob } = await import("../blobs.ts");
    const { digest, size, repository } = await putBlob(
      call,
      text!,
      file!,
      flags.algorithm as "sha256" | "sha512",
    );
    await (output.json ? output.value({ repository, digest, size }) : output.line(digest));
  },
});
