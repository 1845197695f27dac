import { parseLocation } from "../../reference/location.ts";
import { artifactFlags, fileArgument } from "../artifacts.ts";
import { command } from "../command.ts";
import { usage } from "../flags.ts";
import { platformFlag } from "../shared-flags.ts";

export default command({
  arguments: [
    { name: "REF", about: "Where to: REPOSITORY[:TAG] in a registry, oci:DIR[:TAG]" },
    fileArgument,
  ],
  flags: {
    type: { about: "Artifact type: what kind of thing it is", value: "TYPE" },
    ...artifactFlags,
    platform: {
      about: "What it is for, in place of a configuration",
      value: platformFlag.value,
      offers: platformFlag.offers,
    },
    tag: { about: "Another tag for it", value: "TAG", repeated: true },
  },
  persists: true,
  about:
    "Files become layers, named by their paths; folders become archives that pull unpacks again. oras pulls what wharf pushes, and the other way round. Without a tag only the digest names it. With SOURCE_DATE_EPOCH set, the same files give the same digest.",
  examples: [
    {
      command: "wharf push localhost:5000/models:v1 model.bin README.md:text/markdown",
      does: "Two files",
    },
    {
      command: "wharf push localhost:5000/site:v1 dist --type application/vnd.example.site",
      does: "A folder, with a type of its own",
    },
    {
      command: "pg_dump app | wharf push localhost:5000/dumps:today - --title app.sql",
      does: "What a pipe gives",
    },
  ],
  async run(call) {
    const {
      arguments: [text, ...words],
      flags,
    } = call;
    const nothing = words.length === 0 && flags.type === undefined && flags.config === undefined;
    if (nothing && flags.annotation.length === 0 && flags["annotation-file"] === undefined)
      throw usage("There is nothing to push", "Name files or folders after REF.");
    if (flags.config !== undefined && flags.platform !== undefined)
      throw usage("--config and --platform exclude each other");
    const location = parseLocation(text!);
    const digest =
      location.transport === "docker" ? location.reference.digest : "digest" in location;
    if (digest)
      throw usage(
        `'${text}' names a digest`,
        "What is pushed gets its own; name a tag or nothing.",
      );

    const [{ printPushed, readWanted, withProgress }, { openTarget }, { pushArtifact }] =
      await Promise.all([
        import("../artifacts.ts"),
        import("../../transfer/location.ts"),
        import("../../image/artifacts/index.ts"),
      ]);
    const { parsePlatform } = await import("../../reference/platform.ts");
    const { files, options } = await readWanted(call, words, flags);
    const started = performance.now();
    const target = await openTarget(location, { pinned: true }, await call.openContext());
    try {
      if (target.imagesOnly)
        throw usage(`${text} takes container images only`, "Push to a registry or to oci:DIR.");
      const { result: pushed, there } = await withProgress(
        call,
        "what was pushed whole is kept",
        (onEvent) =>
          pushArtifact(target.store, files, {
            ...options,
            onEvent,
            tag: [...target.tags, ...flags.tag],
            ...(flags.type !== undefined && { artifactType: flags.type }),
            ...(flags.platform !== undefined && { platform: parsePlatform(flags.platform) }),
          }),
      );
      await target.finish();
      await printPushed(call, location, pushed, { there, started });
      if (pushed.tags.length === 0) call.output.note("It has no tag: only its digest names it");
    } finally {
      await target.abort();
    }
  },
});
