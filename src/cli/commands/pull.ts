import { parseLocation } from "../../reference/location.ts";
import { command } from "../command.ts";
import { wholeNumber } from "../flags.ts";
import { count, printable } from "../format.ts";
import { platformFlag } from "../shared-flags.ts";
import { parseSize } from "../size.ts";

export default command({
  arguments: [{ name: "REF", about: "Artifact in a registry, oci:DIR[:TAG] or oci-archive:FILE" }],
  flags: {
    output: { about: "Folder to write to", value: "DIR", short: "o", preset: "." },
    force: { about: "Replace files that are there, fill folders that are there" },
    platform: platformFlag,
    attached: {
      about: "In its place the newest of this type that is attached to it",
      value: "TYPE",
    },
    "include-subject": { about: "Also the files of what it is attached to, and so on" },
    "max-unpacked": {
      about: "Size all folders may unpack to, such as 5GiB",
      value: "SIZE",
    },
    jobs: { about: "Files on their way at once", value: "N", preset: "6" },
  },
  persists: true,
  about:
    "Writes the files of an artifact that wharf, oras or others pushed; folders are unpacked. Nothing outside of DIR is written, whatever the artifact says. What is there already is left, or stops the pull before it begins; each file gets its name when it is whole and verified, and an interrupted pull goes on where it was. Container images have no files to pull: copy them.",
  examples: [
    { command: "wharf pull localhost:5000/models:v1 -o models", does: "All files, into a folder" },
    {
      command: "wharf pull localhost:5000/app:v1 --attached application/spdx+json",
      does: "The newest SBOM of an image",
    },
  ],
  async run(call) {
    const { arguments: words, flags, output, signal } = call;
    const concurrency = wholeNumber("jobs", flags.jobs, { from: 1, to: 64 });
    const [
      { nameIn, summaryOf, withProgress },
      { openSource },
      { pullArtifact },
      { parsePlatform },
    ] = await Promise.all([
      import("../artifacts.ts"),
      import("../../transfer/location.ts"),
      import("../../image/artifacts/index.ts"),
      import("../../reference/platform.ts"),
    ]);
    const limit = flags["max-unpacked"];
    const maxUnpacked = limit === undefined ? undefined : parseSize("max-unpacked", limit);
    const platform = flags.platform === undefined ? undefined : parsePlatform(flags.platform);
    const location = parseLocation(words[0]!);
    const started = performance.now();
    const source = await openSource(location, await call.openContext());
    call.onClose(() => source.close());
    const kept = "what was pulled whole is kept, and the rest is resumed";
    const { result: pulled, there } = await withProgress(call, kept, (onEvent) =>
      pullArtifact(source.store, source.reference, flags.output, {
        signal,
        concurrency,
        onEvent,
        force: flags.force,
        includeSubject: flags["include-subject"],
        ...(platform && { platform }),
        ...(flags.attached !== undefined && { attached: flags.attached }),
        ...(maxUnpacked !== undefined && { maxUnpacked }),
      }),
    );
    const { descriptor, artifactType, annotations, files, unnamed } = pulled;
    const reference = `${nameIn(location)}@${descriptor.digest}`;
    if (output.json)
      return output.value({
        reference,
        ...descriptor,
        artifactType,
        annotations,
        files: files.map(({ descriptor: { mediaType, digest, size }, ...file }) => {
          return { ...file, mediaType, digest, size };
        }),
        unnamed,
      });
    // Others have chosen these names: they must not reach a terminal as they are.
    for (const { path, folder } of files) await output.line(printable(folder ? `${path}/` : path));
    const bytes = files.reduce((sum, file) => sum + file.descriptor.size, 0);
    if (unnamed.length > 0)
      output.note(`${count(unnamed.length, "layer")} without a name left: wharf copy takes them`);
    if (files.length === 0) return output.note(`${reference} holds no files`);
    output.note(summaryOf(files.length, bytes, there, started));
  },
});
