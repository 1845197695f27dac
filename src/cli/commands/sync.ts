import { command } from "../command.ts";
import { parseDuration, parseInterval } from "../duration.ts";
import { usage, wholeNumber } from "../flags.ts";
import { formatDuration } from "../format.ts";
import { yesFlag } from "../shared-flags.ts";

export default command({
  arguments: [{ name: "FILE", about: "What is copied where, in YAML; - is standard input" }],
  flags: {
    "dry-run": { about: "Only compare, and show what would be done", short: "n" },
    jobs: { about: "Images at once", value: "N", preset: "6" },
    missing: { about: "Only tags that the target lacks; leave alone what would be updated" },
    "fail-fast": { about: "End at the first failure" },
    "keep-pulls": {
      about: "Stop while N pulls are left at a source that counts them as Docker Hub does",
      value: "N",
    },
    wait: { about: "With --keep-pulls: wait until pulls come back" },
    "max-wait": { about: "With --wait: not longer than this in all", value: "TIME", preset: "6h" },
    every: { about: "Do it again and again, with so much between: 30min, 6h, 1d", value: "TIME" },
    yes: yesFlag,
  },
  persists: true,
  about:
    "Images are compared by digest, which costs no pull, and what differs is copied as `wharf copy` does it, so that a run after an interruption does the rest. A failure stops nothing else: all are listed at the end, and the exit status is 1. Tags are deleted only where the file says `prune`. The format of the file: docs/sync.md. With --json each event is a line, the last one of type done.",
  examples: [
    { command: "wharf sync mirror.yaml --dry-run", does: "What would be copied?" },
    { command: "wharf sync mirror.yaml", does: "Copy it" },
    { command: "wharf sync mirror.yaml --every 6h --yes", does: "Keep it up to date" },
    { command: "wharf sync import regsync.yml | wharf sync -", does: "Run a file of regsync" },
  ],
  async run(call) {
    const {
      arguments: [path],
      flags,
      output,
      signal,
    } = call;
    const jobs = wholeNumber("jobs", flags.jobs, { from: 1, to: 64 });
    const every = flags.every === undefined ? undefined : parseInterval("every", flags.every);
    if (flags.wait && flags["keep-pulls"] === undefined)
      throw usage("--wait goes with --keep-pulls", "Write --keep-pulls 0 to use up all of them.");
    const longest = parseDuration("max-wait", flags["max-wait"]);
    const keep = wholeNumber("keep-pulls", flags["keep-pulls"] ?? "0", { from: 0 });
    if (every !== undefined && path === "-")
      throw usage("--every reads the file anew each time, which standard input cannot be");
    if (every !== undefined && flags["dry-run"])
      throw usage("--every and --dry-run do not go together");
    const { syncOnce, readSyncFile } = await import("../syncing.ts");
    const wish = {
      jobs,
      dryRun: flags["dry-run"],
      missing: flags.missing,
      failFast: flags["fail-fast"],
      pulls: { keep, wait: flags.wait ? longest : 0 },
      yes: flags.yes,
    };
    let file = await readSyncFile(call, path!);
    if (every === undefined) return syncOnce(call, file, wish);
    if (!flags.yes && file.entries.some(({ prune }) => prune !== undefined))
      throw usage("--every with `prune` in the file needs --yes", "Nobody is there to be asked.");
    const [{ repeat }, { isError }] = await Promise.all([
      import("../../sync/schedule.ts"),
      import("../../errors.ts"),
    ]);
    let first = true;
    await repeat(
      async () => {
        try {
          if (!first) file = await readSyncFile(call, path!);
        } catch (error) {
          if (signal.aborted || !isError(error)) throw error;
          output.warn(`${error.message}; going on with the file as it was`);
        }
        first = false;
        await syncOnce(call, file, wish);
      },
      {
        every,
        signal,
        onWait: (wait) =>
          output.json
            ? output.item({ type: "next", milliseconds: wait })
            : output.note(`Next run in ${formatDuration(wait)}`),
      },
    );
  },
});
