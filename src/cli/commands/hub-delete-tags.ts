import { command } from "../command.ts";
import { WharfError } from "../../errors.ts";
import { wholeNumber } from "../flags.ts";
import { count } from "../format.ts";
import { confirm } from "../prompt.ts";
import { readRules, ruleFlags } from "../prune-rules.ts";
import { yesFlag } from "../shared-flags.ts";

export default command({
  arguments: [{ name: "REPO", about: "Repository of Docker Hub: acme/app" }],
  flags: {
    ...ruleFlags,
    "dry-run": { about: "Only show what would go, and why", short: "n" },
    yes: yesFlag,
    jobs: { about: "Requests at once", value: "N", preset: "4" },
  },
  persists: true,
  about:
    "Like `wharf prune`, by Docker Hub's API: its registry deletes nothing. Dates are those of the last push. Other tags of an image that loses one live on. Each tag is looked at again before it goes, and left alone if it moved; one that is immutable is told and stays. Interrupted, run it again.",
  examples: [
    {
      command: "wharf hub delete-tags acme/app --match '^pr-' --older-than 90d --dry-run",
      does: "What would go?",
    },
    {
      command: "wharf hub delete-tags acme/app --keep-newest 20 --keep-match '^v' -y",
      does: "In a scheduled job",
    },
  ],
  async run(call) {
    const { arguments: words, flags, output, signal } = call;
    const { isAllowed } = await import("../../hub/client/guard.ts");
    const agreed = flags.yes || isAllowed(process.env);
    const rules = readRules(flags, Date.now());
    const concurrency = wholeNumber("jobs", flags.jobs, { from: 1, to: 16 });
    const [
      { openHub },
      { repositoryOf },
      { HubTags, deleteHubTags },
      { planPrune },
      { checkRules },
      screens,
    ] = await Promise.all([
      import("../hub/open.ts"),
      import("../hub/words.ts"),
      import("../../image/hubTags.ts"),
      import("../../image/prune/plan.ts"),
      import("../../image/prune/rules.ts"),
      import("../pruning.ts"),
    ]);
    checkRules(rules);
    const [namespace, repository] = repositoryOf(words[0]!);
    const name = `${namespace}/${repository}`;
    if (!flags["dry-run"] && !agreed && (output.json || !call.stdin.isTTY))
      throw new WharfError(
        "CONFIRMATION_REQUIRED",
        `Nobody is there to agree to deleting from ${name}`,
        {
          hint: "Look with --dry-run, then pass --yes.",
        },
      );
    const content = await call.repository({ registry: "docker.io", repository: name });
    const tags = new HubTags(await openHub(call), { namespace, repository }, content);
    const plan = await planPrune(tags, rules, { signal, concurrency });
    if (output.json && flags["dry-run"]) return output.value(screens.planValue(plan, name));
    const going = plan.tags.filter(({ action }) => action === "prune");
    if (!output.json && (!agreed || flags["dry-run"] || going.length === 0)) {
      const words = { olderThan: flags["older-than"] ?? "" };
      for (const line of screens.planLines(plan, words)) await output.line(line);
      output.note(screens.planSummary(plan));
    }
    if (flags["dry-run"] || going.length === 0) return;
    await output.flush();
    await confirm(call, `Delete ${count(going.length, "tag")} of ${name}?`, agreed);

    const result = await deleteHubTags(tags, plan, {
      signal,
      concurrency,
      onEvent(event) {
        if (output.json) return void output.item(screens.eventValue(event));
        const line = screens.eventLine(event, name);
        if (event.state === "deleted") void output.line(line);
        else output.note(line);
      },
    });
    const { failed } = result;
    if (output.json) await output.item({ type: "done", tags: result });
    else if (failed > 0) output.note("Not all could be deleted; run the same again to go on");
    return failed > 0 ? 1 : 0;
  },
});
