import { command } from "../command.ts";
import type { Totals } from "../../transfer/event.ts";
import { usage, wholeNumber } from "../flags.ts";
import { parseDuration } from "../duration.ts";
import { count, formatBytes, formatDuration } from "../format.ts";
import { platformFlag } from "../shared-flags.ts";

export default command({
  arguments: [
    {
      name: "SRC",
      about:
        "REF, oci:DIR[:TAG], oci-archive:FILE, docker-archive:FILE (- for a pipe) or docker-daemon:NAME",
    },
    { name: "DST", about: "The same forms; without a tag it gets the source's" },
  ],
  flags: {
    platform: {
      about: "Copy only these of an index; one gives its manifest, several a reduced index",
      value: "OS/ARCH[/VARIANT]",
      repeated: true,
      offers: platformFlag.offers,
    },
    tag: { about: "Another tag for the same image in the target", value: "TAG", repeated: true },
    "no-referrers": { about: "Leave signatures, SBOMs and attestations that refer to it behind" },
    "all-tags": { about: "Copy every tag of the repository" },
    match: { about: "With --all-tags: only tags that this regular expression finds", value: "RE" },
    plan: { about: "Only say what it would cost: manifests, blobs, bytes, pulls" },
    "keep-pulls": {
      about: "Stop while N pulls are left at the source, where it counts them as Docker Hub does",
      value: "N",
    },
    wait: { about: "With --keep-pulls: wait until pulls come back" },
    "max-wait": { about: "With --wait: not longer than this in all", value: "TIME", preset: "6h" },
    jobs: { about: "Requests to each host at once", value: "N", preset: "6" },
    verify: { about: "Also hash between two registries, where the target has to verify anyway" },
    sync: { about: "Into a layout: end only when it would survive a power cut" },
  },
  persists: true,
  about:
    "Copies whole indexes, and what refers to the image: signatures, SBOMs, attestations. Nothing is sent that the target has, and the tag is set last, so an interrupted copy is resumed by running it again. A single-platform target (docker-archive, docker-daemon) takes this machine's platform where none is given. With --json each event is a line, the last one of type done.",
  examples: [
    {
      command: "wharf copy alpine localhost:5000/alpine",
      does: "From Docker Hub into a local registry",
    },
    {
      command: "wharf copy alpine oci:alpine --platform linux/amd64 --platform linux/arm64",
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
    {
      command: "wharf copy nginx localhost:5000/nginx --keep-pulls 20 --wait",
      does: "Leave some of Docker Hub's pulls to others",
    },
  ],
  async run(call) {
    const { arguments: words, flags, output, signal } = call;
    const [from, to] = words as readonly [string, string];
    const concurrency = wholeNumber("jobs", flags.jobs, { from: 1, to: 64 });
    if (flags.match !== undefined && !flags["all-tags"])
      throw usage("--match goes with --all-tags");
    if (flags["all-tags"] && (flags.platform.length > 0 || flags.tag.length > 0))
      throw usage("--all-tags copies tags as they are; it takes no --platform and no --tag");
    if (flags.wait && flags["keep-pulls"] === undefined)
      throw usage("--wait goes with --keep-pulls", "Write --keep-pulls 0 to use up all of them.");
    const keep =
      flags["keep-pulls"] === undefined
        ? undefined
        : wholeNumber("keep-pulls", flags["keep-pulls"], { from: 0 });
    const longest = parseDuration("max-wait", flags["max-wait"]);
    const toPipe = /^(oci|docker)-archive:-(:|$)/.test(to);
    if (output.json && toPipe && !flags.plan)
      throw usage("--json and an archive cannot both go to standard output");
    if (toPipe && output.stdout.isTTY && !flags.plan)
      throw usage(
        "An archive would garble the terminal",
        "Pipe it on, as in `… | docker load`, or write it to a file.",
      );

    const [{ copyImages }, planning] = await Promise.all([
      import("../copying.ts"),
      flags.plan || keep !== undefined ? import("../planning.ts") : undefined,
    ]);
    const budget = planning?.openBudget(call, { keep: keep ?? 0, wait: flags.wait ? longest : 0 });
    const started = performance.now();
    const copied = await copyImages(call, from, to, {
      allTags: flags["all-tags"],
      ...(flags.match !== undefined && { matches: await matching(flags.match) }),
      platforms: flags.platform,
      tags: flags.tag,
      durable: flags.sync,
      plan: flags.plan,
      ...(budget && { budget }),
      options: {
        concurrency,
        verify: flags.verify,
        signal,
        ...(flags["no-referrers"] && { referrers: false }),
      },
    });
    if (flags.plan && planning && budget) return planning.printPlan(output, copied, budget);
    if (output.json) return;
    const { images, totals } = copied;
    if (toPipe) output.note("Written to standard output");
    else for (const { name, digest } of images) await output.line(`${name}@${digest}`);
    if (images.length === 0) output.note("No tag matches: nothing was copied");
    else output.note(`${summaryOf(totals)}, ${formatDuration(performance.now() - started)}`);
  },
});

async function matching(expression: string | undefined) {
  const { compileMatch } = await import("../match.ts");
  return compileMatch(expression);
}

/** What was done, in a few words. */
function summaryOf({ blobs, bytes, manifests, referrers }: Totals): string {
  const there = blobs.existing + manifests.existing;
  if (blobs.copied + blobs.mounted + manifests.copied === 0) return "Everything was there already";
  const parts = [
    blobs.copied > 0 && `${count(blobs.copied, "blob")} copied (${formatBytes(bytes.copied)})`,
    blobs.mounted > 0 && `${count(blobs.mounted, "blob")} mounted`,
    blobs.copied + blobs.mounted === 0 && `${count(manifests.copied, "manifest")} copied`,
    there > 0 && `${there} there already`,
    referrers > 0 && `${count(referrers, "referrer")} taken along`,
    blobs.skipped > 0 && `${blobs.skipped} left where they are distributed`,
  ];
  return parts.filter(Boolean).join(", ");
}
