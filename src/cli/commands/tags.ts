import { command } from "../command.ts";
import { openRepository } from "../open.ts";
import { formatTable, printable } from "../format.ts";
import { checkMatch, matching } from "../match.ts";
import { usage, wholeNumber } from "../flags.ts";
import type { TagFilter, TagOrder } from "../../image/tags/filter.ts";
import { platformFlag } from "../shared-flags.ts";

export default command({
  arguments: [{ name: "REPO", about: "Repository, or oci:DIR, oci-archive:FILE" }],
  flags: {
    newest: {
      about: "Only the N newest, newest first: by date, or with --sort semver by version",
      value: "N",
    },
    sort: {
      about:
        "registry: as they come (default); name; semver, date: newest first, with what is no version or has no known date at the end",
      value: "ORDER",
      choices: ["registry", "name", "semver", "date"],
    },
    dates: { about: "Show when each was pushed or made, and where that is said" },
    match: { about: "Only tags that this regular expression finds", value: "RE" },
    exclude: { about: "No tags that this regular expression finds", value: "RE" },
    semver: {
      about: "Only versions in a range: '>=1.25 <2', '^1.25', '^1.25-alpine'",
      value: "RANGE",
    },
    reverse: { about: "Last first; with semver and date, oldest first", short: "r" },
    limit: { about: "At most so many", value: "N" },
    platform: { ...platformFlag, about: "Date an index by this image, not by its newest" },
    "digest-tags": { about: "Also tags such as sha256-….sig, which hold signatures" },
    jobs: { about: "Requests at once, for dates", value: "N", preset: "6" },
  },
  about:
    "A date is that of the push where the registry tells it, else what the image's configuration says (created), else an annotation. Dates that are missing, in the future or placeholders (the year 1, 1970, 1980) are unknown. They cost a HEAD for each tag, and two or three requests more for each image that was never looked at; Docker Hub counts these as pulls.",
  examples: [
    { command: "wharf tags localhost:5000/app --newest 5", does: "What was made last, with dates" },
    {
      command: "wharf tags alpine --match '^3\\.' --sort semver --limit 5",
      does: "The highest versions of alpine 3",
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
    checkMatch(flags.match);
    checkMatch(flags.exclude, "exclude");
    const number = (flag: "limit" | "newest") =>
      flags[flag] === undefined ? undefined : wholeNumber(flag, flags[flag], { from: 1 });
    const [limit = Infinity, newest] = [number("limit"), number("newest")];
    const concurrency = wholeNumber("jobs", flags.jobs, { from: 1, to: 64 });
    if (newest !== undefined && flags.sort === "registry")
      throw usage("--newest has an order of its own", "Leave --sort registry out.");
    const sort =
      flags.sort === "registry" ? undefined : ((flags.sort as TagOrder | undefined) ?? undefined);
    const dated = flags.dates || sort === "date" || (newest !== undefined && sort !== "semver");
    const { store, repository } = await openRepository(
      call,
      text!,
      "listTags",
      "resolve",
      "fetchManifest",
      "fetchBlob",
    );
    const { isDigestTag } = await import("../../reference/digestTags.ts");
    const listed = ofImages(
      store.listTags({ signal }),
      flags["digest-tags"] ? undefined : isDigestTag,
    );
    const tags = matching(listed, flags.match);

    const print = (tag: string) =>
      output.json ? output.item({ tag }) : output.line(printable(tag));
    const orderless = sort === undefined && newest === undefined && !flags.reverse;
    if (orderless && !dated && flags.semver === undefined && flags.exclude === undefined) {
      let left = limit;
      // Written as they come, many at a time: a repository may have hundreds of thousands.
      for await (const tag of tags) {
        await print(tag);
        if (--left === 0) break;
      }
      return;
    }
    const { filterTags, orderTags } = await import("../../image/tags/filter.ts");
    const filter: TagFilter = {
      ...(flags.exclude !== undefined && { exclude: flags.exclude }),
      ...(flags.semver !== undefined && { semver: flags.semver }),
      ...(newest !== undefined && { newest }),
      ...(sort !== undefined && { sort }),
      reverse: flags.reverse,
    };
    const all: string[] = [];
    for await (const tag of tags) all.push(tag);
    const left = await filterTags(filter, all);
    if (!dated) {
      for (const tag of orderTags(filter, left).slice(0, limit)) await print(tag);
      return;
    }
    // What the dates do not decide is not asked for.
    const decided = sort === "date" || (newest !== undefined && sort !== "semver");
    const wanted = decided ? left : orderTags(filter, left).slice(0, limit);
    await printDated(call, store, wanted, {
      concurrency,
      platform: flags.platform,
      repository,
      order: decided
        ? (found, dates) => orderTags(filter, found, dates).slice(0, limit)
        : undefined,
    });
  },
});

type Store = Parameters<typeof import("../../image/tags/dates.ts").dateTags>[0];
type Order = (tags: readonly string[], dates: ReadonlyMap<string, number>) => string[];

async function printDated(
  call: Parameters<typeof import("../dating.ts").datingFor>[0],
  store: Store,
  tags: readonly string[],
  options: {
    readonly concurrency: number;
    readonly platform: string | undefined;
    readonly repository: string;
    readonly order: Order | undefined;
  },
): Promise<void> {
  const { output } = call;
  const [{ dateTags, knownDates }, { datingFor, dateCells, dateFields }] = await Promise.all([
    import("../../image/tags/dates.ts"),
    import("../dating.ts"),
  ]);
  const found = await dateTags(store, tags, await datingFor(call, options));
  const byTag = new Map(found.map((one) => [one.tag, one]));
  const names = [...byTag.keys()];
  const ordered = (options.order?.(names, knownDates(found)) ?? names).map((tag) =>
    byTag.get(tag)!,
  );
  if (output.json) {
    for (const one of ordered) {
      const { tag, digest } = one;
      await output.item({ tag, ...(digest !== undefined && { digest }), ...dateFields(one) });
    }
    return;
  }
  const now = Date.now();
  const rows = ordered.map((one) => [one.tag, ...dateCells(one, now)]);
  for (const line of formatTable([{}, {}, {}, {}], rows)) await output.line(line);
  const unknown = found.filter(({ date }) => date === undefined).length;
  if (unknown > 0 && ordered.every(({ date }) => date !== undefined))
    output.note(`${unknown} more have no known date; --sort date shows them too`);
}

/** Without those that only hold what is attached to images. */
async function* ofImages(
  tags: AsyncIterable<string>,
  isDigestTag: ((tag: string) => boolean) | undefined,
): AsyncGenerator<string, void, undefined> {
  for await (const tag of tags) if (!isDigestTag?.(tag)) yield tag;
}
