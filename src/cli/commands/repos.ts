import { command } from "../command.ts";
import { printable } from "../format.ts";
import { checkMatch, matching } from "../match.ts";

export default command({
  arguments: [{ name: "HOST", about: "Registry, with port or as a URL" }],
  flags: { match: { about: "Only repositories that this regular expression finds", value: "RE" } },
  about:
    "None is an empty list and no failure. Docker Hub gives nobody a list of all its repositories.",
  examples: [
    { command: "wharf repos localhost:5000", does: "What is in the local registry?" },
    {
      command: "wharf repos registry.example.com --match '^team/'",
      does: "Only those of one team",
    },
  ],
  async run({ arguments: [host], flags, output, registry, signal }) {
    checkMatch(flags.match);
    const remote = await registry(host!);
    for await (const repository of matching(remote.listRepositories({ signal }), flags.match))
      await (output.json ? output.item({ repository }) : output.line(printable(repository)));
  },
});
