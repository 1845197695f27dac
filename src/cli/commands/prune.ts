import { command } from "../command.ts";
import { WharfError } from "../../errors.ts";
import { usage, wholeNumber } from "../flags.ts";
import { count } from "../format.ts";
import { hubPlaceOf } from "../hub/place.ts";
import { openRepository, bareRepositoryName } from "../open.ts";
import { confirm } from "../prompt.ts";
import { readRules, ruleFlags } from "../prune-rules.ts";
import { platformFlag, yesFlag } from "../shared-flags.ts";

export default command({
  arguments: [{ name: "REPO", about: "Repository, or oci:DIR" }],
  flags: {
    ...ruleFlags,
    "include-untagged": {
      about: "Also the manifests that have no tag then, with what belongs to them",
    },
    "dry-run": { about: "Only show what would go, and why", short: "n" },
    yes: yesFlag,
    platform: { ...platformFlag, about: "Date an index by this image, not by its newest" },
    jobs: { about: "Requests at once", value: "N", preset: "6" },
  },
  persists: true,
  about:
    "A tag goes only if no rule keeps it. Dates are those of `wharf tags --dates`; a tag of unknown date is never one of the newest, and stays where age decides. Each tag is resolved again before it goes, and left alone if it moved; other tags on the same image live on. Children of indexes that stay and what refers to images that stay are never touched. At Docker Hub its API deletes, since its registry does not. Interrupted, run it again. Off a terminal --yes is needed.",
  examples: [
    {
      command: "wharf prune localhost:5000/app --keep-newest 10 --keep-match '^v\\d' --dry-run",
      does: "What would go?",
    },
    {
      command: "wharf prune localhost:5000/app --match '^pr-' --older-than 30d --yes",
      does: "Builds of pull requests, after a month",
    },
  ],
  async run(call) {
    const {
      arguments: [text],
      flags,
      output,
      signal,
    } = call;
    const rules = readRules(flags, Date.now());
    const concurrency = wholeNumber("jobs", flags.jobs, { from: 1, to: 64 });
    const [{ planPrune }, { checkRules }, { datingFor }] = await Promise.all([
      import("../../image/prune/plan.ts"),
      import("../../image/prune/rules.ts"),
      import("../dating.ts"),
    ]);
    checkRules(rules);
    const place = hubPlaceOf(call.config, bareRepositoryName(text!));
    if (place !== undefined) {
      if (flags["include-untagged"] || flags.platform !== undefined)
        throw usage(
          "Docker Hub deletes tags, and dates them itself",
          "Leave out --include-untagged and --platform.",
        );
      const { pruneAtHub } = await import("../hub/prune.ts");
      return pruneAtHub(call, place, { rules, concurrency: Math.min(concurrency, 16), flags });
    }
    if (!flags["dry-run"] && !flags.yes && (output.json || !call.stdin.isTTY))
      throw new WharfError("CONFIRMATION_REQUIRED", `Nobody is there to agree to pruning ${text}`, {
        hint: "Look with --dry-run, then pass --yes.",
      });
    const { store, repository } = await openRepository(
      call,
      text!,
      "listTags",
      "resolve",
      "fetchManifest",
      "fetchBlob",
      "pushManifest",
      "deleteTag",
      "deleteManifest",
      "deleteBlob",
    );
    const { platform } = flags;
    const plan = await planPrune(
      store,
      rules,
      await datingFor(call, { platform, concurrency, repository }),
    );
    const { planLines, planSummary, planValue, eventLine, eventValue } =
      await import("../pruning.ts");
    const going = plan.tags.filter(({ action }) => action === "prune").length;
    const manifests = plan.manifests.length;
    const nothing = going + manifests === 0;
    const asking = !flags.yes || flags["dry-run"];
    if (output.json && flags["dry-run"]) return output.value(planValue(plan, repository));
    const words = { olderThan: flags["older-than"] ?? "" };
    if (!output.json && (asking || nothing)) {
      for (const line of planLines(plan, words)) await output.line(line);
      output.note(planSummary(plan));
    }
    if (flags["dry-run"] || (nothing && !output.json)) return;
    if (!flags.yes && !nothing) {
      const what = [count(going, "tag"), manifests > 0 && count(manifests, "manifest")];
      const question = `Delete ${what.filter(Boolean).join(" and ")} of ${repository}?`;
      await output.flush();
      await confirm(call, question, false);
    }
    const { executePrune } = await import("../../image/prune/execute.ts");
    const result = await executePrune(store, plan, {
      signal,
      concurrency: Math.min(concurrency, 4),
      onEvent(event) {
        if (output.json) return void output.item(eventValue(event));
        if (event.state === "deleted") return void output.line(eventLine(event, repository));
        output.note(eventLine(event, repository));
      },
    });
    if (output.json) await output.item({ type: "done", ...result });
    else if (result.tags.failed + result.manifests.failed > 0)
      output.note("Not all could be deleted; run the same again to go on");
    return result.tags.failed + result.manifests.failed > 0 ? 1 : 0;
  },
});
