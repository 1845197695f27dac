import { command } from "../command.ts";
import { openRepository } from "../open.ts";
import { printable } from "../format.ts";
import { compileMatch } from "../match.ts";
import { wholeNumber } from "../flags.ts";

export default command({
  arguments: [{ name: "REPO", about: "Repository, or oci:DIR, oci-archive:FILE" }],
  flags: {
    match: { about: "Only tags that this regular expression finds", value: "RE" },
    sort: {
      about: "registry: as they come, and shown as they come; version: 1.9 before 1.10",
      value: "ORDER",
      preset: "registry",
      choices: ["registry", "name", "version"],
    },
    reverse: { about: "Last first", short: "r" },
    limit: { about: "At most so many", value: "N" },
    "digest-tags": { about: "Also tags such as sha256-….sig, which hold signatures" },
  },
  examples: [
    {
      command: "wharf tags alpine --match '^3\\.' --sort version --reverse --limit 5",
      does: "The newest releases of alpine 3",
    },
    { command: "wharf tags localhost:5000/app --json", does: "One JSON object a line" },
  ],
  async run(call) {
    const {
      arguments: [text],
      flags,
      output,
      signal,
    } = call;
    const matches = compileMatch(flags.match);
    const limit =
      flags.limit === undefined ? Infinity : wholeNumber("limit", flags.limit, { from: 1 });
    const { store } = await openRepository(call, text!, "listTags");
    const { isDigestTag } = await import("../../reference/digestTags.ts");
    const wanted = (tag: string) => matches(tag) && (flags["digest-tags"] || !isDigestTag(tag));
    const print = (tag: string) =>
      output.json ? output.item({ tag }) : output.line(printable(tag));

    if (flags.sort === "registry" && !flags.reverse) {
      let left = limit;
      // Written as they come, many at a time: a repository may have hundreds of thousands.
      for await (const tag of store.listTags({ signal })) {
        if (!wanted(tag)) continue;
        await print(tag);
        if (--left === 0) break;
      }
      return;
    }
    const tags: string[] = [];
    for await (const tag of store.listTags({ signal })) if (wanted(tag)) tags.push(tag);
    if (flags.sort === "name") tags.sort();
    if (flags.sort === "version") {
      const { compareVersions } = await import("../versions.ts");
      tags.sort(compareVersions);
    }
    if (flags.reverse) tags.reverse();
    for (const tag of tags.slice(0, limit)) await print(tag);
  },
});
