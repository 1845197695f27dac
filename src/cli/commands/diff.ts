import type { PlatformDiff } from "../../image/diff/index.ts";
import { command } from "../command.ts";
import { openStore } from "../open.ts";
import { maxUnpackedFlag, platformFlag } from "../shared-flags.ts";

/** Paths as `wharf files` has them. */
const withSlashes = ({ files, ...image }: PlatformDiff) => ({
  ...image,
  ...(files && { files: files.map((file) => ({ ...file, path: `/${file.path}` })) }),
});

const wanted = ["resolve", "fetchManifest", "fetchBlob"] as const;

export default command({
  arguments: [
    {
      name: "A",
      about: "Image, in a registry or oci:, oci-archive:, docker-archive:, docker-daemon:",
    },
    { name: "B", about: "The image that it is compared to, there or elsewhere" },
  ],
  flags: {
    files: { about: "Compare the files too; of indexes, those of one platform" },
    platform: platformFlag,
    "exit-code": { about: "Exit with status 1 where they differ" },
    "max-unpacked": maxUnpackedFlag,
  },
  about:
    "Says what B has (+), lacks (-) and has otherwise (~) than A: manifests, configuration field by field, layers with the steps that made them. Indexes are compared platform by platform. With --files the layers are read, those at the base that both share only once, and files are compared by content, mode, owner, link target and extended attributes; times do not count.",
  examples: [
    { command: "wharf diff alpine:3.20 alpine:3.21", does: "All platforms" },
    {
      command: "wharf diff localhost:5000/app:1.0 docker-daemon:app --files",
      does: "What the build here changes in the files of a release",
    },
    {
      command: "wharf diff app:a app:b --exit-code -q >/dev/null || echo differs",
      does: "In a script",
    },
  ],
  async run(call) {
    const { arguments: words, flags, output, signal } = call;
    const [from, to] = words as readonly [string, string];
    const [{ diffImages }, { parsePlatform }, { parseSize }, { diffLines }] = await Promise.all([
      import("../../image/diff/diff.ts"),
      import("../../reference/platform.ts"),
      import("../size.ts"),
      import("../diff-screen.ts"),
    ]);
    const limit = flags["max-unpacked"];
    const platform = flags.platform === undefined ? undefined : parsePlatform(flags.platform);
    const maxUnpacked = limit === undefined ? undefined : parseSize("max-unpacked", limit);
    const before = await openStore(call, from, ...wanted);
    const after = await openStore(call, to, ...wanted);
    const progress = flags.files ? await call.progress() : undefined;
    const found = await diffImages(before, after, {
      signal,
      files: flags.files,
      ...(platform && { platform }),
      ...(maxUnpacked !== undefined && { maxUnpacked }),
      onProgress: ({ digest, size }, bytes) => progress?.update(digest, bytes, size),
    }).finally(() => progress?.stop());
    const named = {
      ...found,
      from: { ...found.from, reference: before.name },
      to: { ...found.to, reference: after.name },
    };
    if (output.json) await output.value({ ...named, images: named.images.map(withSlashes) });
    else {
      const heading = (title: string) => output.style("bold", title);
      const columns = Math.max(80, output.columns);
      for (const line of diffLines(named, { columns, heading })) await output.line(line);
    }
    return flags["exit-code"] && !found.same ? 1 : 0;
  },
});
