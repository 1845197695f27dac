import { command } from "../command.ts";
import { usage, wholeNumber } from "../flags.ts";

const badges = ["official", "verified_publisher", "open_source", "none"] as const;

export default command({
  arguments: [{ name: "TERM", about: "What is looked for", repeated: true }],
  flags: {
    official: { about: "Only Docker's official images" },
    badge: { about: "Only with this badge", value: "BADGE", choices: badges, repeated: true },
    type: { about: "Only such", value: "TYPE", choices: ["image", "plugin", "extension"] },
    architecture: { about: "Only for this processor", value: "ARCH", repeated: true },
    os: { about: "Only for this operating system", value: "OS", repeated: true },
    category: { about: "Only of this category, by slug", value: "SLUG", repeated: true },
    sort: { about: "Best first by", value: "ORDER", choices: ["pull_count", "updated_at"] },
    limit: { about: "At most so many", value: "N", preset: "25" },
  },
  about: "Searches Docker Hub, as its page does. It needs no account.",
  examples: [
    { command: "wharf search nginx --official", does: "Is there an official image?" },
    { command: "wharf search web server --sort pull_count --limit 5", does: "The most pulled" },
    { command: "wharf search redis --json", does: "One result a line, for a script" },
  ],
  async run(call) {
    const { arguments: words, flags, output, signal } = call;
    const limit = wholeNumber("limit", flags.limit, { from: 1, to: 1000 });
    if (flags.official && flags.badge.length > 0)
      throw usage("--official is --badge official; give one of them");
    const chosen = flags.official ? ["official"] : flags.badge;
    const [{ openHub }, { printTable }] = await Promise.all([
      import("../hub/open.ts"),
      import("../hub/print.ts"),
    ]);
    const hub = await openHub(call);
    const list = (values: readonly string[]) => (values.length > 0 ? [...values] : undefined);
    const input = {
      query: words.join(" "),
      badges: list(chosen),
      type: flags.type,
      architectures: list(flags.architecture),
      operating_systems: list(flags.os),
      categories: list(flags.category),
      ...(flags.sort !== undefined && {
        sort: flags.sort as "pull_count" | "updated_at",
        order: "desc" as const,
      }),
    };
    const found = [];
    for await (const result of hub.search.query(input, { limit, signal }))
      if (output.json) await output.item(result);
      else found.push(result);
    if (output.json) return;
    await printTable(call, { id: "search.query" }, found, {});
    if (found.length === 0) output.note("Nothing was found");
  },
});
