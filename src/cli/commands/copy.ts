import { command } from "../command.ts";
import { usage } from "../flags.ts";
import { compileMatch } from "../match.ts";
import { formatBytes, formatDuration } from "../format.ts";

export default command({
  arguments: [
    {
      name: "SRC",
      about: "REF, oci:DIR[:TAG], oci-archive:FILE, docker-archive:FILE, docker-daemon:NAME",
    },
    { name: "DST", about: "The same; where it names no tag it gets the source's" },
  ],
  flags: {
    platform: {
      about: "Copy only these of an index; one gives its manifest, several a reduced index",
      value: "OS/ARCH[/VARIANT]",
      repeated: true,
    },
    tag: { about: "Another tag for the same image in the target", value: "TAG", repeated: true },
    "no-referrers": { about: "Leave signatures, SBOMs and attestations that refer to it behind" },
    "all-tags": { about: "Copy every tag of the repository" },
    match: { about: "With --all-tags: only tags that this regular expression finds", value: "RE" },
    jobs: { about: "Requests to each host at once", value: "N", preset: "6" },
    verify: { about: "Also hash between two registries, where the target has to verify anyway" },
  },
  about:
    "Copies whole indexes, and what refers to the image: signatures, SBOMs, attestations. Nothing is sent that the target has, and the tag is set last, so an interrupted copy is resumed by running it again. A single-platform target (docker-archive, docker-daemon) takes this machine's platform where none is given. With --json each event is a line, the last one of type done.",
  examples: [
    {
      command: "wharf copy alpine localhost:5000/alpine",
      does: "From Docker Hub into a local registry",
    },
    {
      command:
        "wharf copy ghcr.io/org/app:v1 oci:app:v1 --platform linux/amd64 --platform linux/arm64",
      does: "Two platforms into an OCI layout",
    },
    {
      command: "wharf copy ghcr.io/org/app:v1 docker-archive:- | docker load",
      does: "Into the local daemon, through a pipe",
    },
    {
      command: "wharf copy old.example.com/app new.example.com/app --all-tags",
      does: "A whole repository",
    },
  ],
  async run(call) {
    const { arguments: words, flags, output, signal } = call;
    const concurrency = Number(flags.jobs);
    if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > 64)
      throw usage("--jobs is a whole number from 1 to 64");
    if (flags.match !== undefined && !flags["all-tags"])
      throw usage("--match goes with --all-tags");
    if (flags["all-tags"] && (flags.platform.length > 0 || flags.tag.length > 0))
      throw usage("--all-tags copies tags as they are; it takes no --platform and no --tag");
    if (output.json && words[1]!.endsWith(":-"))
      throw usage("--json and an archive cannot both go to standard output");
    const matches = flags.match === undefined ? undefined : compileMatch(flags.match);

    const { copyImages } = await import("../copying.ts");
    const started = performance.now();
    const done = await copyImages(call, words[0]!, words[1]!, {
      allTags: flags["all-tags"],
      matches,
      platforms: flags.platform,
      tags: flags.tag,
      options: {
        concurrency,
        verify: flags.verify,
        signal,
        ...(flags["no-referrers"] ? { referrers: false } : {}),
      },
    });
    const elapsed = performance.now() - started;
    if (output.json) return;
    if (words[1]!.endsWith(":-")) output.note("Written to standard output");
    else for (const { name, digest } of done.images) await output.line(`${name}@${digest}`);
    const { blobs, bytes, manifests, referrers } = done.totals;
    const parts = [
      `${blobs.copied} ${blobs.copied === 1 ? "blob" : "blobs"} copied (${formatBytes(bytes.copied)})`,
      blobs.mounted > 0 && `${blobs.mounted} mounted`,
      blobs.existing + manifests.existing > 0 &&
        `${blobs.existing + manifests.existing} there already`,
      referrers > 0 && `${referrers} ${referrers === 1 ? "referrer" : "referrers"} taken along`,
      formatDuration(elapsed),
    ];
    output.note(parts.filter(Boolean).join(", "));
  },
});
