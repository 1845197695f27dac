import { parseLocation } from "../../reference/location.ts";
import { artifactFlags, fileArgument } from "../artifacts.ts";
import { command } from "../command.ts";
import { usage } from "../flags.ts";
import { openStore } from "../open.ts";
import { platformFlag } from "../shared-flags.ts";

export default command({
  arguments: [
    { name: "REF", about: "Image or artifact that the files are about, in a registry or oci:DIR" },
    fileArgument,
  ],
  flags: {
    type: {
      about: "Artifact type: what kind of thing is attached (needed)",
      value: "TYPE",
    },
    ...artifactFlags,
    platform: { ...platformFlag, about: "Attach to this image of an index" },
  },
  persists: true,
  about:
    "Attaches files to an image, as signatures and SBOMs are: a manifest whose subject is the image. The image stays as it is. Where a registry lists no referrers, the tag that stands in for the list is kept.",
  examples: [
    {
      command: "wharf attach localhost:5000/app:v1 sbom.json --type application/spdx+json",
      does: "An SBOM; wharf discover shows it, wharf copy takes it along",
    },
    {
      command: "wharf attach localhost:5000/app:v1 --type example/review -a by=ada",
      does: "No file, only annotations",
    },
  ],
  async run(call) {
    const {
      arguments: [text, ...words],
      flags,
    } = call;
    if (flags.type === undefined)
      throw usage(
        "What is attached needs a type",
        "Add --type TYPE, such as application/spdx+json: it is what others look for.",
      );
    const [{ printPushed, readWanted, withProgress }, { attachArtifact }, { parsePlatform }] =
      await Promise.all([
        import("../artifacts.ts"),
        import("../../image/artifacts/index.ts"),
        import("../../reference/platform.ts"),
      ]);
    const { files, options } = await readWanted(call, words, flags);
    if (files.length === 0 && Object.keys(options.annotations ?? {}).length === 0)
      throw usage("There is nothing to attach", "Name files after REF, or give --annotation.");
    const started = performance.now();
    const reading = ["resolve", "fetchManifest", "fetchBlob"] as const;
    const writing = ["statBlob", "pushBlob", "pushManifest"] as const;
    const { store, reference } = await openStore(call, text!, ...reading, ...writing);
    const artifactType = flags.type;
    const { result: pushed, there } = await withProgress(
      call,
      "what was pushed whole is kept",
      (onEvent) =>
        attachArtifact(store, reference, files, {
          ...options,
          onEvent,
          artifactType,
          ...(flags.platform !== undefined && { subjectPlatform: parsePlatform(flags.platform) }),
        }),
    );
    await printPushed(call, parseLocation(text!), pushed, { there, started });
    call.output.note(`Attached to ${pushed.subject.digest}`);
  },
});
