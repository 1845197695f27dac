import { command } from "../command.ts";
import { wholeNumber } from "../flags.ts";

export default command({
  arguments: [{ name: "REPO", about: "Repository of Docker Hub: nginx, acme/app" }],
  flags: {
    limit: { about: "At most so many", value: "N", preset: "25" },
    all: { about: "All of them" },
    os: { about: "Only tags with an image for this operating system", value: "OS" },
    architecture: { about: "Only tags with an image for this processor", value: "ARCH" },
  },
  about:
    "Sizes are compressed. Dates and platforms are what Docker Hub says; no image is asked for, so nothing counts as a pull.",
  examples: [
    { command: "wharf hub tags nginx", does: "The tags that were pushed last" },
    { command: "wharf hub tags acme/app --all --json", does: "Every tag, one a line" },
  ],
  async run(call) {
    const { arguments: words, flags, output, signal } = call;
    const limit = flags.all
      ? Number.POSITIVE_INFINITY
      : wholeNumber("limit", flags.limit, { from: 1 });
    const [{ openHub }, { printTable }, { repositoryOf }] = await Promise.all([
      import("../hub/open.ts"),
      import("../hub/print.ts"),
      import("../hub/words.ts"),
    ]);
    const [namespace, repository] = repositoryOf(words[0]!);
    const { os, architecture } = flags;
    const hub = await openHub(call);
    const tags = hub.tags.list({ namespace, repository, os, architecture }, { limit, signal });
    const rows = [];
    for await (const tag of tags)
      if (output.json) await output.item(tag);
      else rows.push(tag);
    if (output.json) return;
    await printTable(call, { id: "tags.list" }, rows, {});
    if (rows.length === 0) output.note("It has no tags");
    else if (rows.length === limit)
      output.note(`The first ${limit}; --all or --limit N shows more`);
  },
});
