import { command } from "../command.ts";
import { wholeNumber } from "../flags.ts";
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
    const { arguments: words, flags } = call;
    const rules = readRules(flags, Date.now());
    const concurrency = wholeNumber("jobs", flags.jobs, { from: 1, to: 16 });
    const [{ pruneAtHub }, { repositoryOf }, { checkRules }] = await Promise.all([
      import("../hub/prune.ts"),
      import("../hub/words.ts"),
      import("../../image/prune/rules.ts"),
    ]);
    checkRules(rules);
    const [namespace, repository] = repositoryOf(words[0]!);
    return pruneAtHub(call, { namespace, repository }, { rules, concurrency, flags });
  },
});
